"""Refusals become problems: one table from the ways to be refused to RFC 9457 documents.

Every error under `/v1` is an `application/problem+json` with the same members: `type` (an address on
this node that explains the kind), `title`, `status`, `detail`, `errors` (which field, and what is
wrong with it) and `trace_id` (what an operator searches for). Input is never repeated.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal, Unavailable

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, its title, and what to do about it."""

    status: int
    title: str
    advice: str


KINDS: dict[str, Kind] = {
    "bad-request": Kind(
        400,
        "The request cannot be read",
        "The request line or a header is wrong, such as a host name that this node does not answer to.",
    ),
    "malformed-json": Kind(
        400,
        "The body is not JSON",
        "Send one JSON object in UTF-8: every name once in an object, no NaN or Infinity, "
        "nested no deeper than 100 levels.",
    ),
    "cursor-invalid": Kind(
        400,
        "The cursor is not of this listing",
        "Pass `next` of the page before as `after`, unchanged, with the same path, filters and credential; "
        "or begin again without `after`.",
    ),
    "idempotency-key-missing": Kind(
        400,
        "An Idempotency-Key is needed",
        "Send the header `Idempotency-Key` with a value that you use for this one creation and all its "
        "repetitions: 1 to 200 printable ASCII characters, such as a UUID.",
    ),
    "unauthenticated": Kind(
        401,
        "Who is asking?",
        "Send `Authorization: Bearer <token>` with a personal access token or an access token from "
        "`/oauth/token`. A token that has ended, expired or been tampered with is none.",
    ),
    "insufficient-scope": Kind(
        403,
        "The token does not allow this",
        "Use a token with the scope that the header `WWW-Authenticate` names.",
    ),
    "not-allowed": Kind(
        403,
        "You may not do this",
        "You may know of the thing, but your role does not allow what you asked. A facilitator can help.",
    ),
    "not-found": Kind(
        404,
        "There is no such thing",
        "Either it does not exist or you may not know of it; the answer is the same for both.",
    ),
    "member-unknown": Kind(
        404,
        "There is no such member of your organisation",
        "`Commonplace-Member` must be the id of an active member of the client's own organisation.",
    ),
    "method-not-allowed": Kind(
        405, "Not with this method", "The header `Allow` lists the methods that this address takes."
    ),
    "conflict": Kind(
        409,
        "It cannot be done as things are",
        "The thing is not in a state that allows this. Read it again; `detail` says what stands in the way.",
    ),
    "similar-communities": Kind(
        409,
        "Similar communities exist",
        "Look at `GET /v1/communities/similar`. If you still want a new one, send `similar_seen: true`.",
    ),
    "stale-revision": Kind(
        412,
        "It has changed since you read it",
        "Read it again, decide again, and send the new `ETag` as `If-Match`.",
    ),
    "too-large": Kind(413, "The body is too large", "A request body holds at most 64 kB."),
    "unsupported-media-type": Kind(
        415,
        "Not in this format",
        "Send `Content-Type: application/json`, in UTF-8 and without `Content-Encoding`.",
    ),
    "invalid": Kind(
        422,
        "A field is not right",
        "`errors` says which fields, and what is wrong with each. Unknown fields are refused too.",
    ),
    "idempotency-key-reused": Kind(
        422,
        "This Idempotency-Key was used for something else",
        "A key stands for one request: same method, address and body. Use a new key for a new request.",
    ),
    "if-match-missing": Kind(
        428,
        "If-Match is needed",
        "Changes need to know what they change: send the `ETag` of your last reading as `If-Match`.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests",
        "Wait as many seconds as `Retry-After` says. `RateLimit` tells how many are left.",
    ),
    "internal-error": Kind(
        500,
        "Something broke here",
        "It is our fault. Tell the operator the `trace_id`; they can find what happened.",
    ),
    "unavailable": Kind(
        503,
        "Not just now",
        "Wait as many seconds as `Retry-After` says and send the same request again, with the same "
        "`Idempotency-Key`; what was done already is not done twice.",
    ),
}
"""Every kind by its code, the last part of its address under `/problems/`."""

OF_STATUS = {
    400: "bad-request",
    401: "unauthenticated",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
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
    errors = [Fault(refusal.where, refusal.sentence)] if refusal.where else []
    headers = {"Retry-After": refusal.retry_after or "2"} if isinstance(refusal, Unavailable) else {}
    return Problem(code, refusal.sentence, errors, headers)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem that a bare HTTP status is; one without a row is the caller's fault or ours by its class."""
    code = OF_STATUS.get(status, "bad-request" if status < 500 else "internal-error")
    return Problem(code, headers=headers or {})


def unauthenticated(detail: str = "") -> Problem:
    """The answer to a caller whom no credential vouches for; RFC 6750 wants no error code when none came."""
    challenge = 'Bearer realm="commonplace"' + (', error="invalid_token"' if detail else "")
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


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
