"""The rules of an erasure: who may ask, until when it can be taken back, when it is complete, and what remains."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.membership.domain import erasure as erasures
from services.membership.domain.erasure import ANSWERING, Erasure, Receipt
from services.membership.domain.member import Member
from shared.contracts import former
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import NewErasure
from shared.errors import Conflict, Invalid, NotAllowed, NotFound

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ANN, BOB, TRUST = "a" * 24, "b" * 24, "c" * 24
MEMBER = Member(
    id=ANN, name="Ann", handle="ann", profession="Nurse", interests=("falls",), email="ann@example.org",
    external_id="x", organisation=TRUST, communities=2, moves=7, revision=4,
)  # fmt: skip


def asked(**more: Any) -> Erasure:
    new = NewErasure(handle="ann", **more)
    return erasures.ask("e" * 24, "0" * 64, MEMBER, new, NOW, timedelta(days=7))


def code(refusal: pytest.ExceptionInfo[Any]) -> str:
    return str(refusal.value.code)


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=5), timedelta(seconds=-20)])
def test_who_has_just_signed_in_may_ask(ago: timedelta) -> None:
    erasures.check_fresh(Caller(member=ANN, signed_in_at=NOW - ago), NOW)


@pytest.mark.parametrize(
    "signed_in_at", [None, NOW - timedelta(minutes=5, seconds=1), NOW + timedelta(hours=1)]
)
def test_a_token_or_an_older_sign_in_is_not_enough(signed_in_at: datetime | None) -> None:
    with pytest.raises(NotAllowed) as refusal:
        erasures.check_fresh(Caller(member=ANN, signed_in_at=signed_in_at), NOW)
    assert code(refusal) == "sign-in-needed"
    assert "within five minutes" in refusal.value.sentence


def test_the_operator_is_asked_by_other_ways_and_nobody_asks_for_another() -> None:
    erasures.check_fresh(Caller(operator=True), NOW)
    assert erasures.whose(Caller(operator=True), ANN) == ANN
    assert erasures.whose(Caller(member=ANN), None) == ANN
    with pytest.raises(NotFound):
        erasures.whose(Caller(member=BOB), ANN)
    with pytest.raises(NotAllowed) as refusal:
        erasures.whose(Caller(organisation=TRUST), None)
    assert code(refusal) == "member-needed"


def test_the_handle_is_typed_again_and_nobody_is_erased_twice() -> None:
    with pytest.raises(Invalid) as refusal:
        erasures.ask("e" * 24, "0" * 64, MEMBER, NewErasure(handle="anne"), NOW, timedelta(0))
    assert refusal.value.where == "handle"
    nobody = erasures.forget(MEMBER, asked(), NOW).member
    with pytest.raises(Conflict) as conflict:
        erasures.ask("e" * 24, "0" * 64, nobody, NewErasure(handle=nobody.handle), NOW, timedelta(0))
    assert code(conflict) == "erased-already"


def test_it_can_be_taken_back_until_it_begins() -> None:
    waiting = asked()
    assert waiting.due_at == NOW + timedelta(days=7)
    cancelled = erasures.cancel(waiting, NOW)
    assert (cancelled.state, cancelled.is_open, cancelled.revision) == ("cancelled", False, 2)
    with pytest.raises(Conflict) as refusal:
        erasures.cancel(erasures.begin(waiting), NOW)
    assert code(refusal) == "erasure-begun"
    for gone in (None, cancelled):
        with pytest.raises(NotFound):
            erasures.cancel(gone, NOW)


def test_it_is_complete_with_the_last_receipt_and_the_first_of_each_counts() -> None:
    erasure = erasures.begin(asked())
    for number, service in enumerate(ANSWERING, 1):
        assert erasure.state == "begun"
        erasure = erasures.receive(erasure, service, Receipt(at=NOW, erased={"posts": number}))
        assert erasures.receive(erasure, service, Receipt(at=NOW, erased={"posts": 99})) is erasure
    assert (erasure.state, erasure.ended_at) == ("complete", NOW)
    shown = erasure.shown()
    assert {receipt.service for receipt in shown.receipts} == set(shown.expected) == set(ANSWERING)
    assert shown.number is None


def test_what_remains_is_nobody() -> None:
    erasure = asked(remove_texts=True)
    nobody, changed, erased = erasures.forget(MEMBER, erasure, NOW)
    was = set(
        MEMBER.model_dump(exclude={"id", "moves", "communities", "active", "erased", "revision"}).values()
    )
    kept = {value for value in nobody.model_dump(exclude={"id", "moves"}).values() if value}
    assert kept == {former.NAME, former.handle(ANN), former.PROFESSION, True, 5}
    assert not was & {value for value in kept if isinstance(value, str)}
    assert (changed.name, changed.active, changed.organisation) == (former.NAME, False, None)
    assert (erased.member, erased.erasure, erased.remove_texts) == (ANN, erasure.id, True)
    assert erased.revision == changed.revision == nobody.revision == MEMBER.revision + 1
    assert "Ann" not in erased.model_dump_json() + erasure.model_dump_json()
