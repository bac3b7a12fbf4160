"""Who is new in a list of people, and what only the operator may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain import history, operator, organisation
from services.membership.domain.history import Arrivals
from services.membership.domain.member import Member
from services.membership.domain.membership import place_id
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import ImportedMember, NewMember, NewOrganisation
from shared.contracts.membership import MemberChanged, MembershipChanged
from shared.contracts.vocabulary import Role, Sector
from shared.errors import Conflict, Invalid, NotAllowed
from tests.unit.membership.things import ANN, BOB, COMMUNITY, COUNCIL, NOON, TRUST, a_member


def someone(id: str, handle: str, organisation: str = TRUST) -> ImportedMember:
    new = NewMember(name=f"Name of {handle}", handle=handle, profession="Nurse")
    return ImportedMember(id=id, organisation=organisation, new=new)


def bring_in(
    people: list[ImportedMember],
    known: dict[str, Member] | None = None,
    taken: set[str] | None = None,
    handles: dict[str, str] | None = None,
) -> Arrivals:
    return history.bring_in(people, COMMUNITY, NOON, known or {}, taken or set(), handles or {})


def test_who_is_new_gets_a_place_and_both_are_told() -> None:
    arrivals = bring_in([someone(ANN, "ann"), someone(BOB, "bob", COUNCIL)])
    assert [(member.id, member.organisation) for member in arrivals.people] == [(ANN, TRUST), (BOB, COUNCIL)]
    assert [(place.id, place.role, place.since) for place in arrivals.places] == [
        (place_id(COMMUNITY, ANN), Role.MEMBER, NOON),
        (place_id(COMMUNITY, BOB), Role.MEMBER, NOON),
    ]
    assert [type(fact) for fact in arrivals.facts] == [MemberChanged, MembershipChanged] * 2


@given(st.sets(st.integers(0, 8)), st.sets(st.integers(0, 8)))
def test_bringing_in_again_adds_only_who_was_not_there(first: set[int], second: set[int]) -> None:
    def people(numbers: set[int]) -> list[ImportedMember]:
        return [someone(f"{number:024x}", f"person-{number}") for number in sorted(numbers)]

    once = bring_in(people(first))
    known = {member.id: member for member in once.people}
    taken = {place.id for place in once.places}
    again = bring_in(people(second), known, taken, {member.handle: member.id for member in once.people})
    new = {f"{number:024x}" for number in second - first}
    assert {member.id for member in again.people} == {place.member for place in again.places} == new
    assert len(again.facts) == 2 * len(new)


def test_who_has_left_is_not_brought_back() -> None:
    gone = a_member(active=False, organisation=None)
    assert bring_in([someone(ANN, "ann")], known={ANN: gone}) == ([], [], [])
    assert bring_in([someone(ANN, "ann")], {ANN: a_member()}, {place_id(COMMUNITY, ANN)}) == ([], [], [])


def test_a_new_members_handle_must_be_free() -> None:
    with pytest.raises(Conflict) as refusal:
        bring_in([someone(ANN, "ann"), someone(BOB, "bob")], handles={"bob": "9" * 24})
    assert refusal.value.where == "members.1.new.handle"


@pytest.mark.parametrize(
    ("person", "where"),
    [
        (someone(BOB, "bob", COUNCIL), "members.1.organisation"),
        (someone(ANN, "bob"), "members.1.id"),
        (someone(BOB, "ann"), "members.1.new.handle"),
    ],
)
def test_a_list_names_known_organisations_and_everybody_once(person: ImportedMember, where: str) -> None:
    history.check_people([someone(ANN, "ann")], {TRUST})
    with pytest.raises(Invalid) as refusal:
        history.check_people([someone(ANN, "ann"), person], {TRUST})
    assert refusal.value.where == where


def test_only_the_operator_chooses_ids_and_does_the_operators_work() -> None:
    member, system, them = Caller(member=ANN), Caller(client=BOB, organisation=TRUST), Caller(operator=True)
    operator.check_operator(them)
    operator.check_chosen_id(them, ANN)
    for caller in (member, system, Caller()):
        operator.check_chosen_id(caller, None)
        with pytest.raises(NotAllowed):
            operator.check_operator(caller)
        with pytest.raises(NotAllowed):
            operator.check_chosen_id(caller, ANN)


def test_a_new_organisation_is_told() -> None:
    new = NewOrganisation(name="Trust", sector=Sector.HEALTH, geography="Wales", home_node="node.example")
    made, fact = organisation.register(TRUST, new)
    assert (fact.organisation, fact.name, fact.sector, fact.revision) == (TRUST, "Trust", Sector.HEALTH, 1)
    assert made.shown().home_node == "node.example"
