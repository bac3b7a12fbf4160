"""A released contract never changes, but for new optional fields: others run older and newer code beside ours."""

import json
from copy import deepcopy
from typing import Any

import pytest

from shared.contracts.discussion import ThreadOpened
from tests.contract.schemas import FACTS, SNAPSHOTS, breaking_changes, schema_of

WAY_OUT = (
    "Put the change into a new class beside the old one, with `version` one higher, tell both until every "
    "listener hears the new one, and freeze it: python -m tests.contract.schemas. Only when no release has "
    "ever told this fact may its snapshot be deleted and frozen anew."
)


@pytest.mark.parametrize("type", sorted(path.stem for path in SNAPSHOTS.glob("*.json")))
def test_what_was_released_is_still_told_the_same(type: str) -> None:
    assert type in FACTS, f"{type} was released and nobody tells it any more. {WAY_OUT}"
    released = json.loads((SNAPSHOTS / f"{type}.json").read_text())
    changes = list(breaking_changes(released, schema_of(FACTS[type])))
    assert not changes, f"{type}: {'; '.join(changes)}. {WAY_OUT}"


def test_every_contract_has_its_snapshot() -> None:
    missing = [type for type in FACTS if not (SNAPSHOTS / f"{type}.json").exists()]
    assert not missing, f"Freeze {', '.join(missing)}: python -m tests.contract.schemas"


def drop(schema: dict[str, Any]) -> None:
    del schema["properties"]["mentions"]


def narrow(schema: dict[str, Any]) -> None:
    schema["properties"]["title"]["maxLength"] = 100


def add_needed(schema: dict[str, Any]) -> None:
    schema["properties"]["language"] = {"type": "string"}
    schema["required"].append("language")


def make_optional(schema: dict[str, Any]) -> None:
    schema["required"].remove("author_name")


def add_a_word(schema: dict[str, Any]) -> None:
    schema["$defs"]["ThreadKind"]["enum"].append("poll")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop, "the field `mentions` is gone"),
        (narrow, "the field `title` is not what it was"),
        (add_needed, "the new field `language` is not optional"),
        (make_optional, "the field `author_name` has changed between needed and optional"),
        (add_a_word, "the field `kind` is not what it was"),
    ],
)
def test_a_breach_is_seen(change: Any, said: str) -> None:
    released = schema_of(ThreadOpened)
    now = deepcopy(released)
    change(now)
    assert list(breaking_changes(released, now)) == [said]


def test_a_new_optional_field_is_no_breach() -> None:
    released = schema_of(ThreadOpened)
    now = deepcopy(released)
    now["properties"]["language"] = {"type": "string", "default": "en"}
    assert not list(breaking_changes(released, now))
