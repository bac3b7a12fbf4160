"""How large things may be: the bounds in the OpenAPI document that no model says.

Whoever reads an answer wants to know how much it may be before it comes. What models bound stays as it is; here are the
bounds that hold for everything: a body, a stored document, a page, and what a pattern lets through.
"""

from collections.abc import Iterator

from services.gateway.door.document_words import Json

LARGEST_BODY = 65_536
"""Characters: no body is larger in bytes."""
LARGEST_TEXT = 16_777_216
"""Characters: no document of the database is larger in bytes, and so no text in an answer."""
LARGEST_NUMBER = 2**53 - 1
"""The last whole number that every reader of JSON keeps exactly (RFC 8259, 6)."""
MOST_OF_A_PAGE = 100
MOST_OF_ONE_THING = 10_000
"""What one thing holds of others, such as a thread's professions or a webhook's communities."""

LONGEST = {
    r"^[0-9a-f]{24}$": 24,
    r"^[0-9a-f]{64}$": 64,
    r"^[A-Za-z0-9_-]{43}$": 43,
    r"^[!-~]([ -~]{0,198}[!-~])?$": 200,
    r'^"[0-9]{1,15}(-[0-9a-f]{1,64})?"$': 82,
    r"^[A-Za-z0-9_-]{20,400}\.\.[A-Za-z0-9_-]{86}$": 488,
    r"^[a-z-]{1,20}\.[0-9a-f]{24}(\.[0-9a-z-]{1,40})?\.[0-9a-f]{24}$": 111,
    r"^msg_[0-9a-f]{24}_[0-9a-z_-]{1,80}$": 109,
    r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$": 20,
}
"""How many characters each pattern takes at most."""


def bound(document: Json) -> None:
    """Complete `document`, in place."""
    schemas: Json = document["components"]["schemas"]
    sent = _sent(document)
    for name, schema in schemas.items():
        for part in _parts(schema):
            _bound(part, answered=name not in sent, page=name.startswith("PageOf"))
    for part in _parts([document["components"]["parameters"], document["paths"]]):
        _bound(part, answered=False)
    for part in _parts(document["components"]["headers"]):
        _bound(part, answered=True)


def _bound(schema: Json, *, answered: bool, page: bool = False) -> None:
    kind = schema.get("type")
    if kind == "integer":
        schema.setdefault("format", "int64")
        if answered:
            schema.setdefault("minimum", 0)
            schema.setdefault("maximum", LARGEST_NUMBER)
    elif kind == "string" and not {"enum", "const"} & schema.keys():
        longest = LONGEST.get(schema.get("pattern", ""), LARGEST_TEXT if answered else LARGEST_BODY)
        schema.setdefault("maxLength", longest)
    elif kind == "array":
        schema.setdefault("maxItems", MOST_OF_A_PAGE if page else MOST_OF_ONE_THING)
        every = schema.get("prefixItems", [])
        if every and all(one == every[0] for one in every):
            # Many of one kind say the same, and every generator of clients can read it.
            schema["items"] = every[0]
            del schema["prefixItems"]


def _parts(value: object) -> Iterator[Json]:
    """Every object in it that may be a schema, examples left out."""
    if isinstance(value, dict):
        if isinstance(value.get("type"), str):
            yield value
        for key, inner in value.items():
            if key not in ("example", "examples", "default"):
                yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _sent(document: Json) -> set[str]:
    """The names of the schemas that are part of a request."""
    schemas: Json = document["components"]["schemas"]
    found: set[str] = set()
    operations = [
        operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    waiting = [
        [operation.get("parameters", []), operation.get("requestBody", {})] for operation in operations
    ]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def _named(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref", "")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for inner in value.values():
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)
