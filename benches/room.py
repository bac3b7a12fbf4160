"""A node with one community, its people and its threads, made through the services' own doors."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benches.place import Place
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import ImportedPost, ImportedThread, ImportThreads
from shared.contracts.calls.membership import (
    Charter,
    ImportedMember,
    ImportMembers,
    IssueToken,
    NewCommunity,
    NewMember,
    NewOrganisation,
    NewToken,
    RegisterMember,
    RegisterOrganisation,
    StartCommunity,
)
from shared.contracts.vocabulary import Sector, ThreadKind
from tests.node import Node

OPERATOR = Caller(operator=True)
LONG = 60.0
SCOPES = ("communities:read", "threads:read", "threads:write", "inbox:read", "inbox:write")
PARAGRAPH = "We tried it on two wards, with the same staff and the same hours, and wrote down what changed. "


def id_of(*words: object) -> str:
    """The same id for the same words."""
    return hashlib.sha256(":".join(map(str, words)).encode()).hexdigest()[:24]


@dataclass
class Room:
    """What a bench needs to know of the node it runs on."""

    node: Node
    switchboard: Switchboard
    community: str
    organisations: list[str]
    members: list[str]
    threads: list[str]

    def token(self, member: str) -> str:
        """A token of that member's, for the API."""
        issue = IssueToken(
            caller=OPERATOR,
            member=member,
            new=NewToken(name="bench", scopes=SCOPES),  # type: ignore[arg-type]
        )
        return str(self.switchboard.ask(issue, LONG).secret)  # type: ignore[attr-defined]


def furnish(
    here: Place, *, processes: dict[str, int], people: int, threads: int, posts: int, paragraphs: int = 4
) -> Room:
    """Start the processes and fill one open community.

    Args:
        here: where.
        processes: how many of each.
        people: members, spread over nine organisations.
        threads, posts: so many threads of so many posts each.
        paragraphs: the length of a post, a hundred characters each.
    """
    environment = {**here.environment, "COMMONPLACE_CALLS_PER_MINUTE": "0"}
    node = Node(environment, Path(here.folder), processes).start()
    switchboard = Switchboard(here.broker, deadline_seconds=LONG, name="bench")
    if not switchboard.wait_until_open(10):
        raise TimeoutError("the bench cannot reach its broker")

    def ask(call: Call) -> None:
        switchboard.ask(call, LONG)

    organisations = [id_of("organisation", number) for number in range(9)]
    for number, organisation in enumerate(organisations):
        new = NewOrganisation(name=f"Organisation {number}", sector=Sector.HEALTH, geography="Here")
        ask(RegisterOrganisation(caller=OPERATOR, id=organisation, new=new))
    charter = Charter(domain="Benches", purpose="To know how fast it is", audience="Builders")
    community = id_of("community")
    start = NewCommunity(title="Benches", charter=charter, similar_seen=True)
    founder = id_of("founder")
    one = NewMember(name="Founder", handle="founder", profession="Physiotherapist")
    ask(RegisterMember(caller=OPERATOR, id=founder, organisation=organisations[0], new=one))
    ask(
        StartCommunity(
            caller=Caller(member=founder, organisation=organisations[0], operator=True),
            id=community,
            new=start,
        )
    )
    members = [id_of("member", number) for number in range(people)]
    long_ago = datetime.now(UTC) - timedelta(days=30)
    for first in range(0, people, 1000):
        some = tuple(
            ImportedMember(
                id=members[number],
                organisation=organisations[number % 9],
                new=NewMember(
                    name=f"Member {number}", handle=f"member-{number}", profession="Physiotherapist"
                ),
            )
            for number in range(first, min(first + 1000, people))
        )
        ask(ImportMembers(caller=OPERATOR, community=community, since=long_ago, members=some))
    _until_copied(here, people)
    ids = [id_of("thread", number) for number in range(threads)]
    for first in range(0, threads, 50):
        some_threads = tuple(
            ImportedThread(
                id=ids[number],
                community=community,
                kind=ThreadKind.DISCUSSION,
                title=f"Thread {number}",
                posts=tuple(
                    ImportedPost(
                        id=id_of("post", number, post),
                        author=members[(number * 7 + post) % people],
                        at=long_ago + timedelta(minutes=number, seconds=post),
                        text=PARAGRAPH * paragraphs,
                    )
                    for post in range(posts)
                ),
            )
            for number in range(first, min(first + 50, threads))
        )
        ask(ImportThreads(caller=OPERATOR, threads=some_threads))
    return Room(node, switchboard, community, organisations, members, ids)


def _until_copied(here: Place, people: int) -> None:
    """Wait until discussion knows everybody, so that posts are written as in a node that has run for a while."""
    copies = here.database("discussion")["copies"]
    end = time.monotonic() + 120
    while copies.count_documents({"of_member": {"$exists": True}, "role": "member"}) < people:
        if time.monotonic() > end:
            raise TimeoutError("discussion did not hear of everybody")
        time.sleep(0.1)
    while copies.count_documents({"handle": {"$exists": True}}) < people:
        time.sleep(0.1)


def leave(room: Room) -> None:
    """Stop everything that `furnish` started."""
    room.switchboard.close()
    room.node.stop()
