"""A live stream loses and repeats nothing when it is broken off, and when the broker goes and comes back."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.errors import Unavailable
from tests.conftest import StartNode, node_settings
from tests.services.people import People, eventually
from tests.services.stream_client import EventSource
from tests.shared_servers import QUEUE_LIST_ON_DISK, TestServers

TWO = {"membership": 1, "discussion": 2, "notifications": 2, "stream": 1}
QUESTIONS = 60


def test_reconnecting_again_and_again_under_load(node: StartNode, fresh_environment: dict[str, str]) -> None:
    running = node(fresh_environment, TWO)
    switchboard = Switchboard(fresh_environment["COMMONPLACE_BROKER"], name="stream-tests")
    assert switchboard.wait_until_open(10)
    people = People(switchboard)
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    secret = people.token(ben).secret or ""
    received: list[str] = []
    with ThreadPoolExecutor(4) as asking:
        source = EventSource(running.stream_url, secret)
        people.question(ana, community, "First?")
        source.wait_for(1)  # until its first event a client has no position to come back with
        last = None
        asked = [asking.submit(people.question, ana, community, f"{n}?") for n in range(QUESTIONS)]
        while not all(one.done() for one in asked):
            time.sleep(0.1)
            source.close()
            received += source.received
            last = source.events[-1].id if source.events else last
            source = EventSource(running.stream_url, secret, last)
        threads = {one.result() for one in asked}
    assert len(threads) == QUESTIONS
    eventually(lambda: len(received) + len(source.events) > QUESTIONS, 20)
    time.sleep(0.5)
    source.close()
    received += source.received
    assert sorted(received) == sorted(one.notification for one in people.inbox(ben))
    switchboard.close()


def test_a_broker_that_goes_and_comes_back(
    node: StartNode, private_servers: TestServers, tmp_path: Path
) -> None:
    environment = node_settings(
        private_servers.rabbitmq.url, private_servers.mongodb.url, "test_stream", tmp_path / "keys"
    )
    running = node(environment, {**TWO, "discussion": 1, "notifications": 1})
    switchboard = Switchboard(environment["COMMONPLACE_BROKER"], name="stream-tests")
    assert switchboard.wait_until_open(10)
    people = People(switchboard)
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    with EventSource(running.stream_url, people.token(ben).secret or "") as source:
        people.question(ana, community, "Before?")
        source.wait_for(1)
        time.sleep(QUEUE_LIST_ON_DISK)
        private_servers.rabbitmq.kill()
        time.sleep(2)
        private_servers.rabbitmq.start()
        assert eventually(running["stream"].is_ready, 20)
        assert switchboard.wait_until_open(10)
        assert eventually(lambda: _asks(people, ana, community), 20)
        source.wait_for(2, 20)
        # What was answered with "unavailable" may have been asked nevertheless.
        assert eventually(lambda: _has_all(people, ben, source))
        assert {event.data["title"] for event in source.events} == {"Before?", "After?"}
        assert not source.ended.is_set()
    switchboard.close()


def _has_all(people: People, caller: Caller, source: EventSource) -> bool:
    try:
        inbox = people.inbox(caller)
    except Unavailable:
        return False
    return sorted(source.received) == sorted(one.notification for one in inbox)


def _asks(people: People, ana: Caller, community: str) -> bool:
    try:
        people.question(ana, community, "After?")
    except Unavailable:
        return False
    return True
