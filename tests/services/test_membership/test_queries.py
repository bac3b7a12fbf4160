"""Every read of the service goes by an index, and no call needs many."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.membership.domain.credential import digest_of
from services.membership.repositories import INDEXES
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Call, Caller
from shared.contracts.vocabulary import Role, Visibility
from shared.wiring.store import Store
from tests.services.test_membership.cast import CHARTER, OPERATOR, Cast, Person

DUE = {"due", "due_at", "begins", "ends_at", "sponsorship.next_at", "leaving_since", "members"}
WRITTEN_BY_TIME = {"acts", "audit"}
"""What is done in these is done now and then, and not by the call that is watched."""

Watch = Callable[[Call], list[dict[str, Any]]]


@pytest.fixture
def watch(cast: Cast, store: Store) -> Iterator[Watch]:
    """Makes a call and returns what MongoDB's profiler saw of it in the service's own collections."""
    database = store.database

    def watching(call: Call) -> list[dict[str, Any]]:
        database.command("profile", 0)
        database.drop_collection("system.profile")
        database.command("profile", 2)
        cast.switchboard.ask(call)
        database.command("profile", 0)
        spaces = {f"{database.name}.{collection}" for collection in INDEXES.keys() - WRITTEN_BY_TIME}
        seen = [each for each in database["system.profile"].find() if each["ns"] in spaces]
        return [each for each in seen if not _is_done_by_time(each["command"])]

    yield watching
    database.command("profile", 0)


def _is_done_by_time(command: dict[str, Any]) -> bool:
    """Whether it is a look for what is due, which a call that is watched only happens to meet."""
    return not DUE.isdisjoint(command.get("filter", {}))


@pytest.fixture
def town(cast: Cast) -> dict[str, Any]:
    """A community of twenty, a hundred others, and something of everything."""
    *people, ann, guest = cast.people(21)
    community = cast.community(ann, title="Wound care in the valleys")
    restricted = cast.community(ann, Visibility.RESTRICTED)
    for person in people:
        cast.join(person, community)
    cast.bring_in(ann, community, guest, Role.GUEST)
    for number in range(30):
        cast.community(people[number % 5], Visibility.CLOSED if number % 2 else Visibility.OPEN)
    request = cast.join(people[0], restricted).request
    assert request is not None
    new = calls.NewToken(name="t", scopes=("threads:read",))
    token = cast.ask(calls.IssueToken(caller=ann.caller, new=new), calls.Token)
    client = cast.ask(
        calls.RegisterClient(
            caller=OPERATOR,
            organisation=ann.organisation,
            new=calls.NewClient(name="c", scopes=("threads:read",)),
        ),
        calls.Client,
    )
    return {
        "ann": ann,
        "guest": guest,
        "bob": people[0],
        "community": community,
        "restricted": restricted,
        "request": request.request,
        "token": token,
        "client": client,
        "invitation": cast.invite(ann, restricted),
    }


def reads(town: dict[str, Any]) -> list[Call]:
    """One call for each way of asking."""
    ann, guest, community = town["ann"].caller, town["guest"].caller, town["community"]
    ordinary: list[Call] = [
        calls.GetOrganisation(caller=ann, organisation=town["ann"].organisation),
        calls.ListOrganisations(caller=ann),
        calls.GetMember(caller=ann, member=town["bob"].id),
        calls.FindSimilarCommunities(caller=ann, title="Valley wounds", purpose="To care for wounds"),
        calls.GetCommunity(caller=ann, community=community),
        calls.ListCommunities(caller=ann, limit=5),
        calls.ListCommunities(caller=ann, mine=True, limit=5),
        calls.ListCommunities(caller=ann, words="wound care"),
        calls.ListCommunities(caller=OPERATOR, limit=5),
        calls.ListJoinRequests(caller=ann, community=town["restricted"]),
        calls.ListInvitations(caller=ann, community=town["restricted"]),
        calls.ListMemberships(caller=ann, community=community, limit=5),
        calls.ListMemberships(caller=guest, community=community),
        calls.ListTokens(caller=ann),
        calls.ListTokens(caller=OPERATOR, member=town["ann"].id),
        calls.ListMembers(caller=OPERATOR, limit=5),
        calls.ListMembers(caller=OPERATOR, organisation=town["ann"].organisation, limit=5),
        calls.ListMembers(caller=OPERATOR, handle="nobody.at.all"),
        calls.ListClients(caller=OPERATOR, limit=5),
        calls.ListClients(caller=OPERATOR, organisation=town["ann"].organisation),
    ]
    in_two_reads: list[Call] = [
        calls.IdentifyToken(caller=Caller(), digest=digest_of(town["token"].secret)),
        calls.IdentifyClient(caller=Caller(), client=town["client"].client, acting_for=town["ann"].id),
        calls.TellRevisions(caller=ann, community=community),
    ]
    return [*ordinary, *in_two_reads]


def further_pages(cast: Cast, town: dict[str, Any]) -> list[Call]:
    """The second page of every listing that has one."""
    found: list[Call] = []
    for call in reads(town):
        if (after := getattr(cast.switchboard.ask(call), "next", None)) is not None:
            found.append(call.model_copy(update={"after": after}))
    return found


def writes(town: dict[str, Any]) -> list[Call]:
    """Calls whose reads and writes no other call covers; in an order in which each succeeds."""
    ann, bob = town["ann"], town["bob"]
    community, restricted = town["community"], town["restricted"]
    new = calls.NewCommunity(title="Choirs", charter=CHARTER, similar_seen=True)
    stranger: Person = town["guest"]
    return [
        calls.ChangeMember(
            caller=bob.caller, member=bob.id, changes=calls.MemberChanges(name="New"), revision=1
        ),
        calls.StartCommunity(caller=ann.caller, new=new),
        calls.DecideJoinRequest(
            caller=ann.caller,
            community=restricted,
            request=town["request"],
            decision=calls.Decision(approve=True),
        ),
        calls.AcceptInvitation(caller=stranger.caller, token=town["invitation"].token),
        calls.ChangeRole(
            caller=ann.caller,
            community=community,
            member=bob.id,
            change=calls.RoleChange(role=Role.FACILITATOR),
            revision=1,
        ),
        calls.EndMembership(caller=ann.caller, community=community, member=ann.id),
        calls.RevokeToken(caller=ann.caller, token=town["token"].token),
        calls.RevokeClient(caller=OPERATOR, client=town["client"].client),
        calls.LeaveOrganisation(caller=bob.caller, member=bob.id),
    ]


def test_nothing_is_read_without_an_index(cast: Cast, town: dict[str, Any], watch: Watch) -> None:
    later = further_pages(cast, town)
    assert {call.method() for call in later} >= {"list_communities", "list_memberships", "list_members"}
    for call in (*reads(town), *later, *writes(town)):
        seen = watch(call)
        assert seen, call.method()
        for operation in seen:
            assert "COLLSCAN" not in operation.get("planSummary", ""), (call.method(), operation["command"])


def test_a_read_takes_few_queries_and_looks_at_little_more_than_it_shows(
    town: dict[str, Any], watch: Watch
) -> None:
    for call in reads(town):
        seen = watch(call)
        most = 2 if call.method().startswith(("identify", "tell")) else 4
        assert len(seen) <= most, (call.method(), [operation["command"] for operation in seen])
        for operation in seen:
            looked_at, shown = operation.get("docsExamined", 0), operation.get("nreturned", 0)
            assert looked_at <= shown + 12, (call.method(), operation["command"])
            assert not operation.get("hasSortStage") or shown <= 12, (call.method(), operation["command"])


def test_what_is_done_now_and_then_has_its_indexes_too(store: Store, town: dict[str, Any]) -> None:
    database = store.database
    database.command("profile", 0)
    database.drop_collection("system.profile")
    database.command("profile", 2)
    until = time.monotonic() + 60  # a service that was killed just before keeps its lease for half a minute
    asked: set[str] = set()
    while not asked >= {"acts", "agreements"} and time.monotonic() < until:
        time.sleep(0.5)
        asked = {seen["ns"].removeprefix(f"{database.name}.") for seen in database["system.profile"].find()}
    database.command("profile", 0)
    assert asked >= {"acts", "agreements"}
    seen = [each for each in database["system.profile"].find() if each["ns"].split(".", 1)[1] in INDEXES]
    assert [each["command"] for each in seen if "COLLSCAN" in each.get("planSummary", "")] == []


def test_however_many_requests_wait_leaving_takes_them_back_by_one_write(
    cast: Cast, store: Store, watch: Watch
) -> None:
    ann, bob = cast.people(2)
    asked = [cast.join(bob, cast.community(ann, Visibility.RESTRICTED)).request for _ in range(4)]
    seen = watch(calls.LeaveOrganisation(caller=bob.caller, member=bob.id))
    requests = [each for each in seen if each["ns"].endswith(".join_requests")]
    assert [each["op"] for each in requests] == ["update"]
    rows = list(store.database["join_requests"].find({"member": bob.id}))
    assert {row["_id"] for row in rows} == {request.request for request in asked if request}
    assert all((row["state"], row["revision"]) == ("withdrawn", 2) and row["decided_at"] for row in rows)


def a_system_of(person: Person) -> Caller:
    """An organisation's system that acts for a member, and to which nobody else's is disclosed."""
    return person.caller.model_copy(update={"client": "c" * 24})


def test_a_system_to_which_nobody_is_disclosed_is_answered_by_few_questions(cast: Cast, watch: Watch) -> None:
    ann = cast.person(name="Ann")
    others = cast.people(60)
    own = [cast.person(ann.organisation, name=name) for name in ("Person 017 and a half", "Person 044 too")]
    community, restricted = cast.community(ann), cast.community(ann, Visibility.RESTRICTED)
    for person in (*others[:30], own[0], *others[30:], own[1]):
        cast.join(person, community)
        cast.join(person, restricted)
    caller = a_system_of(ann)
    listings: list[Any] = [
        calls.ListMemberships(caller=caller, community=community, limit=1),
        calls.ListJoinRequests(caller=caller, community=restricted, limit=1),
    ]
    for listing, expected in zip(listings, ([ann, *own], own), strict=True):
        assert len(watch(listing)) <= 9, "and not as many as there are members"
        seen: list[str] = []
        after = None
        while True:
            page: Any = cast.switchboard.ask(listing.model_copy(update={"after": after}))
            assert len(page.items) == 1
            seen += [one.member for one in page.items]
            if (after := page.next) is None:
                break
        assert seen == [person.id for person in expected]
