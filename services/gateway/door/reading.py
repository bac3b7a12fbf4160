"""From a request to the parts of a call: address, query, headers and body, each read strictly."""

import hashlib
import re
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.gateway.door.document_words import LONGEST_CONDITION
from services.gateway.door.operation import Operation
from services.gateway.door.strict_json import NAME, refuse_ambiguous
from services.gateway.problems import Fault, Problem
from shared.contracts.calls.call import Caller, Once

M = TypeVar("M", bound=BaseModel)

KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")
ENTITY_TAG = re.compile(r'"(\d{1,15})(?:-[0-9a-f]{1,64})?"')
ENTITY_TAGS = re.compile(r'(?:W/)?"[^"]*"(?:[ \t]*,[ \t]*(?:W/)?"[^"]*")*')
MOST_FAULTS = 20
ID_PATTERN = r"^[0-9a-f]{24}$"
SIGNATURE_PATTERN = r"^[A-Za-z0-9_-]{20,400}\.\.[A-Za-z0-9_-]{86}$"


def read_path(model: type[M], parts: dict[str, Any]) -> M:
    """The ids in the address; one that no thing can have is the id of a thing that is not there."""
    try:
        return model.model_validate(parts)
    except ValidationError:
        raise Problem("not-found") from None


def read_query(model: type[M], request: Request) -> M:
    """The query; a key that is unknown or given twice is refused."""
    given: dict[str, str] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Problem("invalid", errors=[Fault(_plain(name), "is given more than once")])
        given[name] = values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from None


def refuse_query(request: Request) -> None:
    """For operations that have no query."""
    if request.query_string:
        names = [_plain(name) for name in request.args] or ["?"]
        raise Problem("invalid", errors=[Fault(name, "is not known here") for name in names[:MOST_FAULTS]])


def read_body(model: type[M], request: Request, body: bytes) -> M:
    """The body, which must be one JSON object and nothing else."""
    if (
        request.mimetype != "application/json"
        or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8"
    ):
        raise Problem("unsupported-media-type")
    if request.environ.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem("unsupported-media-type")
    refuse_ambiguous(body)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise invalid(error) from None


def read_revision(request: Request) -> int:
    """The revision that is to be changed, from the header `If-Match`.

    The ETag may be sent as it came, or as the `revision` of the thing in quotes. An entity tag that is not
    ours matches nothing, so what it stands for has changed; what is no entity tag (RFC 9110, 8.8.3) stands
    for nothing, and is refused as such.
    """
    given = request.environ.get("HTTP_IF_MATCH", "").strip()
    if not given or given == "*":
        raise Problem("if-match-missing", errors=[Fault("If-Match", "must name the revision that you read")])
    tag = ENTITY_TAG.fullmatch(given)
    if tag is None and not ENTITY_TAGS.fullmatch(given):
        raise Problem("if-match-malformed", errors=[Fault("If-Match", "must be an entity tag, in quotes")])
    if tag is None:
        raise Problem("stale-revision", errors=[Fault("If-Match", "is no ETag of this thing")])
    return int(tag.group(1))


def refuse_long_condition(request: Request) -> None:
    """An `If-None-Match` longer than a caller can hold tags of one answer is none."""
    if len(request.environ.get("HTTP_IF_NONE_MATCH", "")) > LONGEST_CONDITION:
        fault = Fault(
            "If-None-Match", f"is longer than {LONGEST_CONDITION} characters; send the tag that you hold"
        )
        raise Problem("invalid", errors=[fault])


def read_once(operation: Operation, caller: Caller, request: Request, body: bytes) -> Once | None:
    """The promise to be carried out once, `Idempotency-Key`: creations need it, other writes may have it."""
    if operation.method == "GET":
        return None
    key = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None and not operation.creates:
        return None
    if key is None or not KEY.fullmatch(key):
        raise Problem(
            "idempotency-key-missing",
            errors=[Fault("Idempotency-Key", "must be 1 to 200 printable ASCII characters")],
        )
    asked = hashlib.sha256()
    for part in (request.method, request.full_path, request.environ.get("HTTP_IF_MATCH", "")):
        asked.update(part.encode() + b"\0")
    asked.update(body)
    return Once(key=f"{caller.client or ''}.{caller.member or ''}:{key}", fingerprint=asked.hexdigest())


def invalid(error: ValidationError) -> Problem:
    """What a model found wrong, without what was sent."""
    found = error.errors(include_input=False, include_url=False)
    within = {one["loc"][:depth] for one in found for depth in range(1, len(one["loc"]))}
    faults = [
        Fault(".".join(_plain(str(step)) for step in one["loc"]) or "body", what_is_wrong(one))
        for one in found
        # A list is too short only because something in it is wrong, which is said already.
        if not (one["type"] == "too_short" and one["loc"] in within)
    ]
    return Problem("invalid", errors=faults[:MOST_FAULTS])


def what_is_wrong(error: ErrorDetails) -> str:
    """What is wrong, in words for whoever sent it instead of whoever wrote the model."""
    kind, message = error["type"], error["msg"]
    if kind == "extra_forbidden":
        return "is not known here"
    if kind == "string_pattern_mismatch" and error.get("ctx", {}).get("pattern") == ID_PATTERN:
        return "must be an id: 24 characters, each 0 to 9 or a to f"
    if kind == "string_pattern_mismatch" and error.get("ctx", {}).get("pattern") == SIGNATURE_PATTERN:
        return "must be a detached JWS in compact form: header..signature"
    if kind == "int_parsing":
        return "must be a whole number"
    return message.removeprefix("Value error, ")


def _plain(name: str) -> str:
    """A field's name as sent, when it is one that a person would give a field; else its place only."""
    return name if NAME.fullmatch(name) else "?"
