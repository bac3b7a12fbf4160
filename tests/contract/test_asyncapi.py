"""The AsyncAPI document and the page about contracts: up to date, valid, and true."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts.envelope import Envelope
from shared.contracts.notifications import Nudge
from shared.contracts.speakers import SPEAKERS, facts_of
from shared.wiring import queues
from tests.contract.example import example_of

ROOT = Path(__file__).parents[2]
META = json.loads((Path(__file__).parent / "vendored/asyncapi-3.0.0.json").read_text())
FACTS = [fact for speaker in SPEAKERS for fact in facts_of(speaker)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return json.loads((ROOT / "docs/asyncapi.json").read_text())


@pytest.mark.parametrize(("command", "file"), [("asyncapi", "asyncapi.json"), ("contracts", "contracts.md")])
def test_the_committed_document_is_what_the_code_says(command: str, file: str) -> None:
    commonplace = Path(sys.executable).with_name("commonplace")
    printed = subprocess.run([commonplace, command], capture_output=True, text=True, check=True).stdout
    assert printed == (ROOT / "docs" / file).read_text(), (
        f"Make it anew: .venv/bin/commonplace {command} > docs/{file}"
    )


def test_it_is_valid_by_the_official_schema(document: dict[str, Any]) -> None:
    errors = jsonschema.Draft7Validator(META).iter_errors(document)
    assert not [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in errors]


def test_the_official_schema_would_refuse_a_wrong_one(document: dict[str, Any]) -> None:
    wrong = json.loads(json.dumps(document))
    next(iter(wrong["operations"].values()))["action"] = "shout"
    assert not jsonschema.Draft7Validator(META).is_valid(wrong)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def resolved(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert all(resolved(document, reference) for reference in set(references(document)))


def test_who_receives_is_who_is_said_to_hear(document: dict[str, Any]) -> None:
    receiving = {
        name for name, operation in document["operations"].items() if operation["action"] == "receive"
    }
    expected = {queues.listening_queue(listener, fact) for fact in FACTS for listener in fact.heard_by}
    assert receiving == expected | {"stream.hears.notifications.nudge.v1"}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.type())
def test_what_is_told_is_as_described(document: dict[str, Any], fact: Any) -> None:
    """A real message, as it goes over the wire, against its schema in the document."""
    message = document["components"]["messages"][fact.__name__]
    data = example_of(fact)
    body = data if fact is Nudge else Envelope.wrap(data, id="1", source=fact.speaker, time=datetime.now(UTC))
    told = json.loads(body.model_dump_json())
    schema = {**resolved(document, message["payload"]["$ref"]), "components": document["components"]}
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(told)
    validator.validate({**told, "added_later": True})
    for name in schema["required"]:
        assert not validator.is_valid({field: value for field, value in told.items() if field != name})
