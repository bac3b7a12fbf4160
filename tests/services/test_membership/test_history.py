"""Bringing in an archive's people, and how far copies should be."""

import time
from datetime import UTC, datetime

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotFound
from shared.wiring.store import new_id
from tests.services.test_membership.cast import CHARTER, OPERATOR, Cast
from tests.services.test_membership.ear import Ear

LONG_AGO = datetime(2015, 3, 1, tzinfo=UTC)


def archive(organisation: str, count: int) -> tuple[calls.ImportedMember, ...]:
    people = []
    for number in range(count):
        id = new_id()
        new = calls.NewMember(name=f"Author {number:04}", handle=f"a-{id}", profession="Nurse")
        people.append(calls.ImportedMember(id=id, organisation=organisation, new=new))
    return tuple(people)


def bring_in(cast: Cast, community: str, people: tuple[calls.ImportedMember, ...]) -> None:
    call = calls.ImportMembers(caller=OPERATOR, community=community, since=LONG_AGO, members=people)
    cast.switchboard.ask(call, timeout=30)


def test_a_thousand_people_are_brought_in_and_told_once(cast: Cast, ear: Ear) -> None:
    ann = cast.person()
    community = cast.community(ann)
    people = archive(ann.organisation, 1000)
    ids = {person.id for person in people}

    bring_in(cast, community, people)
    began = time.perf_counter()
    bring_in(cast, community, people)
    again = time.perf_counter() - began

    assert cast.see(ann, community).members == 1001
    # A repetition only reads; its facts would have come by now, because later ones have.
    cast.join(cast.person(), community)
    places = ear.hear("membership-changed", 1000, where=lambda fact: fact["member"] in ids)
    assert {fact["since"] for fact in places} == {"2015-03-01T00:00:00Z"}
    assert (
        len(places) == len(ear.hear("member-changed", 1000, where=lambda fact: fact["member"] in ids)) == 1000
    )
    assert again < 2


def test_an_import_adds_who_is_new_and_brings_nobody_back(cast: Cast) -> None:
    ann = cast.person()
    first, second = cast.community(ann), cast.community(ann)
    stays, leaves, gone, late = archive(ann.organisation, 4)
    bring_in(cast, first, (stays, leaves, gone))
    cast.switchboard.ask(calls.EndMembership(caller=ann.caller, community=first, member=leaves.id))
    cast.switchboard.ask(calls.LeaveOrganisation(caller=OPERATOR, member=gone.id))

    bring_in(cast, first, (stays, leaves, gone, late))
    bring_in(cast, second, (stays, leaves, gone))

    assert {place.member for place in cast.everybody_in(ann, first)} == {ann.id, stays.id, late.id}
    assert {place.member for place in cast.everybody_in(ann, second)} == {ann.id, stays.id, leaves.id}
    assert cast.see(ann, second).members == 3


def test_an_import_that_cannot_be_right_is_refused_whole(cast: Cast) -> None:
    ann = cast.person()
    community = cast.community(ann)
    good, other = archive(ann.organisation, 2)
    nowhere = good.model_copy(update={"organisation": "f" * 24})
    taken = other.model_copy(update={"new": other.new.model_copy(update={"handle": ann.handle})})
    for people, refusal, where in (
        ((good, nowhere), Invalid, "members.1.organisation"),
        ((good, good), Invalid, "members.1.id"),
        ((good, taken), Conflict, "members.1.new.handle"),
    ):
        with pytest.raises(refusal) as refused:
            bring_in(cast, community, people)
        assert refused.value.where == where
    assert cast.see(ann, community).members == 1
    with pytest.raises(NotFound):
        bring_in(cast, "f" * 24, (good,))


def test_what_the_operator_gives_an_id_is_found_again(cast: Cast) -> None:
    ann = cast.person()
    ids = [new_id() for _ in range(3)]
    organisation = calls.NewOrganisation.model_validate({"name": "A", "sector": "health", "geography": "B"})
    member = calls.NewMember(name="Al", handle=f"al-{ids[1]}", profession="GP")
    community = calls.NewCommunity(title=f"T {ids[2]}", charter=CHARTER, similar_seen=True)
    founder = OPERATOR.model_copy(update={"member": ann.id, "organisation": ann.organisation})
    for call in (
        calls.RegisterOrganisation(caller=OPERATOR, new=organisation, id=ids[0]),
        calls.RegisterMember(caller=OPERATOR, organisation=ann.organisation, new=member, id=ids[1]),
        calls.StartCommunity(caller=founder, new=community, id=ids[2]),
    ):
        assert cast.switchboard.ask(call) == cast.switchboard.ask(call)
    assert cast.see(ann, ids[2]).role is Role.FACILITATOR
    elsewhere = calls.RegisterMember(caller=OPERATOR, organisation=ids[0], new=member, id=ids[1])
    with pytest.raises(Conflict):
        cast.switchboard.ask(elsewhere)


def test_revisions_say_how_far_copies_should_be(cast: Cast) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann)

    def told(member: str | None) -> tuple[int, int]:
        call = calls.TellRevisions(caller=ann.caller, community=community, member=member)
        revisions = cast.ask(call, calls.Revisions)
        return revisions.community_revision, revisions.membership_revision

    assert (told(None), told(bob.id)) == ((1, 1), (1, 0))
    cast.join(bob, community)
    cast.leave(bob, community)
    changes = calls.CommunityChanges(title="Another title")
    cast.switchboard.ask(
        calls.ChangeCommunity(caller=ann.caller, community=community, changes=changes, revision=1)
    )
    assert told(bob.id) == (2, 2)
    call = calls.TellRevisions(caller=ann.caller, community="f" * 24)
    assert cast.ask(call, calls.Revisions) == calls.Revisions(community_revision=0, membership_revision=0)
