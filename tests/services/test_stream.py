"""The live stream, over a node's real processes."""

import base64
import time
from collections.abc import Iterator
from functools import partial

import httpx2
import pytest

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import RevokeToken
from tests.conftest import StartNode
from tests.node import Node
from tests.services.people import People, eventually
from tests.services.stream_client import EventSource

PROCESSES = {"membership": 1, "discussion": 1, "notifications": 1, "stream": 1}


@pytest.fixture(scope="module")
def running(module_node: StartNode, node_environment: dict[str, str]) -> Node:
    return module_node({**node_environment, "COMMONPLACE_STREAM_CHECK_SECONDS": "2"}, PROCESSES)


@pytest.fixture(scope="module")
def people(running: Node, node_environment: dict[str, str]) -> Iterator[People]:
    switchboard = Switchboard(node_environment["COMMONPLACE_BROKER"], name="stream-tests")
    assert switchboard.wait_until_open(10)
    yield People(switchboard)
    switchboard.close()


def test_a_question_comes_down_the_streams_of_the_others(running: Node, people: People) -> None:
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    with (
        EventSource(running.stream_url, people.token(ana).secret or "") as anas,
        EventSource(running.stream_url, people.token(ben).secret or "") as bens,
    ):
        assert bens.response.headers["content-type"].startswith("text/event-stream")
        assert bens.response.headers["cache-control"] == "no-store"
        assert bens.response.headers["x-accel-buffering"] == "no"
        thread = people.question(ana, community)
        bens.wait_for(1)
        event = bens.events[0]
        assert event.name == "notification"
        assert event.id
        assert event.data["reasons"] == ["you follow"]
        assert event.data["by"] == "Ana"
        assert event.data["link"] == f"/v1/threads/{thread}"
        people.answer(ben, thread)
        anas.wait_for(1)
        assert anas.events[0].data["reasons"] == ["you asked", "you follow"]
        assert [notification.notification for notification in people.inbox(ana)] == anas.received
        assert len(bens.events) == 1
        inbox = people.inbox(ben)
        assert [notification.model_dump(mode="json") for notification in inbox] == [event.data]


def test_a_stream_goes_on_where_the_last_one_ended(running: Node, people: People) -> None:
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    secret = people.token(ben).secret or ""
    received: list[str] = []
    last = None
    with EventSource(running.stream_url, secret) as source:
        people.question(ana, community, "The first?")
        received += source.wait_for(1)
        last = source.events[-1].id
    for number in range(3):
        people.question(ana, community, f"While away {number}?")
        assert eventually(partial(_has, people, ben, len(received) + 1))
        with EventSource(running.stream_url, secret, last) as source:
            received += source.wait_for(1)
            time.sleep(0.2)
            assert len(source.events) == 1
            last = source.events[-1].id
    expected = [notification.notification for notification in people.inbox(ben)]
    assert received == list(reversed(expected))


def _has(people: People, caller: Caller, number: int) -> bool:
    return len(people.inbox(caller)) == number


def test_what_was_before_the_stream_is_left_to_the_inbox(running: Node, people: People) -> None:
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    people.question(ana, community, "Before?")
    assert eventually(lambda: people.inbox(ben))
    with EventSource(running.stream_url, people.token(ben).secret or "") as source:
        people.question(ana, community, "After?")
        source.wait_for(1)
        time.sleep(0.5)
        assert [event.data["title"] for event in source.events] == ["After?"]


def test_nothing_comes_after_leaving(running: Node, people: People) -> None:
    ana, ben, cay = people.member("Ana"), people.member("Ben"), people.member("Cay")
    community = people.community(ana)
    people.join(ben, community)
    people.join(cay, community)
    with EventSource(running.stream_url, people.token(ben).secret or "") as source:
        people.question(ana, community, "Still in?")
        source.wait_for(1)
        people.remove(ana, community, str(ben.member))
        assert eventually(lambda: not people.inbox(ben))
        people.question(ana, community, "Gone?")
        assert eventually(lambda: len(people.inbox(cay)) == 2)
        time.sleep(0.5)
        assert [event.data["title"] for event in source.events] == ["Still in?"]


def test_a_member_has_five_streams_and_no_more(running: Node, people: People) -> None:
    ana, ben = people.member("Ana"), people.member("Ben")
    community = people.community(ana)
    people.join(ben, community)
    secret = people.token(ben).secret or ""
    sources = [EventSource(running.stream_url, secret) for _ in range(5)]
    with EventSource(running.stream_url, secret) as sixth:
        assert sixth.response.status_code == 503
        assert sixth.response.headers["retry-after"]
        assert sixth.response.headers["content-type"] == "application/problem+json"
    people.question(ana, community)
    assert [len(source.wait_for(1)) for source in sources] == [1] * 5
    sources[0].close()
    assert eventually(lambda: _opens(running, secret))
    for source in sources:
        source.close()


def _opens(running: Node, secret: str) -> bool:
    with EventSource(running.stream_url, secret) as source:
        return bool(source.response.status_code == 200)


@pytest.mark.parametrize(
    "junk",
    [
        "$x",
        "-1",
        "1" + "0" * 30,
        "9" * 30,
        "null",
        "A" * 9,
        "é",
        base64.urlsafe_b64encode(b"\x01" + b"\xff" * 8).decode(),
    ],
)
def test_junk_as_last_event_id_is_refused(running: Node, people: People, junk: str) -> None:
    secret = people.token(people.member()).secret
    headers = {"Authorization": f"Bearer {secret}", "Last-Event-ID": junk.encode("latin-1").decode("latin-1")}
    answer = httpx2.get(
        f"{running.stream_url}/v1/stream",
        headers={name: value.encode("latin-1") for name, value in headers.items()},
    )
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"] == "Last-Event-ID"


def test_another_members_position_shows_only_ones_own(running: Node, people: People) -> None:
    ana, ben, cay = people.member("Ana"), people.member("Ben"), people.member("Cay")
    community = people.community(ana)
    people.join(ben, community)
    with EventSource(running.stream_url, people.token(ben).secret or "") as source:
        people.question(ana, community)
        source.wait_for(1)
        bens = source.events[0].id
    with EventSource(running.stream_url, people.token(cay).secret or "", bens) as source:
        assert source.response.status_code == 200
        people.join(cay, community)
        people.question(ana, community, "For all?")
        source.wait_for(1)
        time.sleep(0.3)
        assert [event.data["title"] for event in source.events] == ["For all?"]


def test_who_may_not_is_turned_away_at_the_door(running: Node, people: People) -> None:
    url = f"{running.stream_url}/v1/stream"
    member = people.member()
    good = {"Authorization": f"Bearer {people.token(member).secret}"}
    other = {"Authorization": f"Bearer {people.token(member, 'threads:read').secret}"}
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer cop_" + "a" * 40}):
        answer = httpx2.get(url, headers=headers)
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert httpx2.get(f"{url}?access_token=cop_x").status_code == 401
    answer = httpx2.get(url, headers=other)
    assert answer.status_code == 403
    assert 'scope="inbox:read"' in answer.headers["www-authenticate"]
    assert httpx2.get(url, headers={**good, "Host": "evil.example"}).status_code == 400
    assert httpx2.get(f"{url}?x=1", headers=good).status_code == 422
    assert httpx2.get(f"{running.stream_url}/metrics", headers=good).status_code == 404
    answer = httpx2.post(url, headers=good)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_a_stream_ends_within_a_minute_of_its_credential(running: Node, people: People) -> None:
    member = people.member()
    token = people.token(member)
    with EventSource(running.stream_url, token.secret or "") as source:
        people.ask(RevokeToken(caller=member, token=token.token))
        assert source.ended.wait(60), "the stream outlived its credential by a minute"
    answer = httpx2.get(
        f"{running.stream_url}/v1/stream", headers={"Authorization": f"Bearer {token.secret}"}
    )
    assert answer.status_code == 401


def test_sigterm_ends_streams_within_seconds(running: Node, people: People) -> None:
    source = EventSource(running.stream_url, people.token(people.member()).secret or "")
    assert source.response.status_code == 200
    began = time.monotonic()
    running["stream"].stop()
    assert time.monotonic() - began < 5
    assert source.ended.wait(1)
    running["stream"].start()
    running["stream"].wait_ready()


def test_it_says_which_version_it_is(running: Node) -> None:
    metrics = httpx2.get(f"{running['stream'].admin_url}/metrics").text
    assert 'commonplace_build_info{process="stream",version="' in metrics
