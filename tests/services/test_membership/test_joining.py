"""Getting in: at once, by approval, by invitation only; and what is told of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Once
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import Conflict, NotAllowed, NotFound
from tests.services.test_membership.cast import OPERATOR, Cast, Person
from tests.services.test_membership.ear import Ear


def decide(cast: Cast, by: Person, community: str, request: str, approve: bool) -> calls.JoinRequest:
    call = calls.DecideJoinRequest(
        caller=by.caller,
        community=community,
        request=request,
        decision=calls.Decision(approve=approve, message="Thank you for asking."),
    )
    return cast.ask(call, calls.JoinRequest)


def waiting(cast: Cast, by: Person, community: str) -> list[calls.JoinRequest]:
    call = calls.ListJoinRequests(caller=by.caller, community=community)
    return list(cast.switchboard.ask(call).items)  # type: ignore[attr-defined]


def test_an_open_community_is_joined_at_once_and_told(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(), cast.person(name="Bob")
    community = cast.community(ann)

    outcome = cast.join(bob, community)

    assert outcome.request is None
    assert outcome.membership is not None
    assert (outcome.membership.role, outcome.membership.revision) == (Role.MEMBER, 1)
    assert cast.see(bob, community).members == 2
    [told] = ear.hear("membership-changed", where=lambda fact: fact["member"] == bob.id)
    assert told["membership"] == f"{community}:{bob.id}"
    assert (told["role"], told["revision"]) == ("member", 1)


def test_leaving_and_joining_again_are_revisions_of_one_place(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(), cast.person()
    community = cast.community(ann)
    cast.join(bob, community)
    cast.leave(bob, community)
    assert cast.see(bob, community).role is None
    assert cast.see(bob, community).members == 1

    again = cast.join(bob, community).membership

    assert again is not None and again.revision == 3
    told = ear.hear("membership-changed", 3, where=lambda fact: fact["member"] == bob.id)
    assert sorted((fact["revision"], fact["role"]) for fact in told) == [
        (1, "member"),
        (2, None),
        (3, "member"),
    ]


def test_nobody_joins_twice(cast: Cast) -> None:
    ann = cast.person()
    community = cast.community(ann)
    with pytest.raises(Conflict) as refusal:
        cast.join(ann, community)
    assert refusal.value.code == "already-in"


def test_a_repeated_join_under_one_promise_gets_the_same_answer(cast: Cast) -> None:
    ann, bob = cast.person(), cast.person()
    community = cast.community(ann)
    once = Once(key=f"{bob.id}:join", fingerprint="0" * 64)
    call = calls.Join(caller=bob.caller, community=community, new=calls.NewJoin(), once=once)
    assert cast.switchboard.ask(call) == cast.switchboard.ask(call)
    assert cast.see(ann, community).members == 2


def test_only_a_member_joins(cast: Cast) -> None:
    ann = cast.person()
    community = cast.community(ann)
    system = Caller(organisation=ann.organisation, client="a" * 24)
    with pytest.raises(NotAllowed):
        cast.switchboard.ask(calls.Join(caller=system, community=community, new=calls.NewJoin()))


def test_hundreds_join_at_once_and_the_count_is_right(cast: Cast) -> None:
    people = cast.people(200)
    community = cast.community(people[0])
    with ThreadPoolExecutor(60) as pool:
        told_to_wait = sum(pool.map(lambda person: cast.join_patiently(person, community), people[1:]))
    assert told_to_wait < 10
    assert cast.see(people[0], community).members == 200
    assert len(cast.everybody_in(people[0], community, limit=100)) == 200


def test_one_person_joining_many_times_at_once_is_in_once(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(), cast.person()
    community = cast.community(ann)

    def attempt(_: int) -> str:
        try:
            cast.join_patiently(bob, community)
            return "in"
        except Conflict as refusal:
            return refusal.code

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(attempt, range(12)))
    assert sorted(outcomes) == ["already-in"] * 11 + ["in"]
    assert cast.see(ann, community).members == 2
    assert len(ear.hear("membership-changed", where=lambda fact: fact["member"] == bob.id)) == 1


def test_a_restricted_community_is_joined_by_approval(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(), cast.person(name="Bob")
    community = cast.community(ann, Visibility.RESTRICTED)

    asked = cast.join(bob, community, message="I run a falls clinic.").request

    assert asked is not None and asked.state == "waiting"
    [told] = ear.hear("join-requested", where=lambda fact: fact["community"] == community)
    assert (told["member"], told["message"]) == (bob.id, "I run a falls clinic.")
    assert [request.request for request in waiting(cast, ann, community)] == [asked.request]
    assert cast.see(bob, community).role is None

    assert decide(cast, ann, community, asked.request, approve=True).state == "approved"

    assert cast.see(bob, community).role is Role.MEMBER
    assert waiting(cast, ann, community) == []
    [told] = ear.hear("join-decided", where=lambda fact: fact["request"] == asked.request)
    assert (told["approved"], told["message"]) == (True, "Thank you for asking.")
    ear.hear("membership-changed", where=lambda fact: fact["member"] == bob.id and fact["role"] == "member")


def test_a_declined_request_leaves_the_member_out_and_free_to_ask_again(cast: Cast, ear: Ear) -> None:
    ann, bob = cast.person(), cast.person()
    community = cast.community(ann, Visibility.RESTRICTED)
    asked = cast.join(bob, community).request
    assert asked is not None
    declined = decide(cast, ann, community, asked.request, approve=False)
    assert (declined.state, declined.decision_message) == ("declined", "Thank you for asking.")
    assert cast.see(bob, community).role is None
    [told] = ear.hear("join-decided", where=lambda fact: fact["request"] == asked.request)
    assert told["approved"] is False
    with pytest.raises(Conflict) as refusal:
        decide(cast, ann, community, asked.request, approve=True)
    assert refusal.value.code == "already-decided"
    assert cast.join(bob, community).request is not None


def test_a_member_asks_once_until_they_take_it_back(cast: Cast) -> None:
    ann, bob = cast.person(), cast.person()
    community = cast.community(ann, Visibility.RESTRICTED)
    cast.join(bob, community)
    with pytest.raises(Conflict) as refusal:
        cast.join(bob, community)
    assert refusal.value.code == "already-asked"
    cast.leave(bob, community)
    assert waiting(cast, ann, community) == []
    assert cast.join(bob, community).request is not None


def test_only_facilitators_see_and_decide_requests(cast: Cast) -> None:
    ann, bob, eve = cast.person(), cast.person(), cast.person()
    community, elsewhere = cast.community(ann, Visibility.RESTRICTED), cast.community(eve)
    asked = cast.join(bob, community).request
    assert asked is not None
    for person in (bob, eve):
        with pytest.raises(NotAllowed):
            waiting(cast, person, community)
        with pytest.raises(NotAllowed):
            decide(cast, person, community, asked.request, approve=True)
    with pytest.raises(NotFound):
        decide(cast, eve, elsewhere, asked.request, approve=True)
    assert cast.see(bob, community).role is None


def test_requests_are_listed_longest_wait_first_and_paged(cast: Cast) -> None:
    ann = cast.person()
    community = cast.community(ann, Visibility.RESTRICTED)
    people = cast.people(5)
    for person in people:
        cast.join(person, community)
    seen: list[str] = []
    after = None
    for _ in range(3):
        call = calls.ListJoinRequests(caller=ann.caller, community=community, after=after, limit=2)
        page = cast.switchboard.ask(call)
        seen += [request.member for request in page.items]  # type: ignore[attr-defined]
        after = page.next  # type: ignore[attr-defined]
    assert seen == [person.id for person in people]
    assert after is None


def test_an_archived_community_takes_nobody_in(cast: Cast) -> None:
    ann, bob, cat = cast.people(3)
    community = cast.community(ann)
    token = cast.invite(ann, community).token
    assert token is not None
    changes = calls.CommunityChanges(stage=Stage.ARCHIVED)
    cast.switchboard.ask(
        calls.ChangeCommunity(caller=ann.caller, community=community, changes=changes, revision=1)
    )
    for call in (
        calls.Join(caller=bob.caller, community=community, new=calls.NewJoin()),
        calls.AcceptInvitation(caller=cat.caller, token=token),
        calls.Invite(caller=ann.caller, community=community, new=calls.NewInvitation(email="a@b.org")),
    ):
        with pytest.raises(Conflict) as refusal:
            cast.switchboard.ask(call)
        assert refusal.value.code == "community-archived"
    assert cast.see(bob, community).members == 1


def test_a_community_that_opens_lets_those_in_who_wait_when_they_join(cast: Cast) -> None:
    ann, bob = cast.people(2)
    community = cast.community(ann, Visibility.RESTRICTED)
    cast.join(bob, community)
    changes = calls.CommunityChanges(visibility=Visibility.OPEN)
    cast.switchboard.ask(
        calls.ChangeCommunity(caller=ann.caller, community=community, changes=changes, revision=1)
    )
    assert cast.join(bob, community).membership is not None
    assert waiting(cast, ann, community) == []


def test_the_operator_joins_nothing(cast: Cast) -> None:
    community = cast.community(cast.person())
    with pytest.raises(NotAllowed):
        cast.switchboard.ask(calls.Join(caller=OPERATOR, community=community, new=calls.NewJoin()))
