"""Refusals become problems: one table from the ways to be refused to RFC 9457 documents.

Every error under `/v1` is an `application/problem+json` with the same members: `type` (an address on
this node that explains the kind), `title`, `status`, `detail`, `errors` (which field, and what is
wrong with it) and `trace_id` (what an operator searches for). Input is never repeated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.gateway.problems.kind import Kind
from services.gateway.problems.kinds import KINDS
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, Unavailable

MEDIA_TYPE = "application/problem+json"

OF_STATUS = {
    400: "bad-request",
    401: "unauthenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    410: "gone",
    412: "stale-revision",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    428: "if-match-missing",
    429: "too-many-requests",
    503: "unavailable",
}
"""What a bare HTTP status, as Flask and Werkzeug raise it, means here."""

REFUSALS: dict[type[Refusal], str] = {
    NotFound: "not-found",
    NotAllowed: "not-allowed",
    Conflict: "conflict",
    Invalid: "invalid",
    Unavailable: "unavailable",
}
"""What each of the five refusals is when its own code has no page."""


class Fault(NamedTuple):
    """One thing that is wrong: `where` (a field, query key or header) and `what`."""

    where: str
    what: str


@dataclass(eq=False)
class Problem(Exception):
    """A request that is turned away, as the caller will read it.

    Args:
        code: one of `KINDS`.
        detail: what is wrong this time and how to mend it, in one sentence.
        errors: which parts of the request are wrong.
        headers: headers that the answer carries.
    """

    code: str
    detail: str = ""
    errors: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The row of the table."""
        return KINDS[self.code]


def of_refusal(refusal: Refusal) -> Problem:
    """The problem that a service's refusal is at the door."""
    code = refusal.code if refusal.code in KINDS else REFUSALS[type(refusal)]
    # What was read last is named by a header, and only inside by the field that it becomes.
    where = "If-Match" if (code, refusal.where) == ("stale-revision", "revision") else refusal.where
    errors = [Fault(*fault) for fault in refusal.faults]
    if where and not errors:
        errors = [Fault(where, refusal.sentence)]
    headers = {"Retry-After": refusal.retry_after or "2"} if isinstance(refusal, Unavailable) else {}
    return Problem(code, refusal.sentence, errors, headers)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a bare HTTP status is; one without a row is judged by its class."""
    code = OF_STATUS.get(status, "bad-request" if status < 500 else "internal-error")
    return Problem(code, headers=headers or {})


def unauthenticated(detail: str = "") -> Problem:
    """The answer to a caller whom no credential vouches for; RFC 6750 wants no error code when none came."""
    challenge = 'Bearer realm="commonplace"' + (', error="invalid_token"' if detail else "")
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def insufficient_scope(scope: str) -> Problem:
    """The answer to a token that does not have the scope which an operation needs (RFC 6750, 3.1)."""
    challenge = f'Bearer realm="commonplace", error="insufficient_scope", scope="{scope}"'
    detail = f"This needs the scope `{scope}`, which the token does not have; use one that has it."
    return Problem("insufficient-scope", detail, headers={"WWW-Authenticate": challenge})


def write(problem: Problem, trace_id: str | None) -> bytes:
    """The problem as an RFC 9457 JSON document."""
    kind = problem.kind
    document: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail or kind.advice,
    }
    if problem.errors:
        document["errors"] = [fault._asdict() for fault in problem.errors]
    if trace_id:
        document["trace_id"] = trace_id
    return json.dumps(document).encode()
