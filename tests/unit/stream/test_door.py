"""From where a stream was asked for: only proxies that are trusted can say."""

import asyncio
import json
from typing import Any

import pytest
import structlog

from services.gateway.auth.callers import Callers
from services.gateway.stream.door import Door, _headers
from services.gateway.stream.hub import Hub
from shared.contracts.calls.call import Caller
from tests.unit.stream.test_stream import Answering


class Nobody(Callers):
    """Is never asked."""

    def __init__(self) -> None:
        pass


class ASystem(Callers):
    """Takes everybody for a partner's system that names no member."""

    def __init__(self) -> None:
        pass

    def identify(
        self, authorization: str | None, acting_for: str | None = None, address: str | None = None
    ) -> Caller:
        return Caller(client="c" * 24, organisation="b" * 24, scopes=frozenset({"inbox:read"}))


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "127.0.0.1"), (1, "c"), (2, "b"), (3, "a"), (4, "127.0.0.1")]
)
def test_the_address_is_the_one_that_the_farthest_trusted_proxy_saw(proxies: int, expected: str) -> None:
    door = Door(Hub(Answering(), 10, 5), Nobody(), ["127.0.0.1"], 1, proxies)
    headers = [(b"x-forwarded-for", b"a, b"), (b"X-Forwarded-For", b"c")]
    scope = {"client": ("127.0.0.1", 5000), "headers": headers}
    assert door._address(scope, _headers(scope)) == expected


def test_every_answer_has_a_request_id_and_one_log_line() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def story(given: bytes) -> None:
        door = Door(Hub(Answering(), 10, 5), Nobody(), ["127.0.0.1"], 1)
        headers = [(b"host", b"127.0.0.1"), (b"x-request-id", given)]
        await door({"type": "http", "method": "GET", "path": "/no", "headers": headers}, receive, send)

    with structlog.testing.capture_logs() as lines:
        asyncio.run(story(b"mine-1"))
        asyncio.run(story(b'no"t harmless'))
    starts = [dict(message["headers"]) for message in sent if message["type"] == "http.response.start"]
    ids = [headers[b"x-request-id"].decode() for headers in starts]
    assert ids[0] == "mine-1"
    assert len(ids[1]) == 32
    assert [(line["event"], line["status"], line["request_id"]) for line in lines] == [
        ("request", 404, name) for name in ids
    ]


def test_a_system_is_told_at_once_that_streams_are_for_persons() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    door = Door(Hub(Answering(), 10, 5), ASystem(), ["127.0.0.1"], 1)
    scope = {"type": "http", "method": "GET", "path": "/v1/stream", "headers": [(b"host", b"127.0.0.1")]}
    asyncio.run(door(scope, receive, send))
    start, body = sent
    problem = json.loads(body["body"])
    assert (start["status"], problem["type"]) == (403, "/problems/persons-only")
    assert "a system reads `/v1/inbox`" in problem["detail"]
