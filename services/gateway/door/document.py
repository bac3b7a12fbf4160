"""The OpenAPI 3.1 document: what flask-openapi derives from the models, with what all routes share.

Derived from the operations: problems, headers, security and examples. Written by hand: nothing.
"""

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from flask_openapi.models.security_scheme import SecurityScheme
from pydantic import BaseModel, TypeAdapter

from services.gateway.door import document_bounds, document_stream
from services.gateway.door.deprecation import DEPRECATED, Deprecated
from services.gateway.door.document_words import (
    DEPRECATION_HEADERS,
    HEADERS,
    PARAMETERS,
    Json,
    ProblemDocument,
)
from services.gateway.door.operation import Operation
from services.gateway.problems import KINDS, MEDIA_TYPE
from shared.contracts.calls.membership import Scope

REF = "#/components/{}/{}"

SERVER_ERRORS = 500

ALWAYS = (
    "bad-request",
    "unauthenticated",
    "insufficient-scope",
    "not-allowed",
    "member-unknown",
    "invalid",
    "too-many-requests",
    "internal-error",
    "unavailable",
)


def security_schemes() -> dict[str, SecurityScheme | Json]:
    """The two ways to say who is calling."""
    scopes = {scope: _in_words(scope) for scope in get_args(Scope)}
    return {
        "personal_token": SecurityScheme(
            type="http", scheme="bearer", description="A member's personal access token, `cop_…`."
        ),
        "client_credentials": SecurityScheme(
            type="oauth2",
            description="A partner organisation's system, acting for itself or for a member. Its access tokens are JWTs "
            "(RFC 9068) and are checked by the best practices of RFC8725; they last fifteen minutes.",
            flows={"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
        ),
    }


def complete(
    document: Json,
    operations: Iterable[Operation],
    issuer: str,
    stream: str,
    deprecated: Mapping[str, Deprecated] = DEPRECATED,
) -> None:
    """Add to `document`, in place, what flask-openapi cannot know.

    Args:
        document: what it made.
        operations: all of the gateway.
        issuer: the gateway's address.
        stream: the stream process's address.
        deprecated: what is on its way out.
    """
    components = document["components"]
    components["schemas"].update(_schemas(ProblemDocument))
    components["schemas"].pop("ValidationErrorModel", None)
    components["responses"] = {}
    components["headers"] = HEADERS
    components["parameters"] = {
        name: {"name": name, "in": "header", "required": False, **content}
        for name, content in PARAMETERS.items()
        if name != "If-Match"  # never optional
    }
    document["servers"] = [{"url": issuer, "x-internal": False}]
    document["info"]["contact"] = {"name": "Whoever runs this node", "url": issuer}
    for operation in operations:
        entry = document["paths"][re.sub(r"<(\w+)>", r"{\1}", operation.rule)][operation.method.lower()]
        for name, schema in _schemas(operation.call.answer).items():
            if name not in components["schemas"]:
                # Bodies are closed; answers are open, because fields may be added to them.
                components["schemas"][name] = {k: v for k, v in schema.items() if k != "additionalProperties"}
        entry["parameters"] = entry.get("parameters", []) + _header_parameters(operation)
        entry["responses"] = _responses(operation)
        for codes in _by_status(problems_of(operation)).values():
            components["responses"]["-or-".join(codes)] = _either(codes)
        entry["security"] = [{"personal_token": []}, {"client_credentials": [operation.scope]}]
        entry["description"] = f"{_more(entry)}\n\nScope: `{operation.scope}`.".strip()
        _mark(entry, operation, deprecated)
        if operation.example:
            entry["requestBody"]["content"]["application/json"]["examples"] = {
                operation.id: {"value": operation.example}
            }
    if deprecated:
        components["headers"] = HEADERS | DEPRECATION_HEADERS
        components["responses"]["gone"] = _either(["gone"])
    refused = {str(status): _either(codes) for status, codes in _by_status(document_stream.PROBLEMS).items()}
    document["paths"][document_stream.PATH] = document_stream.path_item(stream, refused)
    for name, schema in components["schemas"].items():
        schema["title"] = name
    document_bounds.bound(document)


def _mark(entry: Json, operation: Operation, deprecated: Mapping[str, Deprecated]) -> None:
    """Say of an operation, and of the parts of its query, that they are on their way out."""
    marked = [(entry, deprecated.get(operation.id))]
    marked += [(one, deprecated.get(f"{operation.id}.{one.get('name')}")) for one in entry["parameters"]]
    found = [(part, one) for part, one in marked if one is not None]
    for part, one in found:
        part["deprecated"] = True
        part["description"] = f"{one.in_words()}\n\n{part['description']}"
        if one.sunset is not None:
            part["x-sunset"] = one.sunset.isoformat()
    if found:
        headers = entry["responses"][str(operation.status)]["headers"]
        headers |= {name: {"$ref": REF.format("headers", name)} for name in ("Deprecation", "Sunset", "Link")}
        entry["responses"]["410"] = {"$ref": REF.format("responses", "gone")}
        entry["responses"] = dict(sorted(entry["responses"].items()))


def problems_of(operation: Operation) -> list[str]:
    """The kinds of problem that an operation may answer with."""
    codes = list(ALWAYS)
    if operation.path or operation.query or operation.method != "GET":
        codes.append("not-found")
    if operation.method != "GET":
        codes += ["conflict", "idempotency-key-missing"]
    if operation.is_listing:
        codes.append("cursor-invalid")
    if operation.body:
        codes += ["malformed-json", "too-large", "unsupported-media-type"]
    if operation.needs_revision:
        codes += ["stale-revision", "if-match-missing", "if-match-malformed"]
    return codes


def _more(entry: Json) -> str:
    """What a description says beyond the summary, which stands in for it where there is none."""
    description: str = entry.get("description", "")
    return "" if description.rstrip(".") == entry["summary"] else description


def _responses(operation: Operation) -> Json:
    headers = ["ETag", "RateLimit", "X-Request-ID"]
    headers += ["Link"] if operation.is_listing else []
    headers += ["Location"] if operation.location else []
    headers += ["Idempotency-Replayed"] if operation.method != "GET" else []
    responses: Json = {
        str(operation.status): {
            "description": "Begun." if operation.later else "Made." if operation.creates else "As asked.",
            "headers": {name: {"$ref": REF.format("headers", name)} for name in headers},
            "content": {
                "application/json": {"schema": {"$ref": REF.format("schemas", _name(operation.call.answer))}}
            },
        }
    }
    if operation.method == "GET":
        responses["304"] = {
            "description": "Nothing has changed.",
            "headers": {"ETag": {"$ref": REF.format("headers", "ETag")}},
        }
    for status, codes in _by_status(problems_of(operation)).items():
        responses[str(status)] = {"$ref": REF.format("responses", "-or-".join(codes))}
    return responses


def _by_status(codes: Iterable[str]) -> dict[int, list[str]]:
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(KINDS[code].status, []).append(code)
    return dict(sorted(by_status.items()))


def _either(codes: list[str]) -> Json:
    """One response for the kinds of problem that share a status."""
    kinds = {code: KINDS[code] for code in codes}
    examples = {
        code: {
            "value": {
                "type": f"/problems/{code}",
                "title": kind.title,
                "status": kind.status,
                "detail": kind.advice,
            }
        }
        for code, kind in kinds.items()
    }
    status = next(iter(kinds.values())).status
    headers = ["X-Request-ID", *(["RateLimit"] if status < SERVER_ERRORS else [])]
    headers += ["WWW-Authenticate"] if {"unauthenticated", "insufficient-scope"} & set(codes) else []
    headers += ["Retry-After"] if {"too-many-requests", "unavailable"} & set(codes) else []
    return {
        "description": " Or: ".join(f"{kind.title}. {kind.advice}" for kind in kinds.values()),
        "headers": {name: {"$ref": REF.format("headers", name)} for name in headers},
        "content": {
            MEDIA_TYPE: {"schema": {"$ref": REF.format("schemas", "ProblemDocument")}, "examples": examples}
        },
    }


def _header_parameters(operation: Operation) -> list[Json]:
    shared: dict[str, Json] = {name: {"$ref": REF.format("parameters", name)} for name in PARAMETERS}
    if operation.method == "GET":
        return [shared["Commonplace-Member"], shared["If-None-Match"]]
    parameters: list[Json] = [shared["Commonplace-Member"]]
    for name, required in (("Idempotency-Key", operation.creates), ("If-Match", operation.needs_revision)):
        if required:
            parameters.append({"name": name, "in": "header", "required": True, **PARAMETERS[name]})
        elif name == "Idempotency-Key":
            parameters.append(shared[name])
    return parameters


def _schemas(model: type[BaseModel]) -> dict[str, Json]:
    """A model's schema and those it refers to, by name."""
    whole = TypeAdapter(model).json_schema(ref_template=REF.format("schemas", "{model}"))
    schemas = {**whole.pop("$defs", {}), _name(model): whole}
    return {_plain(name): schema for name, schema in schemas.items()}


def _name(model: type[BaseModel]) -> str:
    return _plain(model.__name__)


def _plain(name: str) -> str:
    """`Page[Post]` as a name that every generator of clients can take: `PageOfPost`."""
    return re.sub(r"[\[_](\w+?)[\]_]$", r"Of\1", name)


def _in_words(scope: str) -> str:
    noun, verb = scope.split(":")
    words = {"read": "See", "decide": "Decide about"}
    return f"{words.get(verb, 'Change')} {noun}."
