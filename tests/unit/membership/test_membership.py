"""How places begin, change and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain import membership as memberships
from services.membership.domain.membership import Membership
from shared.contracts.calls.call import Caller
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotAllowed
from tests.unit.membership.things import ANN, COMMUNITY, NOON, a_community, a_member

ROLES = st.sampled_from([*Role, None])


@given(st.lists(ROLES, min_size=1, max_size=12))
def test_one_place_has_one_history_whatever_happens(roles: list[Role | None]) -> None:
    place: Membership | None = None
    people = facilitators = 0
    revisions = []
    for role in roles:
        before = memberships.role_of(place)
        if role is not None:
            place, fact = memberships.place(place, COMMUNITY, ANN, role, NOON)
        elif place is not None and place.role is not None:
            place, fact = memberships.end(place, NOON, "It is over.")
        else:
            continue
        came, facilitating = memberships.counted(before, place.role)
        people, facilitators = people + came, facilitators + facilitating
        revisions.append(fact.revision)
        assert fact.membership == place.id == f"{COMMUNITY}:{ANN}"
        assert fact.role is place.role
        assert (fact.reason is None) == (role is not None)
        assert people == (place.role is not None)
        assert facilitators == (place.role is Role.FACILITATOR)
    assert revisions == list(range(1, len(revisions) + 1))


def test_a_place_without_a_role_is_shown_to_nobody() -> None:
    place, _ = memberships.place(None, COMMUNITY, ANN, Role.MEMBER, NOON)
    assert place.shown(a_member(), "Trust").organisation_name == "Trust"
    ended, _ = memberships.end(place, NOON)
    with pytest.raises(ValueError, match="shown to nobody"):
        ended.shown(a_member(), "Trust")


@given(ROLES, ROLES, st.integers(0, 3))
def test_the_last_facilitator_stays_one(was: Role | None, now: Role | None, facilitators: int) -> None:
    community = a_community(facilitators=facilitators)
    steps_down = was is Role.FACILITATOR and now is not Role.FACILITATOR
    if steps_down and facilitators <= 1:
        with pytest.raises(Conflict) as refusal:
            memberships.check_not_last_facilitator(community, was, now)
        assert refusal.value.code == "last-facilitator"
    else:
        memberships.check_not_last_facilitator(community, was, now)


@given(ROLES)
def test_only_facilitators_facilitate(role: Role | None) -> None:
    operator, member = Caller(operator=True), Caller(member=ANN)
    memberships.check_governs(operator, role)
    if role is Role.FACILITATOR:
        memberships.check_facilitates(role)
        memberships.check_governs(member, role)
    else:
        for check in (
            lambda: memberships.check_facilitates(role),
            lambda: memberships.check_governs(member, role),
        ):
            with pytest.raises(NotAllowed) as refusal:
                check()
            assert refusal.value.code == "facilitators-only"


def test_only_guests_and_newcomers_come_in() -> None:
    for role in (None, Role.GUEST):
        memberships.check_not_in(role)
    for role in (Role.MEMBER, Role.STEWARD, Role.FACILITATOR):
        with pytest.raises(Conflict):
            memberships.check_not_in(role)
    memberships.check_not_in(None, Role.GUEST)
    with pytest.raises(Conflict):
        memberships.check_not_in(Role.GUEST, Role.GUEST)


def test_those_in_a_community_are_those_with_a_role() -> None:
    for role in Role:
        memberships.check_in(role)
    with pytest.raises(NotAllowed):
        memberships.check_in(None)


def test_a_guest_is_made_by_invitation_only() -> None:
    for role in (Role.MEMBER, Role.STEWARD, Role.FACILITATOR):
        memberships.check_role_can_be_given(role)
    with pytest.raises(Invalid):
        memberships.check_role_can_be_given(Role.GUEST)
