"""Every operation of the document, walked one by one: what it refuses, it refuses at the door.

The list is the OpenAPI document that the node itself serves, so a new route is walked too.
"""

import copy
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from services.gateway.app import RESOURCES
from services.gateway.door.operation import Operation
from tests.e2e.api.conftest import Neighbours, Person, Town, access_token

OPERATIONS = [operation for resource in RESOURCES for operation in resource.operations]
WITH_BODY = [operation for operation in OPERATIONS if operation.body]
JUNK = {
    "deep": b"[" * 20_000,
    "a name twice": b'{"a": 1, "a": 2}',
    "NaN": b'{"a": NaN}',
    "bad UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "not JSON": b"<xml/>",
    "empty": b"",
}


def name(operation: Operation) -> str:
    return operation.id


each = pytest.mark.parametrize("operation", OPERATIONS, ids=name)
each_with_body = pytest.mark.parametrize("operation", WITH_BODY, ids=name)


def address(operation: Operation, neighbours: Neighbours) -> str:
    """The operation's address for things of the closed community."""
    return (
        operation.rule.replace("<community>", neighbours.community)
        .replace("<thread>", neighbours.thread)
        .replace("<post>", neighbours.post)
        .replace("<held_post>", neighbours.held_post)
        .replace("<report>", neighbours.report)
        .replace("<case>", neighbours.case)
        .replace("<member>", neighbours.carys.id)
        .replace("<organisation>", neighbours.first)
        .replace("<reaction>", "helped me")
        .replace("<notification>", f"thread-opened.{neighbours.thread}.{neighbours.carys.id}")
        .replace("<request>", "0" * 24)
        .replace("<invitation>", "0" * 24)
        .replace("<token>", "0" * 24)
        .replace("<sign_in>", "0" * 24)
        .replace("<passkey>", "0" * 24)
        .replace("<identity>", "0" * 64)
        .replace("<webhook>", "0" * 24)
        .replace("<client>", "0" * 24)
        .replace("<credential>", "0" * 24)
        .replace("<agreement>", "0" * 24)
        .replace("<kid>", "0" * 43)
        .replace("<delivery>", f"msg_{'0' * 24}_post_{'0' * 24}")
    )


def query(operation: Operation) -> dict[str, str]:
    """What the operation's query must hold."""
    return {
        field: "falls"
        for field, about in (operation.query.model_fields.items() if operation.query else ())
        if about.is_required()
    }


def ask(
    operation: Operation, neighbours: Neighbours, person: Person | None, body: Any = None, **more: Any
) -> httpx2.Response:
    """Make a request that is sound except for what the test makes unsound."""
    assert person is not None
    headers = {"Idempotency-Key": token_hex(12), "If-Match": '"1"', **more.pop("headers", {})}
    if body is None and operation.body and "content" not in more:
        body = operation.example
    return person.http.request(
        operation.method,
        address(operation, neighbours),
        params=query(operation) | more.pop("params", {}),
        json=body,
        headers=headers,
        **more,
    )


@pytest.fixture(scope="module")
def system(town: Town, neighbours: Neighbours) -> Person:
    """A partner's system that names no member."""
    bought = access_token(town, *town.client(neighbours.first))
    return Person(town.url, "", bought.json()["access_token"], "")


def problem(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return str(answer.json()["type"]).removeprefix("/problems/")


def test_the_document_holds_what_is_walked_here(town: Town) -> None:
    document = httpx2.get(f"{town.url}/v1/openapi.json").json()
    served = {
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method != "servers"
    }
    assert served == {operation.id for operation in OPERATIONS} | {"open_stream"}


@each
def test_without_a_token_nobody_enters(operation: Operation, town: Town, neighbours: Neighbours) -> None:
    url = town.url + address(operation, neighbours)
    for authorization in ({}, {"Authorization": "Bearer cop_" + "x" * 40}, {"Authorization": "Basic YTpi"}):
        answer = httpx2.request(operation.method, url, headers=authorization, content=b"{" * 100)
        assert (answer.status_code, problem(answer)) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


@each
def test_without_the_scope_nobody_goes_on(operation: Operation, town: Town, neighbours: Neighbours) -> None:
    others = tuple({one.scope for one in OPERATIONS} - {operation.scope})
    person = Person(town.url, neighbours.carys.id, town.token(neighbours.carys.id, others), "")  # type: ignore[arg-type]
    answer = ask(operation, neighbours, person)
    assert (answer.status_code, problem(answer)) == (403, "insufficient-scope")
    assert f'scope="{operation.scope}"' in answer.headers["www-authenticate"]


FOR_ORGANISATIONS = {
    "list_organisations",
    "get_organisation",
    "register_member",
    "invite_to_sign_in",
    "get_member",
    "list_outsiders",
    "end_outsider",
    "leave_organisation",
    "list_communities",
    "find_similar_communities",
    "get_guard_rules",
    "change_guard_rules",
    "list_organisation_cases",
    "get_organisation_case",
    "decide_for_member",
    "list_acts",
    "list_keys",
    "list_client_secrets",
    "add_client_secret",
    "end_client_secret",
    "register_key",
    "revoke_key",
    "propose_agreement",
    "list_agreements",
    "get_agreement",
    "countersign_agreement",
    "revoke_agreement",
    "explain_crossing",
}
"""What a partner's system does for its organisation, without a member for whom it acts."""


@each
def test_a_system_that_acts_for_nobody_is_told_to_name_a_member(
    operation: Operation, town: Town, neighbours: Neighbours, system: Person
) -> None:
    if operation.id in FOR_ORGANISATIONS or operation.rule.startswith("/v1/webhooks"):
        return
    answer = ask(operation, neighbours, system)
    if answer.status_code == 404:  # a closed community is not there for it, nor is anybody's token
        assert "<community>" in operation.rule or "<token>" in operation.rule
        return
    assert (answer.status_code, problem(answer)) == (403, "member-needed")
    assert "in the header `Commonplace-Member`" in answer.json()["detail"]


@each
def test_unknown_query_keys_are_refused(operation: Operation, neighbours: Neighbours) -> None:
    for params in ({"unknown": "1"}, {"limit[$gt]": "1"}, {"access_token": "x"}):
        answer = ask(operation, neighbours, neighbours.carys, params=params)
        assert (answer.status_code, problem(answer)) == (422, "invalid")


@each_with_body
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_no_body(operation: Operation, neighbours: Neighbours, junk: bytes) -> None:
    answer = ask(
        operation, neighbours, neighbours.carys, content=junk, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, problem(answer)) == (400, "malformed-json")


@each_with_body
def test_other_formats_are_not_read(operation: Operation, neighbours: Neighbours) -> None:
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ):
        answer = ask(operation, neighbours, neighbours.carys, content=b"{}", headers=headers)
        assert (answer.status_code, problem(answer)) == (415, "unsupported-media-type")


@each_with_body
def test_more_than_64_kilobytes_are_not_read(operation: Operation, neighbours: Neighbours) -> None:
    answer = ask(operation, neighbours, neighbours.carys, body={"a": "x" * 70_000})
    assert (answer.status_code, problem(answer)) == (413, "too-large")


@each_with_body
def test_unknown_fields_are_refused(operation: Operation, neighbours: Neighbours) -> None:
    for field in ("tenant", "id", "is_admin", "$where", "caller"):
        answer = ask(operation, neighbours, neighbours.carys, body={**(operation.example or {}), field: "x"})
        assert (answer.status_code, problem(answer)) == (422, "invalid")


def with_each_text_replaced(value: Any) -> Iterator[Any]:
    """The value with one of its texts, each in turn, replaced by what a database might take for a question."""
    if isinstance(value, str):
        yield {"$gt": ""}
    elif isinstance(value, dict):
        for key, inner in value.items():
            for replaced in with_each_text_replaced(inner):
                yield {**copy.deepcopy(value), key: replaced}
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            for replaced in with_each_text_replaced(inner):
                yield [*value[:position], replaced, *value[position + 1 :]]


@each_with_body
def test_an_operator_of_the_database_is_no_text(operation: Operation, neighbours: Neighbours) -> None:
    for body in [*with_each_text_replaced(operation.example), {"$gt": ""}, [{"$gt": ""}]]:
        answer = ask(operation, neighbours, neighbours.carys, body=body)
        assert (answer.status_code, problem(answer)) == (422, "invalid"), body


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.creates], ids=name)
def test_creations_need_a_key(operation: Operation, neighbours: Neighbours) -> None:
    for key in ("", "k" * 300):
        answer = ask(operation, neighbours, neighbours.carys, headers={"Idempotency-Key": key})
        assert (answer.status_code, problem(answer)) == (400, "idempotency-key-missing")


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.needs_revision], ids=name)
def test_changes_need_the_revision(operation: Operation, neighbours: Neighbours) -> None:
    for given in ("", "*"):
        answer = ask(operation, neighbours, neighbours.carys, headers={"If-Match": given})
        assert (answer.status_code, problem(answer)) == (428, "if-match-missing")
    answer = ask(operation, neighbours, neighbours.carys, headers={"If-Match": "1"})
    assert (answer.status_code, problem(answer)) == (400, "if-match-malformed")
    assert 'such as `If-Match: "3"`' in answer.json()["detail"]


CLOSED = [
    operation
    for operation in OPERATIONS
    if any(
        f"<{thing}>" in operation.rule
        for thing in ("community", "thread", "post", "held_post", "report", "case")
    )
    # Which a person is refused whatever they name; test_api_moderation tries other organisations' systems.
    and not operation.rule.startswith("/v1/organisations/")
]


@pytest.mark.parametrize("operation", CLOSED, ids=name)
@pytest.mark.parametrize("who", ["huw", "ivor"])
def test_a_closed_community_is_not_there_for_others(
    operation: Operation, neighbours: Neighbours, who: str
) -> None:
    """Whoever is not in it gets what they get for a community that does not exist: of either organisation."""
    person: Person = getattr(neighbours, who)
    nowhere = copy.copy(neighbours)
    nowhere.community = nowhere.thread = nowhere.post = nowhere.held_post = "5" * 24
    nowhere.report = nowhere.case = "5" * 24
    hidden, absent = ask(operation, neighbours, person), ask(operation, nowhere, person)
    assert (hidden.status_code, problem(hidden)) == (404, "not-found"), hidden.text
    assert {**hidden.json(), "trace_id": ""} == {**absent.json(), "trace_id": ""}
    assert headers_of(hidden) == headers_of(absent)


def headers_of(answer: httpx2.Response) -> dict[str, str]:
    changing = {"x-request-id", "date", "ratelimit"}
    return {name: value for name, value in answer.headers.items() if name not in changing}


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.is_listing], ids=name)
@pytest.mark.parametrize("who", ["huw", "ivor"])
def test_no_listing_tells_of_a_closed_community(
    operation: Operation, neighbours: Neighbours, who: str
) -> None:
    if operation in CLOSED:
        return
    answer = ask(operation, neighbours, getattr(neighbours, who), params={"limit": "100"})
    if operation.rule.startswith("/v1/webhooks"):  # which belong to organisations' systems
        assert problem(answer) == "not-allowed"
        return
    if operation.id == "list_acts":  # which no person reads
        assert problem(answer) == "systems-only"
        return
    if operation.id == "list_organisation_cases":  # which an organisation's own system reads
        assert problem(answer) in ("client-only", "not-found")
        return
    if operation.id == "list_agreements":  # which organisations have, and no person
        assert problem(answer) == "organisation-only"
        return
    assert answer.status_code == 200
    for secret in (neighbours.community, neighbours.thread, neighbours.post, "What works for falls?"):
        assert secret not in answer.text


def test_nothing_was_changed_by_all_this(neighbours: Neighbours) -> None:
    thread = neighbours.carys.get(f"/v1/threads/{neighbours.thread}").json()
    assert (thread["posts"], thread["state"], thread["accepted_answer"]) == (2, "open", None)
    members = neighbours.carys.get(f"/v1/communities/{neighbours.community}/memberships").json()["items"]
    expected = {neighbours.carys.id, neighbours.mair.id, neighbours.gwen.id}
    assert {membership["member"] for membership in members} == expected
