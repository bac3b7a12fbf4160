"""What a change of the OpenAPI document means for who calls: whether it breaks, and what it adds.

Whoever calls sends what is documented and passes over what they do not know in an answer. So a request may come to allow more, never less; an
answer may come to hold more, never less.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
UPPER, LOWER = ("maxLength", "maximum", "maxItems"), ("minLength", "minimum", "minItems")


def breaking(before: Json, after: Json, now: datetime | None = None) -> list[str]:
    """Sentences on what of `before` does not hold in `after`; what was deprecated and is past its sunset may go.

    Args:
        before, after: OpenAPI documents of this API.
        now: the time; this moment when left out.
    """
    return list(_operations(before, after, now or datetime.now(UTC)))


def names(document: Json) -> dict[str, list[str]]:
    """All that the document offers: each operation with the parts of its address and query, and each schema with its fields."""
    found = {}
    for path, method, operation in _each(document):
        parts = [one["name"] for one in _parameters(document, operation) if one["in"] in ("path", "query")]
        found[f"{method.upper()} {path}"] = parts
    for name, schema in document["components"]["schemas"].items():
        found[name] = sorted(schema.get("properties", ())) or [str(one) for one in schema.get("enum", ())]
    return found


def _operations(before: Json, after: Json, now: datetime) -> Iterator[str]:
    there = {(path, method): operation for path, method, operation in _each(after)}
    for path, method, old in _each(before):
        where = f"{method.upper()} {path}"
        new = there.get((path, method))
        if new is None:
            if not _may_go(old, now):
                yield f"{where} is gone; deprecate it first"
            continue
        yield from _asked(where, before, old, after, new, now)
        yield from _answered(where, before, old, after, new)


def _asked(where: str, before: Json, old: Json, after: Json, new: Json, now: datetime) -> Iterator[str]:
    olds = {(one["in"], one["name"]): one for one in _parameters(before, old)}
    news = {(one["in"], one["name"]): one for one in _parameters(after, new)}
    for key, one in olds.items():
        if key not in news:
            if not _may_go(one, now):
                yield f"{where}: `{key[1]}` is gone; deprecate it first"
        else:
            yield from _narrowed(f"{where}: `{key[1]}`", before, one["schema"], after, news[key]["schema"])
    for key, one in news.items():
        if one.get("required") and not olds.get(key, {}).get("required"):
            yield f"{where}: `{key[1]}` is needed now"
    was, now_is = _body(old), _body(new)
    if now_is is not None and was is None:
        yield f"{where}: a body is needed now"
    elif was is not None and now_is is not None:
        yield from _narrowed(f"{where}: the body", before, was, after, now_is)
    elif was is not None:
        yield f"{where}: the body is gone"


def _answered(where: str, before: Json, old: Json, after: Json, new: Json) -> Iterator[str]:
    for status, response in old["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in new["responses"]:
            yield f"{where}: it is not answered with {status} any more"
            continue
        contents = [one.get("content", {}) for one in (response, new["responses"][status])]
        for media, content in contents[0].items():
            if media not in contents[1]:
                yield f"{where}: it is not answered in {media} any more"
            else:
                # An answer breaks as a request does, the other way round: what was promised is what a reader takes.
                yield from _lessened(
                    f"{where}: the answer", before, content["schema"], after, contents[1][media]["schema"]
                )


def _narrowed(
    where: str, before: Json, old: Json, after: Json, new: Json, seen: tuple[str, ...] = ()
) -> Iterator[str]:
    """How a schema of what is sent allows less than it did."""
    if old.get("$ref", "") in seen:
        return
    seen = (*seen, old["$ref"]) if "$ref" in old else seen
    olds, news = _kinds(before, old), _kinds(after, new)
    for kind, one in olds.items():
        if kind not in news:
            yield f"{where} may be no {kind} any more"
            continue
        other = news[kind]
        yield from _tighter(where, one, other)
        for name, field in one.get("properties", {}).items():
            if name not in other.get("properties", {}):
                yield f"{where}: the field `{name}` is gone"
            else:
                inner = other["properties"][name]
                yield from _narrowed(f"{where}, `{name}`", before, field, after, inner, seen)
        for name in sorted(set(other.get("required", ())) - set(one.get("required", ()))):
            yield f"{where}: the field `{name}` is needed now"
        if "items" in one and "items" in other:
            yield from _narrowed(f"{where}[]", before, one["items"], after, other["items"], seen)


def _tighter(where: str, old: Json, new: Json) -> Iterator[str]:
    """How a value of one kind is bound more than it was."""
    if _values(new):
        if not _values(old):
            yield f"{where} may be one of few only"
        for gone in [one for one in _values(old) if one not in _values(new)]:
            yield f"{where} may not be `{gone}` any more"
    for name in UPPER:
        if name in new and new[name] < old.get(name, math.inf):
            yield f"{where}: `{name}` is {new[name]} and was {old.get(name, 'not there')}"
    for name in LOWER:
        least = 0 if name != "minimum" else -math.inf
        if name in new and new[name] > old.get(name, least):
            yield f"{where}: `{name}` is {new[name]} and was {old.get(name, 'not there')}"
    if new.get("pattern") not in (None, old.get("pattern")):
        yield f"{where}: `pattern` is another"


def _lessened(
    where: str, before: Json, old: Json, after: Json, new: Json, seen: tuple[str, ...] = ()
) -> Iterator[str]:
    """How an answer holds less than it did, or something that a reader of the former could not take."""
    if old.get("$ref", "") in seen:
        return
    seen = (*seen, old["$ref"]) if "$ref" in old else seen
    olds, news = _kinds(before, old), _kinds(after, new)
    for kind in [kind for kind in news if kind not in olds]:
        yield f"{where} may be a {kind} now"
    for kind in olds.keys() & news.keys():
        one, other = olds[kind], news[kind]
        for name, field in one.get("properties", {}).items():
            if name not in other.get("properties", {}):
                yield f"{where}: the field `{name}` is gone"
            elif name in one.get("required", ()) and name not in other.get("required", ()):
                yield f"{where}: the field `{name}` may be missing now"
            else:
                inner = other["properties"][name]
                yield from _lessened(f"{where}, `{name}`", before, field, after, inner, seen)
        if "items" in one and "items" in other:
            yield from _lessened(f"{where}[]", before, one["items"], after, other["items"], seen)


def _may_go(one: Json, now: datetime) -> bool:
    return bool(
        one.get("deprecated") and "x-sunset" in one and datetime.fromisoformat(one["x-sunset"]) <= now
    )


def _each(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _parameters(document: Json, operation: Json) -> list[Json]:
    return [_resolved(document, one) for one in operation.get("parameters", ())]


def _body(operation: Json) -> Json | None:
    if "requestBody" not in operation:
        return None
    schema: Json = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def _kinds(document: Json, schema: Json) -> dict[str, Json]:
    """The ways in which a value may be there, by type."""
    either = [_resolved(document, one) for one in schema.get("anyOf", [schema])]
    return {str(one.get("type", "anything")): one for one in either}


def _values(schema: Json) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _resolved(document: Json, part: Json) -> Json:
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part
