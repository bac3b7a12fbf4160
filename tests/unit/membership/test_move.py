"""A move: what the member keeps, and what ends."""

from datetime import timedelta
from typing import Any

import pytest

from services.membership.domain import move
from services.membership.domain.home import Home
from services.membership.domain.member import Member
from shared.contracts.calls.call import Caller
from shared.errors import Conflict, NotAllowed
from tests.unit.membership.things import ANN, BOB, COUNCIL, NOON, THING, TRUST, a_member

LATER = NOON + timedelta(hours=1)


def an_account(**fields: Any) -> Member:
    return a_member(id=BOB, organisation=COUNCIL, email="ann@council.example", external_id="9", **fields)


def test_a_mover_keeps_who_they_are_and_is_known_by_nothing_of_the_old() -> None:
    mover = a_member(id=ANN, organisation=TRUST, email="ann@trust.example", external_id="7", communities=3)
    moved, ended, facts = move.move(mover, an_account(), NOON)
    assert (moved.id, moved.name, moved.handle, moved.communities) == (ANN, mover.name, mover.handle, 3)
    assert (moved.organisation, moved.email, moved.external_id) == (COUNCIL, "ann@council.example", "9")
    assert moved.homes == (Home(organisation=TRUST, since=None, until=NOON),)
    assert (moved.since, moved.active) == (NOON, True)
    assert (ended.active, ended.organisation, ended.email, ended.external_id) == (False, None, None, None)
    assert ended.became == ANN
    assert [(fact.member, fact.organisation, fact.active) for fact in facts] == [
        (ANN, COUNCIL, True),
        (BOB, None, False),
    ]


def test_an_account_without_an_address_takes_the_old_one_away() -> None:
    mover = a_member(id=ANN, organisation=TRUST, email="ann@trust.example")
    moved, _, _ = move.move(mover, an_account().model_copy(update={"email": None}), NOON)
    assert moved.email is None


def test_every_home_is_kept() -> None:
    mover = a_member(id=ANN, organisation=TRUST)
    there, _, _ = move.move(mover, an_account(), NOON)
    back, _, _ = move.move(there, a_member(id=THING, organisation=TRUST), LATER)
    shown = move.homes(back, {TRUST: "Trust", COUNCIL: "Council"}).homes
    assert [(home.organisation_name, home.since, home.until) for home in shown] == [
        ("Trust", None, NOON),
        ("Council", NOON, LATER),
        ("Trust", LATER, None),
    ]


def test_a_code_is_good_for_a_day_for_who_is_where_they_were() -> None:
    mover = a_member(id=ANN, organisation=TRUST)
    code = move.issue(mover, "digest", NOON)
    just = NOON + timedelta(days=1) - timedelta(milliseconds=1)
    assert move.check_good(code, mover, just) is mover
    for there, whose, at in (
        (None, mover, NOON),
        (code, None, NOON),
        (code, mover, NOON + timedelta(days=1)),
        (code, mover.model_copy(update={"active": False}), NOON),
        (code, mover.model_copy(update={"organisation": COUNCIL}), NOON),
    ):
        with pytest.raises(NotAllowed) as refused:
            move.check_good(there, whose, at)
        assert refused.value.code == "move-code-no-longer-good"


def test_two_records_are_not_made_one() -> None:
    mover = a_member(id=ANN, organisation=TRUST)
    move.check_may_become(an_account(), mover, has_record=False)
    for account, has_record, code in (
        (an_account(), True, "account-in-use"),
        (a_member(id=BOB, organisation=TRUST), False, "not-a-move"),
        (mover, True, "not-a-move"),
    ):
        with pytest.raises(Conflict) as refused:
            move.check_may_become(account, mover, has_record=has_record)
        assert refused.value.code == code


def test_only_a_person_moves() -> None:
    assert move.check_is_person(Caller(member=ANN, organisation=TRUST)) == ANN
    for caller, code in (
        (Caller(member=ANN, organisation=TRUST, client=THING), "persons-only"),
        (Caller(organisation=TRUST, client=THING), "member-needed"),
        (Caller(operator=True), "member-needed"),
    ):
        with pytest.raises(NotAllowed) as refused:
            move.check_is_person(caller)
        assert refused.value.code == code
