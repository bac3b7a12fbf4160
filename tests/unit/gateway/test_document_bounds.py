"""The bounds in the OpenAPI document are those that hold."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.gateway.door import document_bounds, document_stream
from services.gateway.door.document_words import LONGEST_CONDITION
from services.gateway.settings import GatewaySettings
from services.gateway.stream import position
from shared.contracts.calls.discussion import ListThreads
from tests.unit.gateway import answers

THREADS = f"/v1/communities/{answers.ID}/threads"


@pytest.fixture
def document(client: FlaskClient) -> Any:
    return client.get("/v1/openapi.json").json


@pytest.mark.parametrize(("pattern", "longest"), document_bounds.LONGEST.items())
def test_a_pattern_takes_so_many_characters_and_no_more(pattern: str, longest: int) -> None:
    widest = re._parser.parse(pattern).getwidth()[1]  # type: ignore[attr-defined]
    assert widest == longest


def test_every_pattern_without_a_length_has_one_here(document: Any) -> None:
    shown = json.dumps(document)
    for pattern in document_bounds.LONGEST:
        assert json.dumps(pattern) in shown, "nothing is of this pattern any more"
    for place, schema in strings(document, "#"):
        if "pattern" in schema and schema["maxLength"] == document_bounds.LARGEST_BODY:
            pytest.fail(f"{place}: say in document_bounds.LONGEST how long its pattern lets it be")


def strings(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        if value.get("type") == "string":
            yield place, value
        for key, inner in value.items():
            yield from strings(inner, f"{place}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings(inner, f"{place}/{number}")


def test_what_others_decide_is_said_here_as_they_have_it() -> None:
    assert GatewaySettings().largest_body == document_bounds.LARGEST_BODY
    assert document_stream.LONGEST_POSITION == position.LONGEST


def test_a_page_holds_no_more_than_may_be_asked_for(document: Any) -> None:
    assert document["components"]["schemas"]["PageOfPost"]["properties"]["items"]["maxItems"] == 100
    (limit,) = (
        one for one in document["paths"]["/v1/inbox"]["get"]["parameters"] if one.get("name") == "limit"
    )
    assert limit["schema"]["maximum"] == document_bounds.MOST_OF_A_PAGE


def test_two_of_a_kind_are_said_once(document: Any) -> None:
    between = document["components"]["schemas"]["Terms"]["properties"]["between"]
    assert between["items"] == {"$ref": "#/components/schemas/Outward"}
    assert (between["minItems"], between["maxItems"], "prefixItems" in between) == (2, 2, False)


def test_a_condition_that_is_too_long_is_refused_before_anybody_is_asked(
    client: FlaskClient, switchboard: Any
) -> None:
    answer = client.get(THREADS, headers={"If-None-Match": '"' + "x" * LONGEST_CONDITION + '"'})
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")
    assert [fault["where"] for fault in answer.json["errors"]] == ["If-None-Match"]
    assert not any(isinstance(call, ListThreads) for call in switchboard.asked)
