"""Released contracts, frozen: what a change of one may be, and the frozen schemas themselves.

`python -m tests.contract.schemas` freezes the contracts that have no snapshot yet.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.contracts.envelope import Contract
from shared.contracts.speakers import SPEAKERS, facts_of

SNAPSHOTS = Path(__file__).parent / "snapshots"
Json = dict[str, Any]

FACTS = {fact.type(): fact for speaker in SPEAKERS for fact in facts_of(speaker)}


def schema_of(fact: type[Contract]) -> Json:
    """The JSON Schema of a contract without its words for people, which may change at any time."""
    return without_words(fact.model_json_schema())


def without_words(schema: Any) -> Any:
    if isinstance(schema, dict):
        # `description` and `title` may also be fields of a contract: those hold objects.
        return {
            name: without_words(value)
            for name, value in schema.items()
            if not (name in ("description", "title") and isinstance(value, str))
        }
    return [without_words(value) for value in schema] if isinstance(schema, list) else schema


def breaking_changes(released: Json, now: Json) -> Iterator[str]:
    """What of `released` does not hold any more in `now`; a new optional field is no breach."""
    before, after = _spread(released), _spread(now)
    for name, field in before["properties"].items():
        if name not in after["properties"]:
            yield f"the field `{name}` is gone"
        elif after["properties"][name] != field:
            yield f"the field `{name}` is not what it was"
        elif (name in before["required"]) != (name in after["required"]):
            yield f"the field `{name}` has changed between needed and optional"
    for name in after["properties"]:
        if name not in before["properties"] and name in after["required"]:
            yield f"the new field `{name}` is not optional"


def _spread(schema: Json) -> Json:
    """The schema's fields with what they refer to in its place."""
    parts = schema.get("$defs", {})

    def spread(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return spread(parts[value["$ref"].rpartition("/")[2]])
            return {name: spread(inner) for name, inner in value.items()}
        return [spread(inner) for inner in value] if isinstance(value, list) else value

    return {"properties": spread(schema["properties"]), "required": schema.get("required", [])}


def freeze_new() -> list[str]:
    """Freeze each contract that has no snapshot; returns their types."""
    new = [type for type in FACTS if not (SNAPSHOTS / f"{type}.json").exists()]
    for type in new:
        text = json.dumps(schema_of(FACTS[type]), indent=2, sort_keys=True)
        (SNAPSHOTS / f"{type}.json").write_text(f"{text}\n")
    return new


if __name__ == "__main__":
    print("\n".join(freeze_new()) or "Every contract has its snapshot.")
