"""A passkey, and what makes its answer count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain import passkey as passkeys
from services.membership.domain.ceremony import (
    Asserted,
    Registered,
    Unsound,
    bytes_of,
    relying_party,
    text_of,
)
from services.membership.domain.member import Member
from services.membership.domain.passkey import Passkey, Refused
from shared.contracts.calls.call import Caller
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, NotAllowed

AT = datetime(2026, 11, 26, tzinfo=UTC)
ANN, BOB = "a" * 24, "b" * 24
MEMBER = Member(id=ANN, name="Ann", handle="ann", profession="Nurse", organisation="c" * 24)
CHALLENGE = "x" * 43


def passkey(counter: int) -> Passkey:
    return passkeys.add("1", ANN, "Key", Registered("id", b"key", counter, False), AT)


@pytest.mark.parametrize(("was", "now"), [(0, 0), (0, 1), (1, 2), (7, 2**32 - 1)])
def test_a_counter_that_grows_or_never_counts_is_believed(was: int, now: int) -> None:
    used = passkeys.use(passkey(was), passkeys.handle_of(ANN), Asserted(now, True), AT)
    assert (used.counter, used.backed_up, used.used_at, used.revision) == (now, True, AT, 2)


@pytest.mark.parametrize(("was", "now"), [(1, 1), (1, 0), (9, 8)])
def test_a_counter_that_does_not_grow_tells_of_a_copy(was: int, now: int) -> None:
    with pytest.raises(Refused) as refused:
        passkeys.use(passkey(was), passkeys.handle_of(ANN), Asserted(now, False), AT)
    assert refused.value.act == "passkey_counter_went_back"


def test_anothers_user_handle_is_refused_before_the_counter_says_anything() -> None:
    with pytest.raises(Refused) as refused:
        passkeys.use(passkey(5), passkeys.handle_of(BOB), Asserted(1, False), AT)
    assert refused.value.act == "passkey_refused"


def test_who_may_have_one() -> None:
    passkeys.check_may_have(MEMBER, [Role.MEMBER, Role.FACILITATOR], ())
    passkeys.check_may_have(MEMBER, [], {ANN})
    for roles in ([], [Role.MEMBER], [Role.STEWARD, Role.GUEST]):
        with pytest.raises(NotAllowed) as refused:
            passkeys.check_may_have(MEMBER, roles, {BOB})
        assert refused.value.code == "passkeys-for-facilitators"


def test_ten_are_enough() -> None:
    passkeys.check_has_room(9)
    with pytest.raises(Conflict):
        passkeys.check_has_room(10)


def test_a_challenge_is_for_whom_it_was_made() -> None:
    ann = Caller(member=ANN, signed_in_at=AT)
    elsewhere = Caller(member=ANN, signed_in_at=AT + timedelta(milliseconds=1))
    own, anybodys = passkeys.ask(CHALLENGE, AT, ann), passkeys.ask(CHALLENGE, AT)
    assert CHALLENGE not in own.model_dump_json()
    used = passkeys.answer(own, ann, AT)
    assert passkeys.answer(anybodys, None, AT).used and used.used
    wrong = [
        (None, ann, AT), (used, ann, AT), (own, elsewhere, AT), (own, None, AT), (anybodys, ann, AT),
        (own, Caller(member=BOB, signed_in_at=AT), AT), (own, ann, AT + passkeys.LASTS),
    ]  # fmt: skip
    for challenge, caller, at in wrong:
        with pytest.raises(NotAllowed) as refused:
            passkeys.answer(challenge, caller, at)
        assert refused.value.code == "challenge-no-longer-good"


@given(st.binary(max_size=70))
def test_bytes_have_one_form_as_text(value: bytes) -> None:
    assert bytes_of(text_of(value)) == value


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A+A/", "AAAAA", "ä"])
def test_other_forms_are_none(text: str) -> None:
    with pytest.raises(Unsound):
        bytes_of(text)


@pytest.mark.parametrize(
    ("door", "id", "origin"),
    [
        ("https://node.example", "node.example", "https://node.example"),
        ("HTTPS://NODE.example:8443/", "node.example", "https://node.example:8443"),
        ("https://node.example:443", "node.example", "https://node.example"),
        ("http://localhost:8800", "localhost", "http://localhost:8800"),
    ],
)
def test_a_node_is_a_relying_party_by_its_name(door: str, id: str, origin: str) -> None:
    assert relying_party(door) == (id, origin)


@pytest.mark.parametrize("door", ["http://127.0.0.1:8800", "https://[::1]", "https://10.0.0.1"])
def test_a_number_is_no_name(door: str) -> None:
    with pytest.raises(Conflict) as refused:
        relying_party(door)
    assert refused.value.code == "passkeys-not-offered"
