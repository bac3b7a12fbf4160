"""The last page of `make up` names what is there, and its command is one that can be pasted."""

import json
import re
import shlex

import pytest
from pydantic import ValidationError

from deploy.node.welcome import Demo, welcome

DEMO = Demo.model_validate(
    {
        "community": {"id": "6561c0ffee0123456789abcd", "name": "Falls & balance, at home"},
        "people": [
            {
                "name": "Amina O'Neill",
                "organisation": "Northern Board",
                "role": "facilitator",
                "token": "t1",
                "email": "amina@example.org",
            },
            {"name": "Björn Lund", "organisation": "Harbour Council", "role": "member", "token": "t2"},
            {"name": "Chen Wei", "organisation": "Hill University", "role": "member", "token": "t3"},
        ],
        "made_by": "a later version, which says more",
    }
)


def page() -> str:
    addresses = {"Prometheus": "http://127.0.0.1:8890"}
    return welcome("http://127.0.0.1:8800", "http://127.0.0.1:8801", DEMO, addresses)


def commands() -> list[list[str]]:
    joined = page().replace("\\\n", " ")
    return [shlex.split(line) for line in joined.splitlines() if line.strip().startswith("curl")]


def test_everybody_who_can_sign_in_is_named_with_organisation_and_token() -> None:
    for person in DEMO.people:
        assert f"{person.name}, {person.role}, {person.organisation}" in page()
        assert person.token in page() and (person.email or "") in page()


def test_the_addresses_are_the_ones_given() -> None:
    assert "http://127.0.0.1:8800/v1/docs" in page()
    assert "http://127.0.0.1:8801" in page()
    assert "http://127.0.0.1:8800/sign-in" in page()
    assert "http://127.0.0.1:8890" in page()


def test_the_first_person_asks_and_the_second_looks_into_the_inbox() -> None:
    ask, look = commands()
    assert "http://127.0.0.1:8800/v1/communities/6561c0ffee0123456789abcd/threads" in ask
    assert "Authorization: Bearer t1" in ask and "Authorization: Bearer t2" in look
    assert json.loads(ask[ask.index("-d") + 1])["kind"] == "question"


def test_who_pastes_everything_at_once_looks_when_the_question_has_arrived() -> None:
    between = page().partition("/threads")[2].partition("/v1/inbox")[0]
    assert re.search(r"^  sleep [1-9]", between, re.MULTILINE)


def test_the_question_is_one_that_the_api_takes() -> None:
    from shared.contracts.calls.discussion import NewThread

    ask, _ = commands()
    assert NewThread.model_validate_json(ask[ask.index("-d") + 1]).title


def test_demo_data_without_a_token_are_refused() -> None:
    with pytest.raises(ValidationError, match="token"):
        Demo.model_validate({"community": {"id": "a", "name": "b"}, "people": [{"name": "A"}]})


def changed(**how: object) -> str:
    demo = Demo.model_validate({**DEMO.model_dump(), **how})
    return welcome("http://127.0.0.1:8800", "http://127.0.0.1:8801", demo, {})


def test_who_is_gone_is_named_and_the_next_one_takes_their_part() -> None:
    page = changed(people=DEMO.people[1:], gone=["Amina O'Neill"], refused=["Amina O'Neill: No such member."])
    assert "No longer there to sign in: Amina O'Neill." in page
    assert "  Amina O'Neill: No such member." in page
    assert "Björn Lund asks. Chen Wei" in page and "Bearer t2" in page and "Bearer t3" in page


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"people": [], "gone": ["A", "B", "C"]}, "fewer than two"),
        ({"people": [one.model_copy(update={"role": None}) for one in DEMO.people]}, "fewer than two"),
        ({"community": DEMO.community.model_copy(update={"archived": True})}, "archived"),
    ],
)
def test_where_nobody_can_ask_another_the_page_says_why(how: dict[str, object], why: str) -> None:
    page = changed(**how)
    assert why in page and "curl" not in page
    assert "http://127.0.0.1:8800/v1/docs" in page and "`make status`" in page
