"""Whatever is killed, whatever is away: what was acknowledged reaches every inbox, once.

The servers are this file's own; they are killed as by a power cut, and started again on what their
disks kept. A client does what clients should: on 503 or a lost connection it asks again, with the
same Idempotency-Key.
"""

import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import httpx2
import pytest

from tests.conftest import StartNode, node_settings
from tests.e2e.members import Member, Town, by_many, eventually
from tests.node import Node
from tests.shared_servers import TestServers

POSTS = 2_000
CLIENTS = 8
THREADS = 4
MOST_FOR_A_REFUSAL = 2.0
"""Seconds, as promised."""
MOST_FOR_A_RETURN = 10.0
PROCESSES = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1, "stream": 1}


@dataclass
class Place:
    """A node on servers of its own, with a community in which everybody follows every thread."""

    servers: TestServers
    town: Town
    community: str
    members: Sequence[Member]
    threads: Sequence[str]

    @property
    def node(self) -> Node:
        return self.town.node


@pytest.fixture(scope="module")
def place(
    module_servers: TestServers, module_node: StartNode, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    keys = tmp_path_factory.mktemp("keys")
    settings = node_settings(module_servers.rabbitmq.url, module_servers.mongodb.url, "faults", keys)
    settings["COMMONPLACE_CALLS_PER_MINUTE"] = "0"
    town = Town(module_node(settings, PROCESSES), settings)
    homes = [town.organisation(f"Organisation {number}") for number in range(3)]
    members = [town.member(homes[number % 3], f"Member {number}") for number in range(CLIENTS)]
    community = town.community(members[0], "Tested by faults")
    town.bring(community, members[1:])
    titles = [f"Thread {number}" for number in range(THREADS)]
    threads = [members[0].open_thread(community, title, f"{title} begins.")["thread"] for title in titles]
    eventually(lambda: all(len(member.inbox()) == THREADS for member in members[1:]))
    for member in members:
        for thread in threads:
            chosen = member.send("PUT", f"/threads/{thread}/level", {"level": "all"})
            assert chosen.status_code == 200, chosen.text
    yield Place(module_servers, town, community, members, threads)
    town.close()


@dataclass
class Written:
    """What clients have posted: by text, the id that a 201 told, and who wrote it."""

    posts: dict[str, tuple[str, str]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    unexpected: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def write(self, member: Member, thread: str, text: str) -> None:
        """Post, and go on asking until it is acknowledged."""
        key, until = token_hex(12), time.monotonic() + 120
        while time.monotonic() < until:
            try:
                answer = member.send("POST", f"/threads/{thread}/posts", {"text": text}, key=key)
            except httpx2.TransportError as error:
                self.refused[type(error).__name__] += 1
            else:
                if answer.status_code == 201:
                    self.replayed += answer.headers.get("Idempotency-Replayed") == "true"
                    self.posts[text] = (answer.json()["post"], member.id)
                    return
                self.refused[str(answer.status_code)] += 1
                if answer.status_code != 503 or not answer.headers.get("Retry-After"):
                    self.unexpected.append(f"{answer.status_code} {answer.text}")
                    return
            time.sleep(random.uniform(0.1, 0.4))
        self.unexpected.append("not acknowledged within two minutes")


def check_everything_is_there_once(place: Place, written: Written) -> None:
    """Every post that was acknowledged stands in its thread once and in every other member's inbox once."""
    assert written.unexpected == []
    texts = Counter(post["text"] for thread in place.threads for post in posts_of(place.members[0], thread))
    assert [text for text in written.posts if text not in texts] == [], "acknowledged, and not there"
    assert [text for text, times in texts.items() if times > 1] == [], "posted twice"
    wanted = {
        member.id: {f"/v1/posts/{post}" for post, author in written.posts.values() if author != member.id}
        for member in place.members
    }
    rows = place.town.database("notifications")["inbox"]
    everybody = {"member": {"$in": list(wanted)}, "_id": {"$regex": r"^post\."}}
    most = sum(map(len, wanted.values()))
    eventually(lambda: rows.count_documents(everybody) >= most, 60, 0.5)
    for member, inbox in zip(place.members, by_many(Member.inbox, place.members, 2), strict=True):
        links = Counter(one["link"] for one in inbox if one["kind"] == "post added")
        assert max(links.values()) == 1, "told twice"
        assert wanted[member.id] - set(links) == set(), f"{member.name} was not told"


def posts_of(member: Member, thread: str) -> Iterator[dict[str, str]]:
    """All posts of a thread."""
    after: dict[str, str] = {}
    while True:
        page = member.read(f"/threads/{thread}/posts", limit=100, **after)
        yield from page["items"]
        if page["next"] is None:
            return
        after = {"after": page["next"]}


def seconds_until_all_are_ready(node: Node) -> float:
    """How long it takes until every process says that it is ready."""
    began = time.monotonic()
    eventually(lambda: all(process.is_ready() for process in node.processes), 30, 0.05)
    return time.monotonic() - began


@pytest.mark.timeout(480)
def test_two_thousand_posts_survive_the_killing_of_everything_in_turn(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    node, servers = place.node, place.servers
    written = Written()
    returns: dict[str, float] = {}

    def kill_process(name: str) -> None:
        node[name].kill()
        node[name].start()
        node[name].wait_ready()

    def kill_server(server: object, start: Callable[[], None], kill: Callable[[], None], name: str) -> None:
        kill()
        start()
        returns[name] = seconds_until_all_are_ready(node)

    kills: list[Callable[[], None]] = [
        *(lambda name=name: kill_process(name) for name in PROCESSES),  # type: ignore[misc]
        lambda: kill_server(None, servers.rabbitmq.start, servers.rabbitmq.kill, "RabbitMQ"),
        lambda: kill_server(None, servers.mongodb.start, servers.mongodb.kill, "MongoDB"),
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        posting = [
            clients.submit(
                written.write,
                place.members[number % CLIENTS],
                place.threads[number % THREADS],
                f"Post {number} of {POSTS}.",
            )
            for number in range(POSTS)
        ]
        for number, kill in enumerate(kills, 1):
            enough = number * POSTS // (len(kills) + 1)
            eventually(lambda: len(written.posts) >= enough or written.unexpected, 150)  # noqa: B023
            if written.unexpected:
                break
            kill()
        for one in posting:
            one.result()
    spent = time.monotonic() - began
    assert len(written.posts) == POSTS, written.unexpected
    check_everything_is_there_once(place, written)
    assert max(returns.values()) < MOST_FOR_A_RETURN, returns
    with capsys.disabled():
        back = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in returns.items())
        print(
            f"\n  {POSTS:,} posts and {len(kills)} kills in {spent:.0f} s; asked again after {dict(written.refused)}, "
            f"{written.replayed} answered again; all ready after the return of {back}",
            end=" ",
        )


def refusals(place: Place) -> dict[str, tuple[float, httpx2.Response]]:
    """Make one call to each service, a change and a read; how long each took, and what came."""
    member, thread = place.members[1], place.threads[0]
    calls: Mapping[str, Callable[[], httpx2.Response]] = {
        "membership": lambda: member.get("/communities"),
        "discussion": lambda: member.get(f"/threads/{thread}"),
        "posting": lambda: member.send(
            "POST", f"/threads/{thread}/posts", {"text": f"Is anybody there? {token_hex(4)}"}
        ),
        "notifications": lambda: member.get("/inbox"),
        "a new token": lambda: httpx2.get(
            f"{place.node.url}/v1/inbox", headers={"Authorization": f"Bearer cop_{token_hex(20)}"}
        ),
        "the stream": lambda: httpx2.get(
            f"{place.node.stream_url}/v1/stream", headers=dict(member.credential), timeout=10
        ),
    }
    taken = {}
    for name, call in calls.items():
        began = time.monotonic()
        answer = call()
        taken[name] = (time.monotonic() - began, answer)
    return taken


def check_refusals(place: Place) -> float:
    """Every call is refused in time with 503 and Retry-After; returns the longest time."""
    taken = refusals(place)
    # A stream may wait for its inbox; it must be refused all the same.
    longest = max(seconds for name, (seconds, _) in taken.items() if name != "the stream")
    assert longest < MOST_FOR_A_REFUSAL, {name: seconds for name, (seconds, _) in taken.items()}
    for name, (_, answer) in taken.items():
        assert answer.status_code == 503, f"{name}: {answer.status_code} {answer.text}"
        assert int(answer.headers["Retry-After"]) >= 1, name
        assert answer.headers["Content-Type"] == "application/problem+json"
    return longest


def asked(url: str) -> tuple[int, str]:
    """An admin port's answer."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def check_health(place: Place, processes: Sequence[str], server: str) -> None:
    """Those processes are alive, not ready, and say that it is for want of that server."""
    for name in processes:
        url = place.node[name].admin_url
        assert asked(f"{url}/healthz")[0] == 200, name
        status, why = eventually(lambda: (said := asked(f"{url}/readyz"))[0] == 503 and said, 10)  # noqa: B023
        assert status == 503
        assert server in why, f"{name}: {why}"


def test_without_the_broker_every_call_is_refused_in_time_and_nothing_acknowledged_is_lost(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = Written()
    member, thread = place.members[2], place.threads[1]
    for number in range(20):
        written.write(member, thread, f"Before the broker went, {number}.")
    place.servers.rabbitmq.kill()
    longest = check_refusals(place)
    check_health(place, list(PROCESSES), "RabbitMQ")
    place.servers.rabbitmq.start()
    back = seconds_until_all_are_ready(place.node)
    assert back < MOST_FOR_A_RETURN
    written.write(member, thread, "After the broker came back.")
    check_everything_is_there_once(place, written)
    with capsys.disabled():
        print(
            f"\n  broker away: refused within {longest:.2f} s; ready {back:.1f} s after its return", end=" "
        )


def test_what_is_committed_when_the_broker_dies_is_told_when_it_returns(place: Place) -> None:
    member, thread = place.members[3], place.threads[2]
    discussion, outbox = place.node["discussion"], place.town.database("discussion")["outbox"]
    eventually(lambda: outbox.count_documents({}) == 0)
    key, text = token_hex(12), "Committed, not yet told."
    assert discussion.pid is not None
    # The call reaches the service's socket; the service sees it only when the broker is gone.
    os.kill(discussion.pid, signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(1) as clients:
            path = f"/threads/{thread}/posts"
            asking = clients.submit(member.send, "POST", path, {"text": text}, key=key)
            time.sleep(0.4)
            place.servers.rabbitmq.kill()
            os.kill(discussion.pid, signal.SIGCONT)
            answer = asking.result()
    finally:
        os.kill(discussion.pid, signal.SIGCONT)
    assert answer.status_code == 503, "nobody could know of the outcome"
    eventually(lambda: outbox.count_documents({}) == 1, 5)
    place.servers.rabbitmq.start()
    seconds_until_all_are_ready(place.node)
    reader = place.members[4]
    posts = {post["text"]: post["post"] for post in posts_of(reader, thread)}
    link = f"/v1/posts/{posts[text]}"
    eventually(lambda: [one for one in reader.inbox() if one["link"] == link])
    again = member.send("POST", path, {"text": text}, key=key)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
    assert again.json()["post"] == posts[text]
    written = Written(posts={text: (posts[text], member.id)})
    check_everything_is_there_once(place, written)


def test_without_the_database_every_call_is_refused_in_time_and_readiness_says_why(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    written = Written()
    member, thread = place.members[5], place.threads[3]
    for number in range(20):
        written.write(member, thread, f"Before the database went, {number}.")
    place.servers.mongodb.kill()
    longest = check_refusals(place)
    check_health(place, ["membership", "discussion", "notifications"], "MongoDB")
    for door in ("gateway", "stream"):
        assert asked(f"{place.node[door].admin_url}/healthz")[0] == 200
    place.servers.mongodb.start()
    back = seconds_until_all_are_ready(place.node)
    assert back < MOST_FOR_A_RETURN
    written.write(member, thread, "After the database came back.")
    check_everything_is_there_once(place, written)
    with capsys.disabled():
        print(
            f"\n  database away: refused within {longest:.2f} s; ready {back:.1f} s after its return", end=" "
        )
