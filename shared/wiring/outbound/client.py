"""The client that everything which calls out over HTTP goes through."""

import ssl
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import httpcore2

from shared.wiring.outbound.backend import GuardedBackend, checked_addresses
from shared.wiring.outbound.budget import HEAD, Budget, spending
from shared.wiring.outbound.failures import OutboundFailed
from shared.wiring.outbound.resolving import Resolve, resolve
from shared.wiring.outbound.target import Target, read_target

SECONDS = 15.0
MOST_BYTES = 65_536
MOST_HEADERS = 100
IDLE_SECONDS = 10.0
AGENT = "Commonplace"


class Answer(NamedTuple):
    """What came back, whole.

    Args:
        status: the HTTP status; a redirect is an answer like any other and is not followed.
        headers: by lower-case name; of several with one name the last.
        body: at most as many bytes as were allowed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class Outbound:
    """Calls addresses that others gave us, and no address that is not the public's.

    One for a process is enough; it may be used by many threads, or green threads, at a time.

    Args:
        allowed: origins of the operator's settings (`COMMONPLACE_OUTBOUND_ALLOWED`) that may be called
            whatever their scheme, port and addresses are. Never from anybody else's input.
        authorities: a PEM file of certificate authorities that are believed besides the system's.
        resolve: how names are resolved.
        most_connections: open at a time.
    """

    def __init__(
        self,
        allowed: Collection[str] = (),
        authorities: Path | None = None,
        resolve: Resolve = resolve,
        most_connections: int = 200,
    ) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve
        context = ssl.create_default_context()
        if authorities is not None:
            context.load_verify_locations(cafile=authorities)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            max_connections=most_connections,
            max_keepalive_connections=most_connections // 2,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=GuardedBackend(resolve),
        )

    def check(self, url: str, *, resolves: bool = True, seconds: float = 3.0) -> Target:
        """Refuse an address at once, when it is told to us; each call checks it again.

        Args:
            url: what somebody gave us.
            resolves: whether its name is resolved too; a name that has no address is refused then.
            seconds: how long that may take.

        Raises:
            OutboundRefused: it is never called.
            OutboundFailed: its name has no address just now.
        """
        target = read_target(url, self._allowed)
        if resolves:
            with spending(Budget(seconds, 0, anywhere=target.is_allowed)):
                checked_addresses(self._resolve, target.host, target.port)
        return target

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content: bytes = b"",
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """Make one call; nothing is followed, repeated or remembered.

        Args:
            method: such as `POST`.
            url: what somebody gave us.
            headers: names and values; `Host`, `Content-Length` and `Accept-Encoding` are ours.
            content: the body.
            seconds: for everything together.
            most_bytes: of the answer's body.

        Raises:
            OutboundRefused: it is not called; nothing was sent.
            OutboundFailed: no whole answer came in time and in size.
        """
        target = read_target(url, self._allowed)
        sent = [
            ("Host", target.authority),
            ("Accept-Encoding", "identity"),
            *(("Content-Length", str(len(content))) for _ in (1,) if content or method in ("POST", "PUT")),
            *_with_agent(headers),
        ]
        with spending(Budget(seconds, most_bytes, anywhere=target.is_allowed)) as budget:
            try:
                with self._pool.stream(
                    method,
                    httpcore2.URL(
                        scheme=target.scheme, host=target.host, port=target.port, target=target.path
                    ),
                    headers=sent,
                    content=content,
                    extensions={"timeout": {"pool": budget.seconds_left()}},
                ) as response:
                    return Answer(response.status, _headers(response), _body(response, budget, most_bytes))
            except httpcore2.TimeoutException as error:
                budget.seconds_left()
                raise OutboundFailed("timeout", "There was no answer in time.") from error
            except httpcore2.NetworkError as error:
                raise OutboundFailed("unreachable", "The connection broke.") from error
            except httpcore2.ProtocolError as error:
                raise OutboundFailed("malformed", "What answered does not speak HTTP properly.") from error

    def get(
        self,
        url: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> Answer:
        """`send` for reading something."""
        return self.send("GET", url, headers=headers, seconds=seconds, most_bytes=most_bytes)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


def _with_agent(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    given = list(headers)
    ours = {"host", "content-length", "accept-encoding", "transfer-encoding", "connection"}
    if taken := [name for name, _ in given if name.lower() in ours]:
        raise ValueError(f"{taken[0]} is the client's own header.")
    return (
        given if any(name.lower() == "user-agent" for name, _ in given) else [("User-Agent", AGENT), *given]
    )


def _headers(response: httpcore2.Response) -> dict[str, str]:
    if (
        len(response.headers) > MOST_HEADERS
        or sum(len(name) + len(value) for name, value in response.headers) > HEAD
    ):
        raise OutboundFailed(
            "too-large", f"The answer has more than {MOST_HEADERS} headers, or {HEAD:,} bytes of them."
        )
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}


def _body(response: httpcore2.Response, budget: Budget, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_stream():
        size += len(part)
        if size > most_bytes:
            raise budget.too_large()
        parts.append(part)
    return b"".join(parts)
