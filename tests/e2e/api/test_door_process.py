"""The gateway as a process: it says what it lacks, keeps its operator's door apart, and ends well."""

import concurrent.futures
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from deploy.node.ports import free_ports
from tests.e2e.api.conftest import Neighbours, Town
from tests.e2e.api.waiting import eventually
from tests.node import Node

SOME_TOKEN = {"Authorization": "Bearer cop_" + "x" * 43}


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Node]:
    """A gateway whose broker does not exist."""
    (nowhere,) = free_ports(1)
    environment = {
        **os.environ,
        "COMMONPLACE_BROKER": f"amqp://guest:guest@127.0.0.1:{nowhere}/",
        "COMMONPLACE_KEYS": str(tmp_path / "keys"),
    }
    node = Node(environment, tmp_path, {"gateway": 1})
    node["gateway"].start()
    try:
        eventually(lambda: answers(node["gateway"].admin_url + "/healthz"), 30)
        yield node
    finally:
        node.kill()


def answers(url: str) -> bool:
    try:
        return httpx2.get(url).status_code == 200
    except httpx2.TransportError:
        return False


def test_without_a_broker_it_answers_at_once_that_it_cannot(lonely: Node) -> None:  # 69
    eventually(lambda: answers(f"{lonely.url}/problems"))
    began = time.monotonic()
    answer = httpx2.get(f"{lonely.url}/v1/me", headers=SOME_TOKEN)
    assert time.monotonic() - began < 2
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert int(answer.headers["retry-after"]) > 0
    admin = lonely["gateway"].admin_url
    assert httpx2.get(f"{admin}/healthz").status_code == 200
    ready = httpx2.get(f"{admin}/readyz")
    assert (ready.status_code, ready.json()["why"]) == (
        503,
        {"broker": "There is no connection to RabbitMQ."},
    )


def test_the_operators_door_counts_what_the_public_one_answers(town: Town, neighbours: Neighbours) -> None:
    admin = town.node["gateway"].admin_url
    sample = 'commonplace_http_requests_total{method="GET",route="/v1/me",status="200"}'

    def counted() -> float:
        lines = httpx2.get(f"{admin}/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(sample))

    before = counted()
    neighbours.carys.get("/v1/me")
    assert counted() == before + 1
    assert neighbours.carys.id not in httpx2.get(f"{admin}/metrics").text


@pytest.fixture
def another(town: Town, node_environment: dict[str, str], tmp_path: Path) -> Iterator[Node]:
    """A second gateway of the same node, which a test may end."""
    patient = {"COMMONPLACE_DEADLINE_SECONDS": "15"}
    node = Node({**os.environ, **node_environment, **patient}, tmp_path, {"gateway": 1})
    try:
        yield node.start()
    finally:
        node.kill()


def test_when_told_to_end_it_finishes_what_is_in_hand(
    town: Town, another: Node, neighbours: Neighbours
) -> None:
    path = f"/v1/threads/{neighbours.thread}"
    headers = {"Authorization": f"Bearer {neighbours.carys.secret}"}
    discussion = town.node["discussion"].pid
    assert discussion is not None
    with (
        httpx2.Client(base_url=another.url, headers=headers, timeout=20) as client,
        concurrent.futures.ThreadPoolExecutor(11) as pool,
    ):
        assert [answer.status_code for answer in pool.map(client.get, [path] * 10)] == [200] * 10
        # While discussion stands still, these requests stay in hand.
        os.kill(discussion, signal.SIGSTOP)
        try:
            waiting = [pool.submit(client.get, path) for _ in range(10)]
            time.sleep(1)
            assert not any(one.done() for one in waiting)
            ended = pool.submit(another["gateway"].stop)
            time.sleep(0.5)
        finally:
            os.kill(discussion, signal.SIGCONT)
        assert [one.result(20).status_code for one in waiting] == [200] * 10
        ended.result(20)
    assert not answers(f"{another.url}/problems")


def test_a_killed_gateway_leaves_nothing_behind_that_answers(another: Node) -> None:
    assert answers(f"{another.url}/problems")
    another["gateway"].kill()
    eventually(lambda: not answers(f"{another.url}/problems"), 5)
    another["gateway"].start()
    another["gateway"].wait_ready()
    assert answers(f"{another.url}/problems")


def test_gateways_of_one_node_sign_with_one_key(town: Town, another: Node) -> None:
    keys = [httpx2.get(f"{url}/oauth/jwks.json").json()["keys"] for url in (town.url, another.url)]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 1


def test_it_says_which_version_it_is(town: Town) -> None:
    metrics = httpx2.get(f"{town.node['gateway'].admin_url}/metrics").text
    assert 'commonplace_build_info{process="gateway",version="' in metrics


def test_it_speaks_http_1_only(town: Town) -> None:
    """Nothing of the door's bounds is meant for many requests at once on one connection."""
    parts = urlsplit(town.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as line:
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        try:
            answer = line.recv(100)
        except ConnectionResetError:
            answer = b""
    assert answer[3:4] != b"\4", "these are the settings of HTTP/2"
