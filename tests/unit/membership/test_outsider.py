"""A sponsored outsider: until when they stay, who is asked, and who answers for them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.membership.domain import outsider as outsiders
from services.membership.domain import outsider_letter as letters
from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from shared.contracts.calls.membership import NewOutsider
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.unit.membership.things import ANN, BOB, COMMUNITY, COUNCIL, NOON, THING, TRUST, a_member

DOOR = "https://node.example"
DAY = timedelta(days=1)
SPONSOR = a_member(id=BOB, organisation=TRUST, email="bob@trust.example")


def a_stay(**different: Any) -> Sponsorship:
    stay = outsiders.sponsor(SPONSOR, TRUST, DOOR, 100, NOON, NOON)
    return stay.model_copy(update=different)


def an_outsider(**different: Any) -> Member:
    return a_member(id=ANN, organisation=None, sponsorship=a_stay(**different))


def a_new(**different: Any) -> NewOutsider:
    given = {"email": "ann@else.example", "name": "Ann", "profession": "Carer", "communities": (COMMUNITY,)}
    return NewOutsider(**{**given, **different})


@pytest.mark.parametrize(
    ("days", "asked_after"),
    [(100, 70), (37, 7), (30, 23), (20, 13), (7, 7), (5, 5)],
)
def test_the_sponsor_is_asked_a_month_and_a_week_before_if_there_is_time(days: int, asked_after: int) -> None:
    stay = outsiders.sponsor(SPONSOR, TRUST, DOOR, days, NOON, NOON)
    assert stay.ends_at == NOON + days * DAY
    assert stay.next_at == NOON + asked_after * DAY


def test_each_thing_is_due_once_at_its_time() -> None:
    outsider, stay = an_outsider(), a_stay()
    moments: list[tuple[datetime, str]] = []
    at = NOON
    while (due := outsiders.what_is_due(outsider, SPONSOR, at)) != "end":
        if due == "ask":
            moments.append((at, due))
        outsider = outsiders.go_on(outsider, stay, at)
        assert outsider.sponsorship is not None and outsider.sponsorship.next_at > at
        at = outsider.sponsorship.next_at
    assert [at - NOON for at, _ in moments] == [70 * DAY, 93 * DAY]
    assert at == stay.ends_at


def test_they_are_here_to_the_millisecond() -> None:
    outsider, ends_at = an_outsider(), a_stay().ends_at
    assert outsider.is_here(ends_at - timedelta(milliseconds=1)) and not outsider.is_here(ends_at)
    assert outsider.until(ends_at + DAY) == ends_at
    assert a_member().until(ends_at) == ends_at


@pytest.mark.parametrize("gone", [{"active": False}, {"organisation": COUNCIL}, None])
def test_without_their_sponsor_they_have_two_weeks(gone: dict[str, Any] | None) -> None:
    sponsor = SPONSOR.model_copy(update=gone) if gone else None
    assert outsiders.what_is_due(an_outsider(), sponsor, NOON) == "sponsor gone"
    left = outsiders.lose_sponsor(an_outsider(), a_stay(), NOON).sponsorship
    assert left is not None and (left.sponsor, left.ends_at) == (None, NOON + 14 * DAY)
    assert outsiders.what_is_due(an_outsider(**dict(left)), None, NOON) == "nothing"
    late = outsiders.lose_sponsor(an_outsider(), a_stay(), NOON + 95 * DAY).sponsorship
    assert late is not None and late.ends_at == a_stay().ends_at, "never longer than they had"


def test_who_takes_over_is_of_the_same_organisation() -> None:
    people = [
        SPONSOR,
        a_member(id=THING, organisation=COUNCIL, email="x@council.example"),
        a_member(id=THING, organisation=TRUST, email=None),
        a_member(id=THING, organisation=TRUST, email="x@trust.example", active=False),
    ]
    assert outsiders.successors(people, a_stay()) == [SPONSOR]


def test_only_those_who_answer_for_them_may_confirm() -> None:
    colleague = a_member(id=THING, organisation=TRUST)
    assert outsiders.check_answers_for(SPONSOR, an_outsider(), False, NOON)
    assert outsiders.check_answers_for(colleague, an_outsider(), True, NOON)
    for who, outsider, facilitates, at in (
        (colleague, an_outsider(), False, NOON),
        (a_member(id=THING, organisation=COUNCIL), an_outsider(), True, NOON),
        (SPONSOR, an_outsider(), True, NOON + 100 * DAY),
        (SPONSOR, an_outsider().model_copy(update={"active": False}), True, NOON),
        (SPONSOR, a_member(), True, NOON),
        (SPONSOR, None, True, NOON),
    ):
        with pytest.raises(NotFound):
            outsiders.check_answers_for(who, outsider, facilitates, at)


def test_whoever_confirms_answers_for_them_from_now() -> None:
    colleague = a_member(id=THING, organisation=TRUST)
    stay = outsiders.confirm(an_outsider(), a_stay(), colleague, NOON + 90 * DAY).sponsorship
    assert stay is not None
    assert (stay.sponsor, stay.since, stay.ends_at) == (THING, NOON, NOON + 190 * DAY)


def test_whom_one_cannot_invite() -> None:
    outsiders.check_new(a_new(), domain_signs_in=False, asked_today=19, most=20)
    with pytest.raises(Conflict):
        outsiders.check_new(a_new(), domain_signs_in=True, asked_today=0, most=20)
    with pytest.raises(Conflict):
        outsiders.check_new(a_new(), domain_signs_in=False, asked_today=20, most=20)
    for role in (Role.FACILITATOR, Role.STEWARD):
        with pytest.raises(Invalid):
            outsiders.check_new(a_new(role=role), domain_signs_in=False, asked_today=0, most=20)


def test_a_letters_link_counts_once_and_for_a_time() -> None:
    letter, _ = letters.invite(THING, SPONSOR, TRUST, a_new(), DOOR, NOON)
    used = letters.use(letter, NOON)
    for bad, at in ((used, NOON), (letter, NOON + 14 * DAY), (None, NOON)):
        with pytest.raises(NotAllowed) as refused:
            letters.use(bad, at)
        assert refused.value.code == "link-no-longer-good"


def test_the_mails_say_what_is_needed_and_are_the_same_again() -> None:
    invitation, _ = letters.invite(THING, SPONSOR, TRUST, a_new(), DOOR, NOON)
    question, _ = letters.ask(THING, SPONSOR, an_outsider(), a_stay(), NOON)
    first = letters.mail_of(invitation, None, "ann@else.example", "node@node.example", "s1")
    again = letters.mail_of(invitation, None, "ann@else.example", "node@node.example", "s2")
    assert first["Message-ID"] == again["Message-ID"]
    assert f"{DOOR}/sign-in/outsider/s1" in first.get_content() and "Ann" not in first.get_content()
    asked = letters.mail_of(question, an_outsider(), "bob@trust.example", "node@node.example", "s3")
    assert f"{DOOR}/sign-in/sponsor/s3" in asked.get_content() and "Ann" in asked.get_content()
