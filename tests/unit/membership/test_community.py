"""What a community is, who may know of it, and how it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.domain import community as communities
from services.membership.domain.state import check_revision
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import Charter, CommunityChanges, NewCommunity
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import Conflict, NotAllowed, NotFound
from tests.unit.membership.things import ANN, COMMUNITY, NOON, TRUST, a_community

ANYBODY = Caller(member=ANN)
NEW_CHARTER = Charter(domain="Burns", purpose="Heal them", audience="Nurses")


def test_a_new_community_is_told() -> None:
    new = NewCommunity(title="Wound care", charter=NEW_CHARTER, visibility=Visibility.CLOSED)
    community, fact = communities.start(COMMUNITY, new, NOON)
    assert (community.facilitators, community.revision, community.created_at) == (0, 1, NOON)
    assert (fact.community, fact.title, fact.visibility, fact.stage, fact.revision) == (
        COMMUNITY,
        "Wound care",
        Visibility.CLOSED,
        Stage.POTENTIAL,
        1,
    )


@given(st.sampled_from(Visibility), st.sampled_from([*Role, None]), st.booleans())
def test_a_closed_community_is_known_to_those_in_it_and_the_operator(
    visibility: Visibility, role: Role | None, operator: bool
) -> None:
    community = a_community(visibility=visibility)
    caller = Caller(member=ANN, organisation=TRUST, operator=operator)
    if visibility is Visibility.CLOSED and role is None and not operator:
        with pytest.raises(NotFound) as hidden:
            communities.check_known(community, caller, role)
        with pytest.raises(NotFound) as missing:
            communities.check_known(None, caller, role)
        assert hidden.value.args == missing.value.args
    else:
        assert communities.check_known(community, caller, role) == community


@pytest.mark.parametrize("visibility", Visibility)
def test_an_outsider_knows_of_theirs_only(visibility: Visibility) -> None:
    community, outsider = a_community(visibility=visibility), Caller(member=ANN)
    assert communities.check_known(community, outsider, Role.GUEST) == community
    with pytest.raises(NotFound):
        communities.check_known(community, outsider, None)


def test_only_what_is_different_is_changed_and_told() -> None:
    community = a_community()
    assert communities.change(community, CommunityChanges(title="Wound care")) == (community, [])
    changed, [fact] = communities.change(
        community, CommunityChanges(charter=NEW_CHARTER, stage=Stage.MATURING)
    )
    assert (changed.charter, changed.stage, changed.title) == (NEW_CHARTER, Stage.MATURING, "Wound care")
    assert (changed.revision, fact.revision, fact.stage) == (2, 2, Stage.MATURING)


def test_an_archived_community_changes_only_by_being_renewed() -> None:
    archived = a_community(stage=Stage.ARCHIVED)
    with pytest.raises(Conflict) as refusal:
        communities.change(archived, CommunityChanges(charter=NEW_CHARTER))
    assert refusal.value.code == "community-archived"
    renewed, facts = communities.change(
        archived, CommunityChanges(charter=NEW_CHARTER, stage=Stage.POTENTIAL)
    )
    assert (renewed.stage, len(facts)) == (Stage.POTENTIAL, 1)


@given(st.sampled_from(Stage))
def test_every_stage_but_the_last_takes_people_in(stage: Stage) -> None:
    community = a_community(stage=stage)
    if stage is Stage.ARCHIVED:
        with pytest.raises(Conflict):
            communities.check_takes_people(community)
    else:
        communities.check_takes_people(community)


def test_a_closed_community_is_joined_by_invitation_only() -> None:
    for visibility in (Visibility.OPEN, Visibility.RESTRICTED):
        communities.check_can_be_joined(a_community(visibility=visibility))
    with pytest.raises(NotAllowed):
        communities.check_can_be_joined(a_community(visibility=Visibility.CLOSED))


def test_a_change_names_the_revision_it_was_decided_upon() -> None:
    check_revision(a_community(revision=3), 3)
    for other in (2, 4):
        with pytest.raises(Conflict) as refusal:
            check_revision(a_community(revision=3), other)
        assert refusal.value.code == "stale-revision"
