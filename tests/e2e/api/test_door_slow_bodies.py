"""Senders who never finish hold a few of the gateway's threads; everybody else is served."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from secrets import token_hex
from urllib.parse import urlsplit

import pytest

from tests.e2e.api.conftest import Neighbours, Person, Town
from tests.e2e.api.waiting import eventually

STALLED = 40
THREADS = 32


@contextmanager
def stalled(url: str, request_line: str, *headers: str) -> Iterator[list[socket.socket]]:
    """So many requests of which the body never comes."""
    parts = urlsplit(url)
    head = "\r\n".join([f"{request_line} HTTP/1.1", f"Host: {parts.netloc}", *headers])
    with ExitStack() as lines:
        opened = []
        for _ in range(STALLED):
            line = lines.enter_context(socket.create_connection((parts.hostname, parts.port), timeout=5))
            line.sendall(f"{head}\r\n\r\n".encode() + b"1\r\n")
            line.setblocking(False)
            opened.append(line)
        yield opened


def statuses(lines: list[socket.socket]) -> list[bytes]:
    """The statuses of those that have been answered."""
    answered = []
    for line in lines:
        try:
            answered.append(line.recv(65_536, socket.MSG_PEEK)[9:12])
        except BlockingIOError:
            continue
    return answered


def is_served(person: Person) -> None:
    """Readings are answered, and quickly."""
    for _ in range(5):
        began = time.monotonic()
        assert person.get("/v1/me").status_code == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("chunked", [False, True])
def test_stalled_requests_for_access_tokens_stop_nobody(
    town: Town, neighbours: Neighbours, chunked: bool
) -> None:
    headers = ["Content-Type: application/x-www-form-urlencoded"]
    headers += ["Transfer-Encoding: chunked" if chunked else "Content-Length: 50"]
    with stalled(town.url, "POST /oauth/token", *headers) as lines:
        is_served(neighbours.carys)
        eventually(lambda: len(statuses(lines)) == STALLED - THREADS // 8, 10)
        assert set(statuses(lines)) == {b"503"}
        assert neighbours.mair.made(f"/v1/threads/{neighbours.thread}/posts", {"text": "Still here."})


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_stalled_bodies_of_a_known_caller_stop_nobody(
    town: Town, neighbours: Neighbours, method: str
) -> None:
    """Also where the body is only heard out, because the request is refused before it is read."""
    headers = [f"Authorization: Bearer {neighbours.huw.secret}", "Content-Type: application/json"]
    headers += [f"Idempotency-Key: {token_hex(8)}", "Content-Length: 50"]
    address = f"/v1/threads/{neighbours.thread}/posts" if method == "POST" else "/v1/no-such-address"
    with stalled(town.url, f"{method} {address}", *headers) as lines:
        is_served(neighbours.carys)
        is_served(neighbours.huw)
        eventually(lambda: len(statuses(lines)) == STALLED - THREADS // 4, 10)
        assert set(statuses(lines)) == ({b"503"} if method == "POST" else {b"404"})
        assert neighbours.mair.made(f"/v1/threads/{neighbours.thread}/posts", {"text": "Still here."})
