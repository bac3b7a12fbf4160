"""What a caller may not know of is not found, by every call there is."""

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Caller
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import NotAllowed, NotFound
from tests.services.test_membership.cast import CHARTER, OPERATOR, Cast, Person

NOWHERE = "f" * 24


def titles(cast: Cast, caller: Caller, words: str | None = None, mine: bool = False) -> list[str]:
    """All pages of the communities a caller is shown."""
    found: list[str] = []
    after = None
    while True:
        call = calls.ListCommunities(caller=caller, words=words, mine=mine, after=after, limit=3)
        page = cast.switchboard.ask(call)
        found += [community.title for community in page.items]  # type: ignore[attr-defined]
        after = page.next  # type: ignore[attr-defined]
        if after is None:
            return found


def calls_about(community: str, member: str, caller: Caller) -> list[Call]:
    """Every call that names a community."""
    return [
        calls.GetCommunity(caller=caller, community=community),
        calls.ChangeCommunity(
            caller=caller, community=community, changes=calls.CommunityChanges(title="Ours"), revision=1
        ),
        calls.Join(caller=caller, community=community, new=calls.NewJoin()),
        calls.ListJoinRequests(caller=caller, community=community),
        calls.DecideJoinRequest(
            caller=caller, community=community, request=NOWHERE, decision=calls.Decision(approve=True)
        ),
        calls.Invite(caller=caller, community=community, new=calls.NewInvitation(email="a@b.org")),
        calls.ListInvitations(caller=caller, community=community),
        calls.RevokeInvitation(caller=caller, community=community, invitation=NOWHERE),
        calls.ListMemberships(caller=caller, community=community),
        calls.ChangeRole(
            caller=caller,
            community=community,
            member=member,
            change=calls.RoleChange(role=Role.MEMBER),
            revision=1,
        ),
        calls.EndMembership(caller=caller, community=community, member=member),
    ]


def test_a_closed_community_and_none_at_all_are_refused_alike(cast: Cast) -> None:
    ann, eve = cast.person(), cast.person()
    closed = cast.community(ann, Visibility.CLOSED)
    for there, not_there in zip(
        calls_about(closed, ann.id, eve.caller), calls_about(NOWHERE, ann.id, eve.caller), strict=True
    ):
        with pytest.raises(NotFound) as hidden:
            cast.switchboard.ask(there)
        with pytest.raises(NotFound) as missing:
            cast.switchboard.ask(not_there)
        assert hidden.value.args == missing.value.args, there.method()


def test_who_was_in_a_closed_community_knows_it_no_more(cast: Cast) -> None:
    ann, bob = cast.people(2)
    closed = cast.community(ann, Visibility.CLOSED)
    cast.bring_in(ann, closed, bob)
    assert cast.see(bob, closed).role is Role.MEMBER
    cast.leave(bob, closed)
    for call in calls_about(closed, ann.id, bob.caller):
        with pytest.raises(NotFound):
            cast.switchboard.ask(call)


def test_an_organisations_system_knows_no_closed_community(cast: Cast) -> None:
    ann = cast.person()
    closed = cast.community(ann, Visibility.CLOSED)
    system = Caller(organisation=ann.organisation, client="a" * 24)
    for call in calls_about(closed, ann.id, system):
        with pytest.raises((NotFound, NotAllowed)) as refusal:
            cast.switchboard.ask(call)
        assert isinstance(refusal.value, NotFound) or call.method() == "join"


def test_listings_show_what_is_not_closed_and_ones_own_by_title(cast: Cast) -> None:
    word = "zebra" + cast.person().id[-6:]
    ann, eve = cast.people(2)
    cast.community(ann, Visibility.OPEN, f"b {word}")
    cast.community(ann, Visibility.CLOSED, f"C {word}")
    cast.community(eve, Visibility.RESTRICTED, f"d {word}")
    cast.community(eve, Visibility.CLOSED, f"A {word}")
    cast.community(eve, Visibility.OPEN, f"e {word}")
    assert titles(cast, ann.caller, word) == [f"{first} {word}" for first in "bCde"]
    assert titles(cast, eve.caller, word) == [f"{first} {word}" for first in "Abde"]
    assert titles(cast, eve.caller, word, mine=True) == [f"{first} {word}" for first in "Ade"]
    assert titles(cast, OPERATOR, word) == [f"{first} {word}" for first in "AbCde"]
    assert titles(cast, Caller(client="a" * 24), word) == [f"{first} {word}" for first in "bde"]
    assert titles(cast, cast.person().caller, mine=True) == []


def test_a_cursor_is_good_for_its_own_listing_only(cast: Cast) -> None:
    ann, eve = cast.people(2)
    for _ in range(2):
        cast.community(ann)
    first = cast.switchboard.ask(calls.ListCommunities(caller=ann.caller, mine=True, limit=1))
    after = first.next  # type: ignore[attr-defined]
    for caller, mine in ((eve.caller, True), (ann.caller, False)):
        with pytest.raises(Exception, match="cursor"):
            cast.switchboard.ask(calls.ListCommunities(caller=caller, mine=mine, limit=1, after=after))


def test_similar_communities_are_shown_only_to_who_may_see_them(cast: Cast) -> None:
    unlike = cast.person().id
    ann, eve = cast.people(2)
    title = f"Physiotherapy in {unlike} homes"
    closed = cast.community(ann, Visibility.CLOSED, title)
    find = f"Home {unlike} physiotherapists"

    def found(person: Person) -> list[str]:
        call = calls.FindSimilarCommunities(caller=person.caller, title=find)
        return [one.community for one in cast.ask(call, calls.SimilarCommunities).items]

    assert found(ann) == [closed]
    assert found(eve) == []


def test_a_community_is_started_after_looking_at_similar_ones(cast: Cast) -> None:
    ann, eve = cast.people(2)
    cast.community(ann, Visibility.OPEN, f"Wound care for {ann.id}")
    cast.community(ann, Visibility.CLOSED, f"Dementia {eve.id} singing")
    new = calls.NewCommunity(title=f"Caring for wounds: {ann.id}", charter=CHARTER)
    with pytest.raises(Exception, match="similar_seen") as refusal:
        cast.switchboard.ask(calls.StartCommunity(caller=eve.caller, new=new))
    assert getattr(refusal.value, "code") == "similar-communities"  # noqa: B009
    seen = new.model_copy(update={"similar_seen": True})
    started = cast.ask(calls.StartCommunity(caller=eve.caller, new=seen), calls.Community)
    assert (started.role, started.members) == (Role.FACILITATOR, 1)
    charter = calls.Charter(domain=f"Music {eve.id}", purpose="Choirs", audience="All")
    hidden = calls.NewCommunity(title=f"Singing {eve.id} dementia", charter=charter)
    assert cast.ask(calls.StartCommunity(caller=eve.caller, new=hidden), calls.Community).role


def test_guests_see_themselves_and_the_facilitators(cast: Cast) -> None:
    ann, bob, guest, other_guest = cast.people(4)
    community = cast.community(ann)
    cast.join(bob, community)
    cast.bring_in(ann, community, guest, Role.GUEST)
    cast.bring_in(ann, community, other_guest, Role.GUEST)
    assert {place.member for place in cast.everybody_in(guest, community, limit=1)} == {ann.id, guest.id}
    assert {place.member for place in cast.everybody_in(bob, community)} == {
        ann.id,
        bob.id,
        guest.id,
        other_guest.id,
    }


def test_who_is_in_a_community_is_shown_to_those_in_it_by_name(cast: Cast) -> None:
    organisation = cast.organisation("A Trust")
    ann = cast.person(name="ann", organisation=organisation)
    people = [cast.person(name=name) for name in ("Zoe", "bea", "Ann", "Carl")]
    community = cast.community(ann)
    for person in people:
        cast.join(person, community)
    places = cast.everybody_in(ann, community, limit=2)
    assert [place.name for place in places][2:] == ["bea", "Carl", "Zoe"]
    assert {place.member for place in places} == {ann.id, *(person.id for person in people)}
    assert next(place for place in places if place.member == ann.id).organisation_name == "A Trust"
    with pytest.raises(NotAllowed):
        cast.everybody_in(cast.person(), community)


def test_members_are_known_in_their_organisation_and_their_communities(cast: Cast) -> None:
    organisation = cast.organisation()
    ann = cast.person(organisation, email="ann@example.org")
    colleague, fellow, stranger, guest = cast.person(organisation), *cast.people(3)
    community = cast.community(fellow)
    cast.join(ann, community)
    cast.bring_in(fellow, community, guest, Role.GUEST)

    def get(caller: Caller, member: str) -> calls.Member:
        return cast.ask(calls.GetMember(caller=caller, member=member), calls.Member)

    for caller in (ann.caller, colleague.caller, fellow.caller, OPERATOR):
        seen = get(caller, ann.id)
        assert seen.handle == ann.handle
        assert "example.org" not in seen.model_dump_json()
    assert get(Caller(client="a" * 24, organisation=organisation), ann.id).name == ann.name
    assert get(guest.caller, fellow.id).name == fellow.name
    for caller in (
        stranger.caller,
        guest.caller,
        Caller(client="a" * 24, organisation=stranger.organisation),
    ):
        with pytest.raises(NotFound) as hidden:
            get(caller, ann.id)
        with pytest.raises(NotFound) as missing:
            get(caller, NOWHERE)
        assert hidden.value.args == missing.value.args
