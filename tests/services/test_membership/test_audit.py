"""The audit log over a real broker and database: every act once, in its chain, and only what was done."""

import base64
import json
import time
from itertools import pairwise

import pytest

from services.membership.domain.act import hash_of
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Done, Once, Page
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Invalid, NotFound
from shared.wiring.due import LASTS
from shared.wiring.store import Store
from tests.services.test_membership.cast import OPERATOR, Cast
from tests.services.test_membership.test_credentials import issue, register_client
from tests.services.test_membership.test_exports import digest_of_link, ready

# A service that was killed, as another test may have done just before, keeps its lease on the sealing for half a minute.
PATIENCE = LASTS.total_seconds() + 15


def acts_of(cast: Cast, organisation: str, count: int) -> list[calls.Act]:
    """What the log says of an organisation, newest first, once it says `count` things or more."""
    reader = Caller(client="c" * 24, organisation=organisation)
    until = time.monotonic() + PATIENCE
    while True:
        items = cast.ask(calls.ListActs(caller=reader, limit=100), Page[calls.Act]).items
        if len(items) >= count or time.monotonic() > until:
            return list(items)
        time.sleep(0.1)


def test_what_was_done_is_told_with_who_did_it_and_through_what(cast: Cast) -> None:
    ann = cast.person()
    client = register_client(cast, ann.organisation)
    through = Caller(member=ann.id, organisation=ann.organisation, client=client.client, scopes=ann.scopes)
    token = issue(cast, through)
    newest, *_ = acts = acts_of(cast, ann.organisation, 4)
    assert [act.act for act in acts] == [
        "issue_token",
        "register_client",
        "register_member",
        "register_organisation",
    ]
    assert (newest.member, newest.client, newest.operator) == (ann.id, client.client, False)
    assert newest.concerns == {"token": token.token}
    assert acts[1].operator
    assert acts[1].concerns == {"client": client.client, "organisation": ann.organisation}


def test_what_was_refused_or_repeated_is_no_further_act(cast: Cast) -> None:
    ann = cast.person()
    once = Once(key=f"{ann.id}:audit", fingerprint="1" * 64)
    token = issue(cast, ann.caller, once=once)
    issue(cast, ann.caller, once=once)
    stranger = cast.person()
    with pytest.raises(NotFound):
        cast.ask(calls.RevokeToken(caller=stranger.caller, token=token.token), Done)
    acts_of(cast, stranger.organisation, 2)
    assert [act.act for act in acts_of(cast, ann.organisation, 3)].count("issue_token") == 1


def test_an_organisation_reads_nothing_of_another(cast: Cast) -> None:
    ann, ben = cast.person(), cast.person()
    issue(cast, ann.caller)
    bens = acts_of(cast, ben.organisation, 2)
    assert {organisation for act in bens for organisation in act.organisations} == {ben.organisation}


def test_the_chain_holds_over_many_acts_at_once(cast: Cast) -> None:
    organisation = cast.organisation()
    cast.people(30, organisation)
    acts_of(cast, organisation, 31)
    newest_first: list[calls.SealedAct] = []
    after = None
    while True:
        page = cast.ask(calls.ListSealedActs(caller=OPERATOR, limit=10, after=after), Page[calls.SealedAct])
        newest_first += page.items
        if (after := page.next) is None:
            break
    assert [act.number for act in newest_first] == list(range(len(newest_first), 0, -1))
    for later, earlier in pairwise(newest_first):
        assert later.previous == earlier.hash == hash_of(earlier)


def test_no_secret_and_no_word_is_in_it(cast: Cast, store: Store) -> None:
    ann = cast.person(name="Wilhelmina", email="wilhelmina@example.org")
    token = issue(cast, ann.caller)
    acts_of(cast, ann.organisation, 3)
    log = str(list(store.database["audit"].find({"organisations": ann.organisation})))
    assert log.count("issue_token") == 1
    for words in ("wilhelmina", "example.org", "phone", token.secret or ""):
        assert words not in log.lower()


def test_a_page_goes_on_where_the_last_one_ended_and_counts_its_own_only(cast: Cast) -> None:
    organisation, other = cast.organisation(), cast.organisation()
    for _ in range(6):
        cast.person(organisation)
        cast.person(other)
    acts_of(cast, organisation, 7)
    reader = Caller(client="c" * 24, organisation=organisation)
    numbers: list[int] = []
    after = None
    while True:
        page = cast.ask(calls.ListActs(caller=reader, limit=2, after=after), Page[calls.Act])
        numbers += [act.number for act in page.items]
        if (after := page.next) is None:
            break
        held = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        assert page.items[-1].id in str(held)
        assert not [one for one in held if isinstance(one, int)], "nor does a cursor tell how much others do"
    assert numbers == [7, 6, 5, 4, 3, 2, 1]
    stolen = cast.ask(calls.ListActs(caller=reader, limit=2), Page[calls.Act]).next
    stranger = Caller(client="c" * 24, organisation=other)
    with pytest.raises(Invalid) as refused:
        cast.switchboard.ask(calls.ListActs(caller=stranger, limit=2, after=stolen))
    assert refused.value.code == "cursor-invalid"


def test_what_a_link_does_is_told_of_whose_link_it_is(cast: Cast, store: Store) -> None:
    ann = cast.person()
    export = ready(cast, store, ann)
    digest = digest_of_link(cast, ann)
    cast.ask(calls.OpenExport(caller=Caller(), digest=digest), calls.OpenedExport)
    cast.ask(calls.FinishExport(caller=Caller(), digest=digest), Done)
    found = {act.act: act for act in acts_of(cast, ann.organisation, 6)}
    for name in ("open_export", "finish_export"):
        assert (found[name].member, found[name].organisations) == (ann.id, (ann.organisation,))
    assert found["open_export"].concerns["export"] == export


@pytest.mark.parametrize("by_operator", [False, True])
def test_both_organisations_find_what_one_does_to_the_others_member(cast: Cast, by_operator: bool) -> None:
    ann, ben = cast.person(), cast.person()
    community = cast.community(ann)
    cast.join(ben, community)
    caller = OPERATOR if by_operator else ann.caller
    cast.change_role(caller, community, ben, Role.STEWARD, 1)
    cast.switchboard.ask(calls.EndMembership(caller=caller, community=community, member=ben.id))
    theirs = {act.act: act for act in acts_of(cast, ben.organisation, 4)}
    for name in ("change_role", "end_membership"):
        assert theirs[name].concerns.items() >= {"community": community, "member": ben.id}.items()
        assert theirs[name].organisations == (ben.organisation,)
        assert (theirs[name].member, theirs[name].operator) == (None, by_operator)
    if not by_operator:
        own = [act for act in acts_of(cast, ann.organisation, 4) if act.member == ann.id]
        assert {act.act for act in own} >= {"change_role", "end_membership"}
        assert ben.organisation not in str(own) and ben.id not in str(own)


def test_a_request_that_another_organisations_facilitator_decides_is_told_to_both(cast: Cast) -> None:
    ann, ben = cast.person(), cast.person()
    community = cast.community(ann, Visibility.RESTRICTED)
    request = cast.join(ben, community).request
    assert request is not None
    call = calls.DecideJoinRequest(
        caller=ann.caller,
        community=community,
        request=request.request,
        decision=calls.Decision(approve=True),
    )
    cast.ask(call, calls.JoinRequest)
    theirs = {act.act: act for act in acts_of(cast, ben.organisation, 3)}
    assert theirs["decide_join_request"].concerns["request"] == request.request
    assert theirs["decide_join_request"].withheld == ("member",)


def test_a_members_own_acts_are_read_in_order_by_an_index(cast: Cast, store: Store) -> None:
    ann = cast.person()
    for _ in range(3):
        issue(cast, ann.caller)
    acts_of(cast, ann.organisation, 5)
    query = store.database["audit"].find({"member": ann.id, "_id": {"$gt": 0}}).sort("_id", 1).limit(100)
    plan = query.explain()
    stages = str(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in stages and "'SORT'" not in stages and "of_member" in stages
    assert plan["executionStats"]["totalDocsExamined"] == 3
