"""What of the API is on its way out: the one list, and what every answer says of it.

Sources: RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`), RFC 8288 (`Link`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Request
from werkzeug.http import http_date

from services.gateway.door.late_headers import say
from services.gateway.door.operation import Operation
from services.gateway.problems import Problem
from shared.contracts.calls.call import Caller
from shared.wiring import metrics

A_MEMBER = "a member"
"""The label of calls that no client made; people are never counted by name."""


@dataclass(frozen=True)
class Deprecated:
    """That an operation or a part of its query is not to be used any more.

    Args:
        since: from when on one should not use it.
        sunset: from when on it is answered with 410; None when that is not decided.
        link: an address that tells more, absolute or on this node.
        instead: a sentence that says what to use.

    Raises:
        ValueError: a time has no zone, or it would go before it is announced.
    """

    since: datetime
    sunset: datetime | None
    link: str
    instead: str

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or (self.sunset is not None and self.sunset.tzinfo is None):
            raise ValueError("give both times a zone")
        if self.sunset is not None and self.sunset <= self.since:
            raise ValueError("a sunset comes after the deprecation (RFC 9745, 4)")

    def in_words(self) -> str:
        """The same, for people."""
        end = "" if self.sunset is None else f", and gone from {self.sunset:%Y-%m-%d} on"
        return f"Deprecated since {self.since:%Y-%m-%d}{end}. {self.instead} More: {self.link}"


def headers(used: Sequence[Deprecated]) -> list[tuple[str, str]]:
    """What an answer says of all that a request used: the earliest of each time, since each is one header (RFC 9745, 2.1)."""
    if not used:
        return []
    said = [("Deprecation", f"@{int(min(one.since for one in used).timestamp())}")]
    said += [("Link", f'<{link}>; rel="deprecation"') for link in dict.fromkeys(one.link for one in used)]
    sunsets = [one.sunset for one in used if one.sunset is not None]
    return [*said, ("Sunset", http_date(min(sunsets)))] if sunsets else said


DEPRECATED: dict[str, Deprecated] = {}
"""By the operation's id, or `<operation>.<name>` for a part of its query. docs/api-changelog.md gets a line with it."""


class Deprecations:
    """What is on its way out, looked at with every request.

    Args:
        listed: as `DEPRECATED`.
        operations: all of the gateway.
        clock: the time.

    Raises:
        ValueError: something is listed that there is not.
    """

    def __init__(
        self,
        listed: Mapping[str, Deprecated],
        operations: Iterable[Operation],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        known = {one.id: set(one.query.model_fields) if one.query else set() for one in operations}
        for name in listed:
            operation, _, part = name.partition(".")
            if operation not in known or (part and part not in known[operation]):
                raise ValueError(f"there is no `{name}` that could be deprecated")
        self._listed = listed
        self._parts = {name.partition(".")[0] for name in listed if "." in name}
        self._clock = clock

    def tell(self, operation: Operation, request: Request) -> None:
        """Say it in whatever is answered to this request."""
        for name, value in headers([one for _, one in self._used(operation, request)]):
            say(request.environ, name, value)

    def check(self, operation: Operation, request: Request, caller: Caller) -> None:
        """Count who still uses it, and refuse what is gone.

        Raises:
            Problem: `gone`.
        """
        for name, one in self._used(operation, request):
            metrics.DEPRECATED_CALLS.labels(name, caller.client or A_MEMBER).inc()
            if one.sunset is not None and self._clock() >= one.sunset:
                raise Problem(
                    "gone", f"`{name}` was given up on {one.sunset:%Y-%m-%d}. {one.instead} More: {one.link}"
                )

    def _used(self, operation: Operation, request: Request) -> list[tuple[str, Deprecated]]:
        if not self._listed:
            return []
        names = [operation.id]
        if operation.id in self._parts:
            names += [f"{operation.id}.{part}" for part in request.args]
        return [(name, self._listed[name]) for name in names if name in self._listed]
