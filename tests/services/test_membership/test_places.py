"""Roles and their end: who may change them, the last facilitator, and leaving one's organisation."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from shared.wiring.store import Store
from tests.services.test_membership.cast import OPERATOR, Cast, Person
from tests.services.test_membership.ear import Ear


def end(cast: Cast, by: Caller, community: str, person: Person, reason: str | None = None) -> None:
    cast.switchboard.ask(calls.EndMembership(caller=by, community=community, member=person.id, reason=reason))


def leave_organisation(cast: Cast, by: Caller, person: Person) -> calls.Member:
    return cast.ask(calls.LeaveOrganisation(caller=by, member=person.id), calls.Member)


def test_a_facilitator_gives_roles(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann)
    cast.join(bob, community)
    place = cast.change_role(ann.caller, community, bob, Role.STEWARD, revision=1)
    assert (place.role, place.revision) == (Role.STEWARD, 2)
    ear.hear("membership-changed", where=lambda fact: fact["member"] == bob.id and fact["role"] == "steward")
    with pytest.raises(Conflict) as stale:
        cast.change_role(ann.caller, community, bob, Role.MEMBER, revision=1)
    assert stale.value.code == "stale-revision"
    with pytest.raises(NotAllowed):
        cast.change_role(bob.caller, community, bob, Role.FACILITATOR, revision=2)
    with pytest.raises(Invalid) as guest:
        cast.change_role(ann.caller, community, bob, Role.GUEST, revision=2)
    assert guest.value.code == "guest-by-invitation"
    with pytest.raises(NotFound):
        cast.change_role(ann.caller, community, cast.person(), Role.MEMBER, revision=1)


def test_the_last_facilitator_can_neither_step_down_nor_go(cast: Cast) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann)
    cast.join(bob, community)
    for attempt in (
        lambda: cast.change_role(ann.caller, community, ann, Role.MEMBER, revision=1),
        lambda: end(cast, ann.caller, community, ann),
        lambda: end(cast, OPERATOR, community, ann),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "last-facilitator"
    cast.change_role(ann.caller, community, bob, Role.FACILITATOR, revision=1)
    cast.change_role(ann.caller, community, ann, Role.MEMBER, revision=1)
    assert cast.see(ann, community).role is Role.MEMBER


def test_two_facilitators_stepping_down_at_once_leave_one(cast: Cast) -> None:
    for _ in range(5):
        ann, bob = cast.people(2)
        community = cast.community(ann)
        cast.bring_in(ann, community, bob, Role.FACILITATOR)

        def step_down(person: Person, community: str = community) -> str:
            try:
                return str(cast.change_role(person.caller, community, person, Role.MEMBER, revision=1).role)
            except Refusal as refusal:
                return refusal.code

        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(step_down, (ann, bob)))
        assert outcomes == ["last-facilitator", "member"]


def test_a_facilitator_removes_a_member_who_is_told_why(cast: Cast, ear: Ear) -> None:
    ann, bob, eve = cast.people(3)
    community = cast.community(ann)
    for person in (bob, eve):
        cast.join(person, community)
    with pytest.raises(NotAllowed):
        end(cast, eve.caller, community, bob)
    end(cast, ann.caller, community, bob, reason="You asked me to.")
    [told] = ear.hear(
        "membership-changed", where=lambda fact: fact["member"] == bob.id and fact["role"] is None
    )
    assert told["reason"] == "You asked me to."
    assert cast.see(ann, community).members == 2
    with pytest.raises(NotFound):
        end(cast, ann.caller, community, bob)


def test_who_leaves_their_organisation_is_out_of_everything_at_once(cast: Cast, ear: Ear) -> None:
    organisation = cast.organisation()
    ann, bob = cast.person(organisation), cast.person(organisation)
    communities = [cast.community(ann) for _ in range(40)]
    for community in communities:
        cast.join(bob, community)
    alone = cast.community(bob)
    restricted = cast.community(ann, Visibility.RESTRICTED)
    cast.join(bob, restricted)
    call = calls.IssueToken(
        caller=OPERATOR, member=bob.id, new=calls.NewToken(name="t", scopes=("threads:read",))
    )
    secret = cast.ask(call, calls.Token).secret

    left = leave_organisation(cast, bob.caller, bob)

    assert (left.active, left.organisation, left.revision) == (False, None, 2)
    told = ear.hear(
        "membership-changed", 41, where=lambda fact: fact["member"] == bob.id and fact["role"] is None
    )
    assert {fact["community"] for fact in told} == {*communities, alone}
    [gone] = ear.hear("member-changed", where=lambda fact: fact["member"] == bob.id and not fact["active"])
    assert gone["organisation"] is None
    assert {cast.see(ann, community).members for community in communities} == {1}
    waiting = cast.switchboard.ask(calls.ListJoinRequests(caller=ann.caller, community=restricted))
    assert waiting.items == ()  # type: ignore[attr-defined]
    from services.membership.domain.credential import digest_of

    assert secret is not None
    with pytest.raises(NotFound):
        cast.switchboard.ask(calls.IdentifyToken(caller=Caller(), digest=digest_of(secret)))
    for attempt in (lambda: cast.join(bob, communities[0]), lambda: cast.community(bob)):
        with pytest.raises(NotAllowed) as refusal:
            attempt()
        assert refusal.value.code == "member-inactive"
    assert cast.see(ann, alone).members == 0
    assert leave_organisation(cast, OPERATOR, bob).revision == 2


def test_leaving_two_hundred_communities_is_one_step(cast: Cast, ear: Ear) -> None:
    *founders, bob = cast.people(9)
    with ThreadPoolExecutor(8) as pool:
        started = pool.map(lambda founder: [cast.community(founder) for _ in range(25)], founders)
        communities = [community for some in started for community in some]
    for community in communities:
        cast.join(bob, community)
    # Within the time that the gateway gives a call.
    cast.switchboard.ask(calls.LeaveOrganisation(caller=bob.caller, member=bob.id), timeout=2)
    ear.hear("membership-changed", 200, where=lambda fact: fact["member"] == bob.id and fact["role"] is None)
    assert cast.see(founders[-1], communities[-1]).members == 1


def test_nobody_stays_in_a_community_they_join_while_they_leave_everything(cast: Cast) -> None:
    for _ in range(8):
        ann, bob = cast.people(2)
        communities = [cast.community(ann) for _ in range(3)]

        def join(community: str, bob: Person = bob) -> None:
            try:
                cast.join(bob, community)
            except NotAllowed:
                pass

        with ThreadPoolExecutor(4) as pool:
            joins = [pool.submit(join, community) for community in communities]
            leaving = pool.submit(leave_organisation, cast, bob.caller, bob)
            for done in (*joins, leaving):
                done.result()
        assert [cast.see(ann, community).members for community in communities] == [1, 1, 1]
        assert all(len(cast.everybody_in(ann, community)) == 1 for community in communities)


def test_only_the_member_their_system_and_the_operator_end_it(cast: Cast) -> None:
    organisation = cast.organisation()
    ann, colleague = cast.person(organisation), cast.person(organisation)
    stranger = cast.person()
    with pytest.raises(NotAllowed):
        leave_organisation(cast, colleague.caller, ann)
    for caller in (stranger.caller, Caller(client="a" * 24, organisation=stranger.organisation)):
        with pytest.raises(NotFound):
            leave_organisation(cast, caller, ann)
    system = Caller(client="a" * 24, organisation=organisation)
    assert leave_organisation(cast, system, ann).active is False


def test_a_community_without_facilitator_gets_one_from_the_operator(cast: Cast) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann)
    cast.join(bob, community)
    leave_organisation(cast, ann.caller, ann)
    assert cast.change_role(OPERATOR, community, bob, Role.FACILITATOR, revision=1).role is Role.FACILITATOR
    with pytest.raises(Conflict):
        cast.leave(bob, community)


def test_a_member_who_changes_their_name_stands_under_the_new_one(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(name="Zoe"), cast.person(name="Bob")
    community = cast.community(ann)
    cast.join(bob, community)

    def change(by: Person, revision: int) -> calls.Member:
        changes = calls.MemberChanges(name="Abi", interests=("falls",))
        call = calls.ChangeMember(caller=by.caller, member=ann.id, changes=changes, revision=revision)
        return cast.ask(call, calls.Member)

    assert change(ann, 1).revision == 2
    assert [place.name for place in cast.everybody_in(bob, community)] == ["Abi", "Bob"]
    [told] = ear.hear("member-changed", where=lambda fact: fact["member"] == ann.id and fact["revision"] == 2)
    assert (told["name"], told["interests"]) == ("Abi", ["falls"])
    with pytest.raises(Conflict):
        change(ann, 1)
    with pytest.raises(NotAllowed):
        change(bob, 2)
    with pytest.raises(NotFound):
        change(cast.person(), 2)
    assert change(ann, 2).revision == 2


def test_a_page_ends_where_its_last_row_stands_whatever_its_member_is_called_by_now(
    cast: Cast, store: Store
) -> None:
    ann, bob, cai = cast.person(name="Ann"), cast.person(name="Bob"), cast.person(name="Cai")
    community = cast.community(ann)
    for person in (bob, cai):
        cast.join(person, community)
    # As if Bob's change came between the reading of the places and that of the people.
    store.database["members"].update_one({"_id": bob.id}, {"$set": {"name": "Zed"}})
    assert [place.name for place in cast.everybody_in(ann, community, limit=2)] == ["Ann", "Zed", "Cai"]
