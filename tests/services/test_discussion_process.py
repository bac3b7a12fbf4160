"""The discussion service as a process, with membership beside it, over the real broker."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar, cast

import pytest
from pymongo import MongoClient

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller, Heard, Once
from shared.contracts.calls.discussion import (
    AddPost,
    GetThread,
    ListThreads,
    NewPost,
    NewThread,
    OpenThread,
    Search,
    Thread,
)
from shared.contracts.calls.membership import (
    ChangeCommunity,
    Charter,
    CommunityChanges,
    GetCommunity,
    Join,
    LeaveOrganisation,
    NewCommunity,
    NewJoin,
    NewMember,
    NewOrganisation,
    RegisterMember,
    RegisterOrganisation,
    StartCommunity,
)
from shared.contracts.vocabulary import Sector, Stage, ThreadKind, Visibility
from shared.errors import Conflict, NotAllowed, NotFound, Unavailable
from shared.wiring.store import new_id
from tests.conftest import StartNode
from tests.services.people import eventually

OPERATOR = Caller(operator=True)
A = TypeVar("A")


class Office:
    """A node's two services, asked as the gateway asks them."""

    def __init__(self, switchboard: Switchboard) -> None:
        self.switchboard = switchboard
        self._numbers = count()

    def ask(self, call: Call) -> Any:
        return self.switchboard.ask(call, timeout=10)

    def member(self, name: str = "Ana Price") -> Caller:
        new = NewOrganisation(name=f"Trust {next(self._numbers)}", sector=Sector.HEALTH, geography="Leeds")
        organisation = self.ask(RegisterOrganisation(caller=OPERATOR, new=new)).organisation
        person = NewMember(name=name, handle=f"m{new_id()}", profession="nurse")
        registered = self.ask(RegisterMember(caller=OPERATOR, organisation=organisation, new=person))
        return Caller(member=registered.member, organisation=organisation)

    def community(self, founder: Caller, visibility: Visibility = Visibility.OPEN) -> str:
        charter = Charter(domain="Falls", purpose="Fewer falls", audience="Wards")
        new = NewCommunity(
            title=f"Community {new_id()}", charter=charter, visibility=visibility, similar_seen=True
        )
        return str(self.ask(StartCommunity(caller=founder, new=new)).community)

    def enter(self, facilitator: Caller, community: str, stage: Stage) -> None:
        """Bring a community into another stage."""
        revision = self.ask(GetCommunity(caller=facilitator, community=community)).revision
        changes = CommunityChanges(stage=stage)
        self.ask(ChangeCommunity(caller=facilitator, community=community, changes=changes, revision=revision))

    def open_thread(self, caller: Caller, community: str, once: Once | None = None) -> Thread:
        new = NewThread(kind=ThreadKind.QUESTION, title="Walking aids", text="How?")
        return cast(Thread, self.ask(OpenThread(caller=caller, community=community, new=new, once=once)))


@pytest.fixture(scope="module")
def office(module_node: StartNode, node_environment: dict[str, str]) -> Iterator[Office]:
    module_node(node_environment, {"membership": 1, "discussion": 2})
    switchboard = Switchboard(node_environment["COMMONPLACE_BROKER"], name="discussion-tests")
    assert switchboard.wait_until_open(10)
    yield Office(switchboard)
    switchboard.close()


def test_who_has_just_joined_posts_at_once(office: Office) -> None:
    founder = office.member()
    community = office.community(founder)
    thread = office.open_thread(founder, community).thread
    for _ in range(5):
        newcomer = office.member()
        office.ask(Join(caller=newcomer, community=community, new=NewJoin()))
        office.ask(AddPost(caller=newcomer, thread=thread, new=NewPost(text="At once.")))
    assert office.ask(GetThread(caller=founder, thread=thread)).posts == 6


def test_a_stranger_is_refused_what_is_closed_and_told_to_join_what_is_open(office: Office) -> None:
    founder, stranger = office.member(), office.member()
    hidden = office.community(founder, Visibility.CLOSED)
    thread = office.open_thread(founder, hidden).thread
    sentences = set()
    for id in (thread, new_id()):
        with pytest.raises(NotFound) as refused:
            office.ask(GetThread(caller=stranger, thread=id))
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1
    with pytest.raises(NotFound):
        office.ask(ListThreads(caller=stranger, community=hidden))
    with pytest.raises(NotAllowed):
        office.open_thread(stranger, office.community(founder))


def test_who_leaves_their_organisation_sees_nothing_any_more(office: Office) -> None:
    founder = office.member()
    thread = office.open_thread(founder, office.community(founder)).thread
    assert founder.member
    office.ask(LeaveOrganisation(caller=founder, member=founder.member))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            office.ask(GetThread(caller=founder, thread=thread))
        except NotFound:
            return
        time.sleep(0.05)
    pytest.fail("a member who has left still reads")


def test_two_processes_take_a_crowd_in_one_thread(office: Office) -> None:
    founder = office.member()
    community = office.community(founder)
    thread = office.open_thread(founder, community).thread

    def post(n: int) -> str:
        call = AddPost(caller=founder, thread=thread, new=NewPost(text=f"Post {n} of a crowd of walruses"))
        return str(office.ask(call).post)

    with ThreadPoolExecutor(24) as pool:
        posts = set(pool.map(post, range(120)))
    assert len(posts) == 120
    read = office.ask(GetThread(caller=founder, thread=thread))
    assert read.posts == 121
    found = office.ask(Search(caller=founder, words="walruses", community=community, limit=100))
    assert len(found.items) == 100


def test_one_promise_is_carried_out_once_by_two_processes(office: Office) -> None:
    founder = office.member()
    community = office.community(founder)
    once = Once(key=f"{founder.member}:one", fingerprint="a" * 64)
    with ThreadPoolExecutor(8) as pool:
        threads = set(pool.map(lambda _: office.open_thread(founder, community, once).thread, range(8)))
    assert len(threads) == 1


def test_a_conflict_that_rests_on_old_news_is_no_answer(
    office: Office, node_environment: dict[str, str]
) -> None:
    founder = office.member()
    community = office.community(founder)
    thread = office.open_thread(founder, community).thread
    post = AddPost(caller=founder, thread=thread, new=NewPost(text="Is it so?"))
    office.enter(founder, community, Stage.ARCHIVED)
    assert eventually(lambda: _code(office, post) == "community-archived")
    with MongoClient(node_environment["COMMONPLACE_MONGO"]) as client:
        copies = client[f"{node_environment['COMMONPLACE_DATABASE_PREFIX']}_discussion"]
        which = {"_id": {"$ne": f"community:{community}"}}
        copies.command("collMod", "copies", validator=which)  # the news has to be tried again
        office.enter(founder, community, Stage.MATURING)
        with pytest.raises(Unavailable):
            office.switchboard.ask(post)
        copies.command("collMod", "copies", validator={})
    assert office.ask(post).thread == thread


def _code(office: Office, call: Call) -> str:
    """Why a call is refused as a conflict; empty when it is not."""
    try:
        office.ask(call)
    except Conflict as refused:
        return refused.code
    return ""


def test_a_call_waits_for_what_it_says_was_heard(office: Office) -> None:
    founder = office.member()
    community = office.community(founder)
    far = Heard(community=community, community_revision=1, membership=f"{community}:{founder.member}")
    new = NewThread(kind=ThreadKind.DISCUSSION, title="T", text="x")
    call = OpenThread(caller=founder, community=community, new=new, heard=far)
    assert office.ask(call.model_copy(update={"heard": far.model_copy(update={"membership_revision": 1})}))
