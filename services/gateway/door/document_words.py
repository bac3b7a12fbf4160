"""The words of the OpenAPI document that no model holds: what all headers and problems of the API mean."""

from typing import Any

from pydantic import BaseModel

Json = dict[str, Any]

LONGEST_CONDITION = 4_000
"""Characters of `If-None-Match`: some hundred of our entity tags."""

INFO = {
    "title": "Commonplace",
    "version": "1.0.0",
    "description": (
        "Virtual communities of practice that cross organisations and geographies.\n\n"
        "Conventions: every error is a problem document (RFC 9457); lists are pages, and `next` and the "
        "header `Link` lead to the following one; creations need an `Idempotency-Key`, and `If-Match` is needed "
        "where the operation says so; an operation that names no body takes none; "
        "fields may be added to answers at any time, so pass over those you do not know."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}

HEADERS: dict[str, Json] = {
    "ETag": {
        "description": "What the answer is, exactly. Send it as `If-None-Match` to hear only of changes, "
        "and that of a single thing as `If-Match` to change it.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The next page, as `rel="next"`; absent on the last. What tells of a deprecation, as '
        '`rel="deprecation"`.',
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where the new thing is.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "`true` when it had been done before and this is the answer of that time.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "Which credential is wanted.", "schema": {"type": "string"}},
    "RateLimit": {
        "description": "How many requests are left; absent when nobody is known to have asked.",
        "schema": {"type": "string"},
    },
    "X-Request-ID": {"description": "Yours, or one we made.", "schema": {"type": "string"}},
}
DEPRECATION_HEADERS: dict[str, Json] = {
    "Deprecation": {
        "description": "Since when this should not be used any more, as `@` and seconds since 1970 (RFC 9745).",
        "schema": {"type": "string"},
    },
    "Sunset": {
        "description": "From when on it is answered with 410 (RFC 8594).",
        "schema": {"type": "string"},
    },
}
PARAMETERS: dict[str, Json] = {
    "Idempotency-Key": {
        "description": "One value for one change and all its repetitions: up to 200 printable ASCII characters that "
        "nobody would choose again, such as a new UUID (`uuidgen`). With the value of another change it is refused.",
        "schema": {"type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$"},
    },
    "If-Match": {
        "description": "The `ETag` of your last reading, or its `revision` in quotes.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,15}(-[0-9a-f]{1,64})?"$'},
        "example": '"3"',
        # An example of the form, and of no use in a request.
        "x-fill-example": "no",
    },
    "If-None-Match": {
        "description": "The `ETag` that you hold; the answer is 304 when nothing has changed.",
        "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
    },
    "Commonplace-Member": {
        "description": "For partners' clients: the id of the member of their own organisation for whom they act. Whoever uses "
        "a personal access token leaves it out.",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
    },
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str
    what: str


class ProblemDocument(BaseModel):
    """Why a request was turned away (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] = []
    trace_id: str = ""
