"""docs/contracts.md: what is told, by whom, to whom, and with which fields, for people."""

from collections.abc import Iterator
from typing import Any

from deploy.documents.asyncapi import asyncapi_document, exchange_name
from shared.contracts.envelope import Contract
from shared.contracts.speakers import SPEAKERS, facts_of

HEAD = """\
# What the services tell each other

Made from `shared/contracts` by `commonplace contracts`; don't edit it. For machines there is
[asyncapi.json](asyncapi.json).

Every fact travels in a [CloudEvents 1.0](https://cloudevents.io) envelope (`id`, `source`, `type`, `subject`, `time`,
`traceparent`, `data`), on the topic exchange of the service that tells it, with its type as the routing key, and
waits in one quorum queue for each service that hears it. It may arrive more than once and in any order. A new optional
field is the same version; anything else is a new class beside the old one."""

UNHEARD = "the open streams"
"""Who hears what no service does: nudges, which nobody keeps."""


def contracts_page() -> str:
    """Return the page in Markdown."""
    return "\n".join([HEAD, *_lines(), ""])


def _lines() -> Iterator[str]:
    schemas = asyncapi_document()["components"]["schemas"]
    for speaker in SPEAKERS:
        facts = facts_of(speaker)
        yield f"\n## {speaker}\n\nExchange `{exchange_name(facts[0])}`."
        for fact in facts:
            yield from _fact(fact, schemas)
    yield "\n## Parts and closed lists\n\n| word | what |\n|---|---|"
    told = {
        name
        for speaker in SPEAKERS
        for fact in facts_of(speaker)
        for name in (fact.__name__, f"{fact.__name__}Event")
    }
    for name, schema in schemas.items():
        if name not in told:
            yield f"| <a id='{name.lower()}'></a>{name} | {_meaning(schema)} |"


def _meaning(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + " · ".join(f"`{value}`" for value in schema["enum"])
    return "; ".join(f"`{name}`: {_kind(field)}" for name, field in schema["properties"].items())


def _fact(fact: type[Contract], schemas: dict[str, Any]) -> Iterator[str]:
    schema = schemas[fact.__name__]
    heard_by = ", ".join(fact.heard_by) or UNHEARD
    yield f"\n### {fact.__name__}\n\n{_paragraphs(fact.__doc__ or '')}\n"
    yield f"`{fact.type()}` · heard by: {heard_by}\n\n| field | what |\n|---|---|"
    for name, field in schema["properties"].items():
        optional = "" if name in schema["required"] else ", may be left out"
        yield f"| `{name}` | {_kind(field)}{optional} |"


def _paragraphs(docstring: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in docstring.strip().split("\n\n"))


def _kind(field: dict[str, Any]) -> str:
    """Return in a few words what a field holds."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        kinds = [_kind(one) for one in field["anyOf"]]
        return " or ".join(sorted(kinds, key=lambda kind: kind == "null"))
    if field.get("type") == "array":
        every = field["items"] if "items" in field else field["prefixItems"][0]
        return f"list of: {_kind(every)}"
    if field.get("format") == "date-time":
        return "moment (RFC 3339, UTC)"
    if field.get("pattern") == "^[0-9a-f]{24}$":
        return "id (24 hex digits)"
    if "maxLength" in field:
        return f"text, at most {field['maxLength']:,} characters"
    return str(field.get("type", "anything")).replace("string", "text").replace("integer", "whole number")
