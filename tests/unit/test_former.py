"""What is remembered of an answer, without somebody who was erased."""

import json
from typing import Any

import pytest

from shared.contracts import former

ZEBEDEE, BOB = "a" * 24, "b" * 24
POST = {
    "post": "c" * 24,
    "author": {
        "member": ZEBEDEE,
        "name": "Zebedee",
        "profession": "Quillologist",
        "organisation_name": "Trust",
    },
    "title": None,
    "text": "Regards",
    "html": "<p>Regards</p>",
}


def without(answer: Any, *, texts: bool = False, words: tuple[str, ...] = ()) -> Any:
    return json.loads(former.without(json.dumps(answer), ZEBEDEE, texts=texts, words=words))


def test_a_member_is_nobody_afterwards() -> None:
    shown = {"member": ZEBEDEE, "name": "Zebedee", "handle": "zebedee", "profession": "x", "interests": ["y"],
             "organisation": "d" * 24, "organisation_name": "Trust", "active": True, "revision": 3}  # fmt: skip
    assert without(shown) == {
        "member": ZEBEDEE, "name": former.NAME, "handle": former.handle(ZEBEDEE), "profession": former.PROFESSION,
        "interests": [], "organisation": None, "organisation_name": None, "active": True, "revision": 3,
    }  # fmt: skip


def test_what_is_not_there_is_not_put_there_and_others_stay() -> None:
    for answer in ({"member": ZEBEDEE, "role": "member"}, {"member": BOB, "name": "Bob", "message": "Hello"}):
        assert without(answer, texts=True) == answer


@pytest.mark.parametrize("texts", [False, True])
def test_texts_go_only_when_they_are_to(texts: bool) -> None:
    (kept,) = without({"items": [POST], "next": None}, texts=texts)["items"]
    assert kept["author"]["name"] == former.NAME
    assert kept["text"] == (former.TEXT if texts else "Regards")
    assert kept["title"] is None, "what has no title is given none"


def test_an_address_goes_wherever_it_stands() -> None:
    address = "zebedee@example.org"
    assert without({"email": address, "role": "member"}, words=(address,)) == {
        "email": former.EMAIL, "role": "member",
    }  # fmt: skip


def test_handles_of_former_members_are_good_and_each_their_own() -> None:
    assert former.handle(ZEBEDEE) != former.handle(BOB)
    assert len(former.handle(ZEBEDEE)) <= 40
