"""Requests made from the OpenAPI document alone: every operation, and everything in it that names a thing."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, NamedTuple

import httpx2

ID = "^[0-9a-f]{24}$"
METHODS = ("get", "post", "put", "patch", "delete")
MEMBER = "Commonplace-Member"
Json = dict[str, Any]


class Slot(NamedTuple):
    """A place in a request that names a thing: `path`, `query` or `body`, and the name it has there."""

    where: str
    name: str


@dataclass(frozen=True)
class Described:
    """An operation as the document describes it.

    Args:
        id, method, path: as there.
        parameters: with their references resolved.
        example: of its body; None when it has none.
        slots: whatever in it names a thing.
        server: its own, where it has one.
    """

    id: str
    method: str
    path: str
    parameters: tuple[Json, ...]
    example: Json | None
    slots: tuple[Slot, ...]
    server: str | None = None

    def needs(self, header: str) -> bool:
        """Whether it has a header of that name."""
        return any(one["in"] == "header" and one["name"] == header for one in self.parameters)

    @property
    def needed(self) -> set[Slot]:
        """The slots without which a request would not be one."""
        free = {Slot(one["in"], one["name"]) for one in self.parameters if not one["required"]}
        return {slot for slot in self.slots if slot not in free}

    def queries(self, word: str) -> list[dict[str, str]]:
        """Every way in which it may be asked that names no thing: plainly, then by each of its query's parts alone."""
        parts = [one for one in self.parameters if one["in"] == "query" and self._is_plain(one)]
        least = {one["name"]: word for one in parts if one["required"]}
        ways = [least, *({**least, one["name"]: _some(one["schema"], word)} for one in parts)]
        if any(one["name"] == "limit" for one in self.parameters):
            ways.append({**least, "limit": "1"})
        return ways

    def _is_plain(self, part: Json) -> bool:
        return part["name"] not in ("after", "limit") and Slot("query", part["name"]) not in self.slots

    def choices(self, where: str) -> Json:
        """What stands in its address or query and names no thing: the first of what it may be, or its example."""
        return {
            one["name"]: one["schema"]["enum"][0] if "enum" in one["schema"] else "falls"
            for one in self.parameters
            if one["in"] == where and one["required"] and Slot(where, one["name"]) not in self.slots
        }


def described(document: Json) -> list[Described]:
    """Every operation of the document."""
    return [
        _described(document, method, path, item)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def ask(
    http: httpx2.Client,
    operation: Described,
    things: Mapping[Slot, str],
    *,
    query: Mapping[str, str] | None = None,
    body: Json | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx2.Response:
    """Make a request of it.

    Args:
        things: what stands in each slot; slots that are not needed may be missing.
        query: more of it.
        body: in the place of its example.
    """
    path = operation.path.format_map(
        {slot.name: thing for slot, thing in things.items() if slot.where == "path"}
        | operation.choices("path")
    )
    asked = {slot.name: thing for slot, thing in things.items() if slot.where == "query"}
    sent = {"If-Match": '"1"', **(headers or {})}
    sent = {name: value for name, value in sent.items() if operation.needs(name)}
    if operation.needs("Idempotency-Key"):
        sent["Idempotency-Key"] = token_hex(12)
    return http.request(
        operation.method.upper(),
        path,
        params={**operation.choices("query"), **asked, **(query or {})},
        json=body if body is not None else with_things(operation, things),
        headers=sent,
    )


def with_things(operation: Described, things: Mapping[Slot, str]) -> Json | None:
    """The example of its body, with these things in the slots that it has."""
    if operation.example is None:
        return None
    body = copy.deepcopy(operation.example)
    for slot, thing in things.items():
        if slot.where == "body":
            _put(body, slot.name.split("."), thing)
    return body


def _put(value: Any, steps: list[str], thing: str) -> None:
    step, *rest = steps
    name = step.removesuffix("[]")
    if not rest:
        value[name] = [thing] if step.endswith("[]") else thing
    elif step.endswith("[]"):
        _put(value[name][0], rest, thing)
    else:
        _put(value[name], rest, thing)


def _some(schema: Json, word: str) -> str:
    """A value of the query that is one of few, or the word."""
    kinds = [schema, *schema.get("anyOf", ())]
    if any(one.get("type") == "boolean" for one in kinds):
        return "true"
    return next((str(one["enum"][0]) for one in kinds if "enum" in one), word)


def _described(document: Json, method: str, path: str, item: Json) -> Described:
    operation = item[method]
    parameters = tuple(_resolved(document, one) for one in operation.get("parameters", ()))
    slots = [
        Slot(one["in"], one["name"])
        for one in parameters
        if one["in"] in ("path", "query") and _names_a_thing(one["schema"], one["in"])
    ]
    example = None
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        (shown,) = content["examples"].values()
        example = shown["value"]
        slots += [Slot("body", name) for name in sorted(set(_ids(document, content["schema"], "")))]
    server = item["servers"][0]["url"] if "servers" in item else None
    return Described(operation["operationId"], method, path, parameters, example, tuple(slots), server)


def _names_a_thing(schema: Json, where: str) -> bool:
    """What stands in an address does unless it is one of a few words; elsewhere it must look like an id."""
    if where == "path":
        return "enum" not in schema
    return any(one.get("pattern") == ID for one in (schema, *schema.get("anyOf", ())))


def _ids(document: Json, schema: Json, place: str) -> Iterator[str]:
    schema = _resolved(document, schema)
    if schema.get("pattern") == ID:
        yield place
    for one in schema.get("anyOf", ()):
        yield from _ids(document, one, place)
    if "items" in schema:
        yield from _ids(document, schema["items"], f"{place}[]")
    for name, inner in schema.get("properties", {}).items():
        yield from _ids(document, inner, f"{place}.{name}" if place else name)


def _resolved(document: Json, part: Json) -> Json:
    while "$ref" in part:
        found: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    if "schema" in part:
        inner = _resolved(document, part["schema"])
        either = [_resolved(document, one) for one in inner.get("anyOf", ())]
        part = {**part, "schema": {**inner, "anyOf": either} if either else inner}
    return part
