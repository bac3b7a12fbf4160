"""The OpenAPI document is whole, true, and made of the contracts."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from services.gateway.door.application import Door
from services.gateway.problems import KINDS
from shared.contracts.calls import discussion, membership, notifications
from shared.contracts.calls.call import Call
from tests.unit.gateway.conftest import EVERYTHING, PlayedSwitchboard

FOR_OPERATORS = {
    membership.RegisterOrganisation,
    membership.RegisterClient,
    membership.RevokeClient,
    membership.ListClients,
    membership.ListSealedActs,
    membership.ListMembers,
    membership.SetClientKeys,
    membership.RegisterIdentityProvider,
    membership.ListIdentityProviders,
    membership.RemoveIdentityProvider,
    membership.ImportMembers,
    membership.IssueDirectoryToken,
    membership.ListDirectoryTokens,
    membership.RevokeDirectoryToken,
    membership.ListErasures,
    discussion.ImportThreads,
}
BETWEEN_PARTS = {
    membership.IdentifyToken,
    membership.IdentifyClient,
    membership.GetClientKeys,
    membership.IdentifyClientByAssertion,
    membership.FindIdentityProvider,
    membership.OpenSignIn,
    membership.IdentifySignIn,
    membership.SignOut,
    membership.AskForSignInLink,
    membership.OpenSignInByLink,
    membership.BeginPasskeySignIn,
    membership.OpenSignInByPasskey,
    membership.ComeAsOutsider,
    membership.ConfirmOutsiderByLink,
    membership.ReadErasureReceipts,
    membership.OpenExport,
    membership.GetMembershipPart,
    membership.FinishExport,
    discussion.GetWordsPart,
    notifications.GetNoticesPart,
    membership.TellRevisions,
    discussion.TellThread,
    notifications.CatchUp,
}
FOR_DIRECTORIES = {
    membership.AddDirectoryEntry,
    membership.GetDirectoryEntry,
    membership.FindDirectoryEntries,
    membership.ChangeDirectoryEntry,
    membership.RemoveDirectoryEntry,
    membership.IdentifyDirectoryToken,
}
"""Asked through /scim/v2, which describes itself as SCIM has it."""

METHODS = {"get", "post", "put", "patch", "delete"}


def calls(of: type[Call] = Call) -> Iterator[type[Call]]:
    """Every call there is."""
    for call in of.__subclasses__():
        yield from calls(call)
        if "answer" in vars(call) and call.__module__.startswith("shared.contracts.calls."):
            yield call


@pytest.fixture
def document(app: Door) -> dict[str, Any]:
    return json.loads(app.test_client().get("/v1/openapi.json").data)  # type: ignore[no-any-return]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & set(item) if path != "/v1/stream" else ():
            yield method, path, item[method]


def test_every_call_that_is_for_people_has_a_route_and_no_other(app: Door) -> None:
    others = FOR_OPERATORS | BETWEEN_PARTS | FOR_DIRECTORIES
    assert {operation.call for operation in app.operations} == set(calls()) - others


def test_operations_are_called_as_their_calls(document: dict[str, Any], app: Door) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert sorted(ids) == sorted(set(ids))
    expected = {operation.call.method() for operation in app.operations} | {"get_me", "change_me"}
    assert set(ids) == expected


def test_the_version_is_the_one_that_tools_read(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "Commonplace"


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document))):
        place: Any = document
        for step in reference.split("/"):
            assert step in place, reference
            place = place[step]


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_says_all_it_may_answer(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        answers = set(operation["responses"])
        assert {"401", "403", "422", "429", "500", "503"} <= answers, path
        assert len(answers & {"200", "201", "202"}) == 1, path
        assert ("202" in answers) == (operation["operationId"] == "ask_for_export")
        assert "404" in answers, path
        if method == "get":
            assert "304" in answers
        if "requestBody" in operation:
            assert {"400", "413", "415"} <= answers, path
        headers = {parameter.get("name"): parameter for parameter in operation["parameters"]}
        assert ("If-Match" in headers) == ("428" in answers) == ("412" in answers), path
        if method == "post":
            assert headers["Idempotency-Key"]["required"], path
        assert operation["summary"] and operation["tags"]
        scopes = operation["security"][1]["client_credentials"]
        assert len(scopes) == 1 and scopes[0] in EVERYTHING


def test_every_problem_is_of_its_media_type(document: dict[str, Any]) -> None:
    for response in document["components"]["responses"].values():
        assert list(response["content"]) == ["application/problem+json"]
        for code, example in response["content"]["application/problem+json"]["examples"].items():
            assert example["value"]["status"] == KINDS[code].status
    for _, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                (name,) = re.findall(r"#/components/responses/(.+)", response["$ref"])
                assert {KINDS[code].status for code in name.split("-or-")} == {int(status)}


def test_every_body_has_an_example_that_its_model_takes(app: Door, document: dict[str, Any]) -> None:
    shown = {
        one["operationId"]: one["requestBody"]["content"]["application/json"]["examples"]
        for _, _, one in operations(document)
        if "requestBody" in one
    }
    for operation in app.operations:
        if operation.body:
            assert operation.example, operation.id
            assert [one["value"] for one in shown[operation.id].values()] == [operation.example]
            operation.body.model_validate_json(json.dumps(operation.example), strict=True)


def test_no_key_is_given_out_that_two_people_would_use(document: dict[str, Any]) -> None:
    keys = [
        one
        for _, _, operation in operations(document)
        for one in (resolved(document, parameter) for parameter in operation["parameters"])
        if one["name"] == "Idempotency-Key"
    ]
    assert keys
    for key in keys:
        assert not {"example", "examples", "default"} & (key.keys() | key["schema"].keys())
        assert "`uuidgen`" in key["description"]


def test_no_description_repeats_its_summary(document: dict[str, Any]) -> None:
    for _, path, operation in operations(document):
        assert operation["summary"] not in operation["description"], path


def test_where_a_new_thing_is_can_be_told_from_its_answer(app: Door) -> None:
    for operation in app.operations:
        for field in re.findall(r"{(\w+)}", operation.location or ""):
            assert field in operation.call.answer.model_fields, operation.id


def test_a_new_thing_is_where_it_can_be_read(app: Door) -> None:
    readable = {re.sub("<.+?>", "*", one.rule) for one in app.operations if one.method == "GET"}
    for operation in app.operations:
        if operation.location:
            assert re.sub("{.+?}", "*", operation.location) in readable, operation.id


def test_the_live_stream_is_told_of_with_its_own_address(make_app: Callable[..., Door]) -> None:
    for settings, expected in (
        ({"public_url": "https://cop.example/"}, "https://cop.example:8801"),
        ({"stream_port": 9}, "http://127.0.0.1:9"),
        ({"stream_public_url": "https://live.example/"}, "https://live.example"),
    ):
        document = json.loads(
            make_app(**settings).test_client().get("/v1/openapi.json", base_url="http://localhost").data
        )
        stream = document["paths"]["/v1/stream"]
        assert [server["url"] for server in stream["servers"]] == [expected]
        assert "text/event-stream" in stream["get"]["responses"]["200"]["content"]
        assert {"400", "401", "403", "404", "422", "429", "503"} <= set(stream["get"]["responses"])


def test_bodies_are_closed_and_answers_are_open(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["NewThread"]["additionalProperties"] is False
    assert "additionalProperties" not in schemas["Thread"]
    assert "intended_output" not in schemas["Charter"]["required"]


def test_the_document_is_for_everybody_and_told_once(app: Door) -> None:
    stranger = app.test_client()
    first = stranger.get("/v1/openapi.json")
    again = stranger.get("/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_nobody_is_asked_about_a_credential_to_read_it(app: Door, switchboard: PlayedSwitchboard) -> None:
    client: FlaskClient = app.test_client()
    client.get("/v1/docs", headers={"Authorization": "Bearer cop_" + "x" * 32})
    assert switchboard.identifications == 0


def fields(
    document: dict[str, Any], schema: dict[str, Any], place: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema, and of those inside it, with where it stands."""
    for part in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        whole = resolved(document, part)
        for name, field in whole.get("properties", {}).items():
            yield f"{place}.{name}", field
            yield from fields(document, field, f"{place}.{name}")
        if "items" in whole:
            yield from fields(document, whole["items"], f"{place}[]")


def resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to; anything else is what it is."""
    if "$ref" not in part:
        return part
    place: Any = document
    for step in part["$ref"].removeprefix("#/").split("/"):
        place = place[step]
    return place  # type: ignore[no-any-return]


def test_everything_that_can_be_sent_is_described(document: dict[str, Any]) -> None:
    silent = set()
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            name = f"{method} {path}"
            for parameter in (resolved(document, one) for one in item[method].get("parameters", ())):
                if not parameter.get("description"):
                    silent.add(f"{name}: {parameter['name']}")
            if body := item[method].get("requestBody"):
                schema = body["content"]["application/json"]["schema"]
                silent |= {
                    f"{name}: {place}"
                    for place, field in fields(document, schema, "body")
                    if not field.get("description")
                }
    assert not silent
