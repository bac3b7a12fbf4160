"""What comes back: what was asked for, or a refusal that a program can look at."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from commonplace_client.v1.errors import UnexpectedStatus
from commonplace_client.v1.models import Fault, ProblemDocument
from commonplace_client.v1.types import Response, Unset

T = TypeVar("T")


class Refused(Exception):
    """The node has turned a request away (RFC 9457).

    `kind` is what a program should look at, such as `stale-revision`; `GET /problems` of the node lists them all. `errors` says which
    parts of the request are wrong, `retry_after` how many seconds to wait where waiting helps.
    """

    def __init__(self, problem: ProblemDocument, retry_after: str | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.status = problem.status
        self.kind = problem.type_.removeprefix("/problems/")
        self.errors: list[Fault] = [] if isinstance(problem.errors, Unset) else problem.errors
        self.retry_after = float(retry_after) if retry_after else None


class Unchanged(Exception):
    """Nothing has changed since the reading whose `ETag` was sent as `if_none_match`."""


def answered(response: Response[ProblemDocument | T]) -> T:
    """What was asked for, from the answer of any operation's `sync_detailed` or `asyncio_detailed`.

    Raises:
        Refused: the node has turned the request away.
        Unchanged: it was a conditional reading, and nothing has changed.
        UnexpectedStatus: something between here and the node has answered.
    """
    parsed = response.parsed
    if isinstance(parsed, ProblemDocument):
        raise Refused(parsed, response.headers.get("Retry-After"))
    if response.status_code == 304:
        raise Unchanged
    if parsed is None:
        raise UnexpectedStatus(response.status_code, response.content)
    return parsed


def pages(ask: Callable[..., Response[ProblemDocument | T]], *parts: Any, **more: Any) -> Iterator[T]:
    """Every page of a listing, each with its `items`, until the last.

    Args:
        ask: the `sync_detailed` of an operation that lists.
        parts, more: what it is asked with, `client` among it.
    """
    while True:
        page = answered(ask(*parts, **more))
        yield page
        following = getattr(page, "next_", None)
        if not isinstance(following, str):
            return
        more["after"] = following
