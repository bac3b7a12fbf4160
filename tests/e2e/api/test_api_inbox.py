"""The inbox and the levels, over HTTP."""

import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town, let_in, start_community
from tests.e2e.api.waiting import eventually

QUESTION = {"kind": "question", "title": "Who knows?", "text": "Tell me."}


@pytest.fixture
def pair(town: Town, neighbours: Neighbours) -> tuple[Person, Person, str]:
    """Two people of two organisations in a community of their own."""
    asker, reader = town.person(neighbours.first, "As Ker"), town.person(neighbours.second, "Rea Der")
    community = start_community(asker, "closed")
    let_in(asker, community, reader)
    return asker, reader, community


def titles(person: Person, **query: str) -> list[str]:
    return [item["title"] for item in person.get("/v1/inbox", **query).json()["items"]]


def test_a_question_arrives_is_counted_and_read(pair: tuple[Person, Person, str]) -> None:
    asker, reader, community = pair
    thread = asker.made(f"/v1/communities/{community}/threads", QUESTION)["thread"]
    eventually(lambda: titles(reader, community=community) == ["Who knows?"])
    (notification,) = reader.get("/v1/inbox").json()["items"]
    assert notification["reasons"] and notification["link"].endswith(thread)
    unread = reader.get("/v1/inbox/unread").json()
    assert (unread["unread"], unread["communities"][0]["community"]) == (1, community)

    read = reader.change("PUT", f"/v1/inbox/{notification['notification']}/read")
    assert (read.status_code, read.json()["read_at"] is not None) == (200, True)
    assert reader.get("/v1/inbox/unread").json()["unread"] == 0
    assert titles(reader, unread="true") == []
    other = asker.change("PUT", f"/v1/inbox/{notification['notification']}/read")
    assert other.status_code == 404


def test_all_is_read_at_once(pair: tuple[Person, Person, str]) -> None:
    asker, reader, community = pair
    for number in range(3):
        asker.made(f"/v1/communities/{community}/threads", QUESTION | {"title": f"Question {number}"})
    eventually(lambda: reader.get("/v1/inbox/unread").json()["unread"] == 3)
    page = reader.get("/v1/inbox", limit=2)
    assert page.json()["next"] and 'rel="next"' in page.headers["link"]
    answer = reader.change("PUT", "/v1/inbox/read", {"community": community})
    assert (answer.status_code, answer.json()["unread"]) == (200, 0)


def test_up_to_long_ago_nothing_is_read_and_outside_the_calendar_is_no_moment(
    pair: tuple[Person, Person, str],
) -> None:
    asker, reader, community = pair
    asker.made(f"/v1/communities/{community}/threads", QUESTION)
    eventually(lambda: reader.get("/v1/inbox/unread").json()["unread"] == 1)
    for until in ("1969-12-31T23:59:59Z", "0700-01-06T22:53:54+12:36", "0001-01-01T00:00:00Z"):
        answer = reader.change("PUT", "/v1/inbox/read", {"until": until})
        assert (answer.status_code, answer.json().get("unread")) == (200, 1), until
    for until in ("0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"):
        answer = reader.change("PUT", "/v1/inbox/read", {"until": until})
        assert answer.status_code == 422, until
        assert [one["where"] for one in answer.json()["errors"]] == ["until"]


def test_levels_say_how_much_to_be_told(pair: tuple[Person, Person, str]) -> None:
    asker, reader, community = pair
    thread = asker.made(f"/v1/communities/{community}/threads", QUESTION)["thread"]
    eventually(lambda: titles(reader) == ["Who knows?"])
    silenced = reader.change("PUT", f"/v1/threads/{thread}/level", {"level": "nothing"})
    assert (silenced.status_code, silenced.json()) == (200, {"thread": thread, "level": "nothing"})
    quieter = reader.change("PUT", f"/v1/communities/{community}/level", {"level": "mentions and answers"})
    assert (quieter.status_code, quieter.json()["level"]) == (200, "mentions and answers")
    by_community = reader.get("/v1/levels/communities").json()["items"]
    assert [item["level"] for item in by_community if item["community"] == community] == [
        "mentions and answers"
    ]
    assert reader.get("/v1/levels/threads").json()["items"] == [{"thread": thread, "level": "nothing"}]


def test_levels_of_what_one_may_not_know_are_not_found(neighbours: Neighbours) -> None:
    level = {"level": "all"}
    assert (
        neighbours.huw.change("PUT", f"/v1/communities/{neighbours.community}/level", level).status_code
        == 404
    )
    assert neighbours.huw.change("PUT", f"/v1/threads/{neighbours.thread}/level", level).status_code == 404
