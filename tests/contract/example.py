"""An example of any contract, made from its schema."""

from typing import Any, TypeVar

from shared.contracts.envelope import Contract

C = TypeVar("C", bound=Contract)

MOMENT = "2026-11-23T08:30:00.250Z"
BY_TYPE = {"string": "some text", "integer": 7, "number": 7.5, "boolean": True}


def example_of(fact: type[C]) -> C:
    """A contract with every field filled."""
    schema = fact.model_json_schema()
    return fact.model_validate(_example(schema, schema.get("$defs", {})))


def _example(schema: dict[str, Any], parts: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], parts)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return MOMENT
    if "pattern" in schema:
        return "5f" * 12
    if schema["type"] == "object" and "properties" not in schema:
        return {"word": _example(schema["additionalProperties"], parts)}
    if schema["type"] == "object":
        return {name: _example(field, parts) for name, field in schema["properties"].items()}
    if schema["type"] == "array":
        return [_example(each, parts) for each in schema.get("prefixItems", [schema.get("items")])]
    return BY_TYPE[schema["type"]]
