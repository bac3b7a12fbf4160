"""A link to sign in: for one member, once, for a quarter of an hour, and the same to look at for everybody."""

from datetime import timedelta
from typing import Any

import pytest

from services.membership.domain import sign_in_link as links
from services.membership.domain.sign_in_link import SignInLink
from shared.errors import NotAllowed
from tests.unit.membership.things import ANN, BOB, NOON, THING, a_member

DOOR = "https://node.example"


def a_link(**different: Any) -> SignInLink:
    link, _ = links.ask(THING, "ann@example.org", [a_member()], DOOR, NOON)
    return link.model_copy(update=different)


def test_it_is_for_the_one_member_with_that_address() -> None:
    assert a_link().member == ANN
    for whose in ([], [a_member(), a_member(id=BOB)]):
        link, fact = links.ask(THING, "ann@example.org", whose, DOOR, NOON)
        assert link.member is None and fact.link == THING
        assert not links.is_to_be_sent(link, NOON)
        with pytest.raises(NotAllowed):
            links.use(link, NOON)


def test_it_counts_once_and_for_fifteen_minutes() -> None:
    last = NOON + timedelta(minutes=15) - timedelta(milliseconds=1)
    used = links.use(a_link(), last)
    for link, at in ((used, last), (a_link(), NOON + timedelta(minutes=15)), (None, NOON)):
        with pytest.raises(NotAllowed) as refusal:
            links.use(link, at)
        assert refusal.value.code == "link-no-longer-good"


def test_it_is_sent_once_and_not_when_it_is_late() -> None:
    assert links.is_to_be_sent(a_link(), NOON)
    assert not links.is_to_be_sent(a_link(sent_at=NOON), NOON)
    assert not links.is_to_be_sent(a_link(), NOON + links.LASTS)


def test_the_letter_is_the_same_when_it_is_sent_again() -> None:
    first, again = (links.letter(a_link(), "ann@example.org", "node@node.example", text) for text in "ab")
    assert first["Message-ID"] == again["Message-ID"] == f"<sign-in-{THING}@node.example>"
    assert f"{DOOR}/sign-in/link/a\n" in first.get_content()
    assert "12:15" in first.get_content()
