"""The chain of the audit log: whatever is touched shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.act import BEFORE_THE_FIRST, Act, Entry, hash_of, sealed, whose_acts
from shared.contracts.calls.call import Caller
from shared.errors import NotAllowed

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ids = st.text("0123456789abcdef", min_size=24, max_size=24)
acts = st.lists(
    st.builds(
        Act,
        id=ids,
        act=st.sampled_from(["issue_token", "end_membership"]),
        at=st.integers(0, 10**9).map(lambda milliseconds: NOON + timedelta(milliseconds=milliseconds)),
        member=st.none() | ids,
        client=st.none() | ids,
        operator=st.booleans(),
        organisations=st.lists(ids, max_size=2).map(tuple),
        concerns=st.dictionaries(st.sampled_from(["token", "member", "community"]), ids),
    ),
    min_size=1,
    max_size=8,
)


def holds(entries: list[Entry]) -> bool:
    previous = [BEFORE_THE_FIRST, *(entry.hash for entry in entries)]
    return all(
        entry.number == number and entry.previous == before and hash_of(entry) == entry.hash
        for number, (entry, before) in enumerate(zip(entries, previous, strict=False), 1)
    )


@given(acts, st.integers(0, 8))
def test_a_chain_holds_however_it_was_sealed(done: list[Act], cut: int) -> None:
    first = sealed(done[:cut], None)
    rest = sealed(done[cut:], first[-1] if first else None)
    assert holds(first + rest)
    assert first + rest == sealed(done, None)


@given(acts, st.data())
def test_whatever_is_changed_shows(done: list[Act], data: st.DataObject) -> None:
    entries = sealed(done, None)
    where = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(
        st.sampled_from(["id", "act", "at", "member", "client", "operator", "organisations", "concerns"])
    )
    other = data.draw(acts)[0]
    if getattr(other, field) == getattr(entries[where], field):
        return
    entries[where] = entries[where].model_copy(update={field: getattr(other, field)})
    assert not holds(entries)


@given(acts, st.data())
def test_whatever_is_left_out_before_the_end_shows(done: list[Act], data: st.DataObject) -> None:
    entries = sealed(done, None)
    if len(entries) < 2:
        return
    del entries[data.draw(st.integers(0, len(entries) - 2))]
    assert not holds(entries)


def test_the_operator_reads_all_and_an_organisations_system_its_part() -> None:
    assert whose_acts(Caller(operator=True)) is None
    assert whose_acts(Caller(client="c" * 24, organisation="b" * 24)) == "b" * 24


@pytest.mark.parametrize(
    "caller",
    [
        Caller(),
        Caller(member="a" * 24, organisation="b" * 24),
        Caller(member="a" * 24, organisation="b" * 24, client="c" * 24),
    ],
)
def test_no_person_reads_it(caller: Caller) -> None:
    with pytest.raises(NotAllowed) as refused:
        whose_acts(caller)
    assert refused.value.code == "systems-only"
