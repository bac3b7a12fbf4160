"""The door of the stream process: one address, `GET /v1/stream`, as a plain ASGI application.

A request is turned away with the same problems as at the gateway, and in the same order: host,
address, method, credential, scope, and only then what it asks for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from services.gateway import problems
from services.gateway.auth.callers import Callers
from services.gateway.door.request_id import request_id
from services.gateway.problems import Fault, Problem, insufficient_scope
from services.gateway.stream.hub import Full, Hub
from services.gateway.stream.position import NotAPosition
from services.gateway.stream.stream import Stream
from shared.contracts.calls.call import Caller, check_is_member
from shared.errors import Refusal, Unavailable
from shared.wiring import metrics, telemetry

log = structlog.get_logger()

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

ADDRESS = "/v1/stream"
SCOPE = "inbox:read"
PING = 15.0
PATIENCE = 5.0
IDENTIFYING = 16
"""Callers whose credentials are looked at at a time, in threads of their own."""

COME_BACK = 2_000
"""Milliseconds after which a client whose stream ended opens it again."""

ONCE_ONLY = ("authorization", "host", "last-event-id", "commonplace-member")
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Door:
    """The ASGI application.

    Args:
        hub: holds the streams.
        callers: says who is calling.
        hosts: the host names that a request may name.
        check_seconds: after how long an open stream's credential is looked at again.
        trusted_proxies: how many of them in a row stand before it.
    """

    def __init__(
        self, hub: Hub, callers: Callers, hosts: list[str], check_seconds: float, trusted_proxies: int = 0
    ) -> None:
        self.trusted_proxies = trusted_proxies
        self.check_seconds = check_seconds
        self.hub = hub
        self.callers = callers
        self.hosts = frozenset(hosts)
        self._identifying = ThreadPoolExecutor(IDENTIFYING, "identities")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        name = request_id(_plain_header(scope, b"x-request-id") or "")

        async def answering(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                named = [*message["headers"], (b"x-request-id", name.encode())]
                message = {**message, "headers": named}
                _tell(scope, message["status"], name, time.perf_counter() - began)
            await send(message)

        await self._answer(scope, receive, answering)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        with telemetry.begin(_plain_header(scope, b"traceparent")):
            try:
                headers = _headers(scope)
                stream = await self._open(scope, headers)
            except Problem as problem:
                await _turn_away(problem, send)
            except Refusal as refusal:
                await _turn_away(problems.of_refusal(refusal), send)
            except Exception as error:
                log.error("request.failed", exc_info=error)
                await _turn_away(Problem("internal-error"), send)
            else:
                await self._serve(stream, headers, receive, send)

    async def _open(self, scope: Scope, headers: dict[str, str]) -> Stream:
        if headers.get("host", "").rpartition("@")[2].partition(":")[0].lower() not in self.hosts:
            raise Problem("bad-request", "This node does not answer to that host name.")
        if scope["path"] != ADDRESS:
            raise Problem("not-found")
        if scope["method"] != "GET":
            raise Problem("method-not-allowed", headers={"Allow": "GET"})
        caller = await self._identify(headers, self._address(scope, headers))
        if caller.client is not None:
            raise Problem(
                "persons-only", "A stream is for the member's own token; a system reads `/v1/inbox`."
            )
        member = check_is_member(caller)
        if scope.get("query_string"):
            raise Problem("invalid", "This address takes no query.", [Fault("query", "is not known")])
        try:
            stream = Stream(member, datetime.now(UTC), headers.get("last-event-id") or None)
        except NotAPosition:
            fault = Fault("Last-Event-ID", "was not given out by this stream; leave it out to begin now")
            raise Problem("bad-request", "The header Last-Event-ID is not right.", [fault]) from None
        try:
            self.hub.add(stream)
        except Full:
            raise Unavailable(
                "Too many streams are open; close one, or try again.", retry_after="10"
            ) from None
        try:
            await asyncio.wait_for(stream.caught_up.wait(), PATIENCE)
        except TimeoutError:
            self.hub.remove(stream)
            raise Unavailable("The inbox cannot be read just now; try again.", retry_after="2") from None
        except BaseException:
            self.hub.remove(stream)
            raise
        return stream

    def _address(self, scope: Scope, headers: Mapping[str, str]) -> str | None:
        """From where the request came: as the farthest proxy that is trusted saw it."""
        passed_on = [part.strip() for part in headers.get("x-forwarded-for", "").split(",")]
        if 0 < self.trusted_proxies <= len(passed_on):
            return passed_on[-self.trusted_proxies]
        client = scope.get("client")
        return str(client[0]) if client else None

    async def _identify(self, headers: Mapping[str, str], address: str | None = None) -> Caller:
        asking = partial(
            self.callers.identify, headers.get("authorization"), headers.get("commonplace-member"), address
        )
        caller = await asyncio.get_running_loop().run_in_executor(self._identifying, asking)
        if SCOPE not in caller.scopes:
            raise insufficient_scope(SCOPE)
        return caller

    async def _serve(self, stream: Stream, headers: Mapping[str, str], receive: Receive, send: Send) -> None:
        metrics.HTTP_REQUESTS.labels("GET", ADDRESS, "200").inc()
        tasks = [
            asyncio.create_task(_until_gone(receive, stream)),
            asyncio.create_task(self._watch(stream, headers)),
        ]
        try:
            sent = {**HEADERS, "Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
            await send({"type": "http.response.start", "status": 200, "headers": _encoded(sent)})
            await _send_piece(send, f"retry: {COME_BACK}\n\n".encode())
            while not stream.is_ended:
                if piece := stream.take():
                    await _send_piece(send, piece)
                    continue
                try:
                    await asyncio.wait_for(stream.changed.wait(), PING)
                except TimeoutError:
                    await _send_piece(send, b": still here\n\n")
            with suppress(Exception):  # the client may be gone
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except OSError:
            pass  # the client is gone
        finally:
            self.hub.remove(stream)
            for task in tasks:
                task.cancel()

    async def _watch(self, stream: Stream, headers: Mapping[str, str]) -> None:
        """End the stream when its credential does."""
        while not stream.is_ended:
            await asyncio.sleep(self.check_seconds)
            try:
                caller = await self._identify(headers)
            except Problem:
                stream.end()
            except Refusal:
                continue  # nobody can say just now
            except Exception as error:
                log.error("stream.check_failed", exc_info=error)
            else:
                if caller.member != stream.member:
                    stream.end()


def _tell(scope: Scope, status: int, name: str, seconds: float) -> None:
    """One line of each request, when it is answered: a stream that was opened has only begun."""
    log.info(
        "request",
        method=scope["method"],
        route=ADDRESS if scope["path"] == ADDRESS else "none",
        status=status,
        milliseconds=round(seconds * 1000, 1),
        request_id=name,
    )


async def _until_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _send_piece(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _turn_away(problem: Problem, send: Send) -> None:
    metrics.HTTP_REQUESTS.labels("GET", ADDRESS, str(problem.kind.status)).inc()
    headers = {**HEADERS, **problem.headers, "Content-Type": problems.MEDIA_TYPE}
    body = problems.write(problem, telemetry.trace_id())
    start = {"type": "http.response.start", "status": problem.kind.status, "headers": _encoded(headers)}
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = bytes(raw_name).decode("latin-1").lower()
        if name in headers and name in ONCE_ONLY:
            raise Problem("bad-request", "A header is given twice.", [Fault(name, "is given twice")])
        value = bytes(raw_value).decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _plain_header(scope: Scope, name: bytes) -> str | None:
    found = [bytes(value) for own, value in scope["headers"] if bytes(own).lower() == name]
    return found[0].decode("latin-1") if found else None


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
