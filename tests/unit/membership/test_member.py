"""Who may know of a member, and who may change what of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain import member as members
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import MemberChanges, NewMember
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, NotAllowed
from tests.unit.membership.things import ANN, BOB, COUNCIL, THING, TRUST, a_member

OPERATOR = Caller(operator=True)
SYSTEM = Caller(client=THING, organisation=TRUST)
OTHER_SYSTEM = Caller(client=THING, organisation=COUNCIL)
COLLEAGUE = Caller(member=BOB, organisation=TRUST)
STRANGER = Caller(member=BOB, organisation=COUNCIL)
HERSELF = Caller(member=ANN, organisation=TRUST)
ACTING_FOR_HER = Caller(member=ANN, organisation=TRUST, client=THING)


def test_a_new_member_is_told_without_their_address() -> None:
    new = NewMember(name="Ann", handle="ann", profession="Nurse", email="Ann@Example.org")
    member, fact = members.register(ANN, TRUST, new)
    assert member.email == "ann@example.org"
    assert (fact.member, fact.organisation, fact.active, fact.revision) == (ANN, TRUST, True, 1)
    assert "example.org" not in fact.model_dump_json()
    assert "example.org" not in member.shown("Trust").model_dump_json()


def test_only_what_is_different_is_changed_and_told() -> None:
    member = a_member()
    assert members.change(member, MemberChanges(name="Ann", profession="Nurse")) == (member, [])
    changed, [fact] = members.change(member, MemberChanges(profession="Matron", interests=("wounds",)))
    assert (changed.name, changed.profession, changed.interests) == ("Ann", "Matron", ("wounds",))
    assert changed.revision == fact.revision == 2


def test_leaving_is_told_once() -> None:
    left, [fact] = members.leave(a_member(communities=3))
    assert (left.active, left.organisation, left.communities) == (False, None, 0)
    assert (fact.active, fact.organisation, fact.revision) == (False, None, 2)
    assert members.leave(left) == (left, [])


@pytest.mark.parametrize("caller", [OPERATOR, SYSTEM, COLLEAGUE, HERSELF, ACTING_FOR_HER])
def test_who_knows_a_member_without_sharing_a_community(caller: Caller) -> None:
    assert members.is_known_without_sharing(caller, a_member())


@pytest.mark.parametrize("caller", [OTHER_SYSTEM, STRANGER, Caller(), Caller(client=THING)])
def test_who_does_not(caller: Caller) -> None:
    assert not members.is_known_without_sharing(caller, a_member())


def test_nobody_shares_an_organisation_with_who_has_none() -> None:
    left, _ = members.leave(a_member())
    assert not members.is_known_without_sharing(Caller(member=BOB), left)


@given(st.sampled_from([*Role, None]), st.sampled_from([*Role, None]))
def test_a_shared_community_shows_a_guest_its_facilitators_only(
    own: Role | None, theirs: Role | None
) -> None:
    known = members.is_known_by_sharing([(own, theirs)])
    if own is None or theirs is None:
        assert not known
    elif own is Role.GUEST:
        assert known == (theirs is Role.FACILITATOR)
    else:
        assert known


def test_people_are_registered_by_the_operator_and_their_own_system() -> None:
    for caller in (OPERATOR, SYSTEM):
        members.check_may_register(caller, TRUST)
    for caller in (OTHER_SYSTEM, COLLEAGUE, HERSELF, ACTING_FOR_HER, Caller(organisation=TRUST)):
        with pytest.raises(NotAllowed):
            members.check_may_register(caller, TRUST)


def test_a_profile_is_its_members() -> None:
    for caller in (OPERATOR, HERSELF, ACTING_FOR_HER):
        members.check_may_change(caller, a_member())
    for caller in (SYSTEM, COLLEAGUE, STRANGER):
        with pytest.raises(NotAllowed):
            members.check_may_change(caller, a_member())
    left, _ = members.leave(a_member())
    with pytest.raises(Conflict):
        members.check_may_change(OPERATOR, left)


def test_belonging_is_ended_by_the_member_their_system_and_the_operator() -> None:
    for caller in (OPERATOR, HERSELF, ACTING_FOR_HER, SYSTEM):
        members.check_may_end(caller, a_member())
    for caller in (COLLEAGUE, STRANGER, OTHER_SYSTEM):
        with pytest.raises(NotAllowed):
            members.check_may_end(caller, a_member())


def test_who_has_left_or_was_never_here_takes_no_part() -> None:
    left, _ = members.leave(a_member())
    for nobody in (None, left):
        with pytest.raises(NotAllowed):
            members.check_may_take_part(nobody)
    assert members.check_may_take_part(a_member()) == a_member()


def test_a_member_is_in_so_many_communities_and_no_more() -> None:
    members.check_has_room(a_member(communities=members.MOST_COMMUNITIES - 1))
    with pytest.raises(Conflict) as refusal:
        members.check_has_room(a_member(communities=members.MOST_COMMUNITIES))
    assert refusal.value.code == "too-many-communities"
