"""The chain of the audit log: whatever is touched shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain.act import BEFORE_THE_FIRST, Act, Entry, hash_of, sealed, whose_acts
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import Act as ShownAct
from shared.errors import NotAllowed

BETSI, CARDIFF = "b" * 24, "c" * 24
ANN, BEN, SYSTEM, PLACE = "1" * 24, "2" * 24, "5" * 24, "7" * 24
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
        organisations=st.lists(st.sampled_from([BETSI, CARDIFF]), max_size=2, unique=True).map(tuple),
        upon=st.just(()) | st.just((CARDIFF,)),
        parties=st.just(()) | st.just((CARDIFF,)),
        concerns=st.dictionaries(st.sampled_from(["token", "member", "community"]), ids),
    ),
    min_size=1,
    max_size=8,
)


def places_in(entries: list[Entry]) -> dict[str, int]:
    return {organisation: place for entry in entries for organisation, place in entry.places.items()}


def holds(entries: list[Entry]) -> bool:
    previous = [BEFORE_THE_FIRST, *(entry.hash for entry in entries)]
    return all(
        entry.number == number and entry.previous == before and hash_of(entry) == entry.hash
        for number, (entry, before) in enumerate(zip(entries, previous, strict=False), 1)
    )


@given(acts, st.integers(0, 8))
def test_a_chain_holds_however_it_was_sealed(done: list[Act], cut: int) -> None:
    first = sealed(done[:cut], None, {})
    rest = sealed(done[cut:], first[-1] if first else None, places_in(first))
    assert holds(first + rest)
    assert first + rest == sealed(done, None, {})


@given(acts, st.data())
def test_whatever_is_changed_shows(done: list[Act], data: st.DataObject) -> None:
    entries = sealed(done, None, {})
    where = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(
        st.sampled_from(
            [
                "id",
                "act",
                "at",
                "member",
                "client",
                "operator",
                "organisations",
                "concerns",
                "upon",
                "parties",
            ]
        )
    )
    other = data.draw(acts)[0]
    if getattr(other, field) == getattr(entries[where], field):
        return
    entries[where] = entries[where].model_copy(update={field: getattr(other, field)})
    assert not holds(entries)


@given(acts, st.data())
def test_whatever_is_left_out_before_the_end_shows(done: list[Act], data: st.DataObject) -> None:
    entries = sealed(done, None, {})
    if len(entries) < 2:
        return
    del entries[data.draw(st.integers(0, len(entries) - 2))]
    assert not holds(entries)


@given(acts)
def test_an_organisation_counts_its_own_acts_and_nobody_elses(done: list[Act]) -> None:
    entries = sealed(done, None, {})
    for organisation in (BETSI, CARDIFF):
        own = [entry.shown_to(organisation) for entry in entries if organisation in entry.organisations]
        assert [act.number for act in own] == list(range(1, len(own) + 1))
        assert not {"previous", "hash", "places"} & set(ShownAct.model_fields)


def test_that_it_was_done_is_found_by_both_and_each_sees_its_own_side() -> None:
    done = Act(
        id="9" * 24, act="end_membership", at=NOON, member=ANN, organisations=(BETSI, CARDIFF),
        concerns={"community": PLACE, "member": BEN, "organisation": CARDIFF}, upon=(CARDIFF,),
    )  # fmt: skip
    (entry,) = sealed([done], None, {})
    by, upon = entry.shown_to(BETSI), entry.shown_to(CARDIFF)
    assert (by.member, by.organisations, by.concerns) == (ANN, (BETSI,), {"community": PLACE})
    assert CARDIFF not in by.model_dump_json() and BEN not in by.model_dump_json()
    assert by.withheld == ("concerns.member",), "whom a person meets is not for their organisation's system"
    assert (upon.member, upon.organisations, upon.withheld) == (None, (CARDIFF,), ("member",))
    assert upon.concerns == done.concerns
    assert BETSI not in upon.model_dump_json() and ANN not in upon.model_dump_json()
    (through,) = sealed([done.model_copy(update={"client": SYSTEM})], None, {})
    assert through.shown_to(BETSI).concerns["member"] == BEN, "a system that acted knew of them"
    assert through.shown_to(CARDIFF).withheld == ("client", "member")


def test_a_party_learns_what_the_other_did_and_not_who_nor_its_contact() -> None:
    signed = Act(
        id="9" * 24, act="countersign_agreement", at=NOON, client=SYSTEM, organisations=(BETSI, CARDIFF),
        concerns={"agreement": PLACE, "contact": ANN}, parties=(CARDIFF,),
    )  # fmt: skip
    (entry,) = sealed([signed], None, {})
    assert entry.shown_to(BETSI).concerns["contact"] == ANN
    other = entry.shown_to(CARDIFF)
    assert (other.organisations, other.concerns) == ((BETSI, CARDIFF), {"agreement": PLACE})
    assert (other.client, other.withheld) == (None, ("client",))


def test_an_organisations_system_reads_its_part() -> None:
    assert whose_acts(Caller(client="c" * 24, organisation="b" * 24)) == "b" * 24


@pytest.mark.parametrize(
    "caller",
    [
        Caller(),
        Caller(operator=True),
        Caller(member="a" * 24, organisation="b" * 24),
        Caller(member="a" * 24, organisation="b" * 24, client="c" * 24),
    ],
)
def test_no_person_reads_it(caller: Caller) -> None:
    with pytest.raises(NotAllowed) as refused:
        whose_acts(caller)
    assert refused.value.code == "systems-only"
