"""Every way to be refused has one status, one page, and words that help."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.gateway.door.application import Door
from services.gateway.problems import KINDS, OF_STATUS, of_refusal
from shared.contracts.calls.discussion import GetPost
from shared.errors import (
    REFUSALS,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Refusal,
    Unavailable,
    faults_as_text,
)
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import PlayedSwitchboard

CHECKOUT = Path(__file__).parents[3]
POST = f"/v1/posts/{answers.ID}"


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (NotFound("Gone."), 404, "not-found"),
        (NotAllowed("No."), 403, "not-allowed"),
        (Conflict("Closed."), 409, "conflict"),
        (Conflict("Changed.", "stale-revision"), 412, "stale-revision"),
        (Conflict("Twins.", "similar-communities"), 409, "similar-communities"),
        (Invalid("Long.", where="thread.title"), 422, "invalid"),
        (Invalid("Other.", "cursor-invalid"), 400, "cursor-invalid"),
        (Invalid("Other.", "idempotency-key-reused"), 422, "idempotency-key-reused"),
        (Conflict("Other.", "idempotency-key-reused"), 422, "idempotency-key-reused"),
        (Unavailable("Later."), 503, "unavailable"),
        (Conflict("Odd.", "a-code-without-a-page"), 409, "conflict"),
    ],
)
def test_a_refusal_is_a_problem(
    client: FlaskClient, switchboard: PlayedSwitchboard, refusal: Refusal, status: int, code: str
) -> None:
    switchboard.will(GetPost, refusal)
    answer = client.get(POST)
    body = answer.json
    assert body is not None
    assert (answer.status_code, body["status"], body["type"]) == (status, status, f"/problems/{code}")
    assert answer.content_type == "application/problem+json"
    assert body["detail"] == refusal.sentence
    assert body["title"] == KINDS[code].title
    assert ("Retry-After" in answer.headers) == isinstance(refusal, Unavailable)
    if refusal.where:
        assert body["errors"] == [{"where": refusal.where, "what": refusal.sentence}]


def test_the_community_of_a_refusal_is_never_told() -> None:
    problem = of_refusal(NotFound("Gone.", community="f" * 24))
    assert "f" * 24 not in repr(problem)


def test_what_breaks_here_is_told_without_saying_how(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.will(GetPost, RuntimeError("the secret is 42"))
    answer = client.get(POST, headers={"traceparent": f"00-{'1' * 32}-{'2' * 16}-01"})
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "42" not in answer.text and "Traceback" not in answer.text
    assert answer.json["trace_id"] == "1" * 32  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1", 404),
        ("GET", "/v1//me", 404),
        ("GET", "/v1/me/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/metrics", 404),
        ("GET", "/readyz", 404),
        ("GET", "/healthz", 404),
        ("GET", "/openapi", 404),
        ("GET", "/static/x", 404),
        ("TRACE", "/v1/communities", 405),
        ("DELETE", "/v1/communities", 405),
        ("OPTIONS", "/v1/communities", 405),
        ("PROPFIND", "/v1/communities", 405),
    ],
)
def test_flasks_own_refusals_are_problems_too(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_every_kind_has_a_page(app: Door) -> None:
    stranger = app.test_client()
    listing = stranger.get("/problems")
    for code, kind in KINDS.items():
        assert f'href="/problems/{code}"' in listing.text
        page = stranger.get(f"/problems/{code}")
        assert page.status_code == 200
        assert kind.title.replace("'", "&#39;") in page.text
    assert stranger.get("/problems/unheard-of").status_code == 404


def test_a_page_shows_code_as_code(app: Door) -> None:
    pages = [app.test_client().get(f"/problems/{code}").text for code in KINDS]
    assert not [page for page in pages if "`" in page]
    page = app.test_client().get("/problems/unauthenticated").text
    assert "<code>Authorization: Bearer &lt;token&gt;</code>" in page


def test_the_page_of_a_forbidden_target_says_how_an_operator_lets_it_in(app: Door) -> None:
    page = app.test_client().get("/problems/webhook-target-forbidden").text
    assert "<code>COMMONPLACE_OUTBOUND_ALLOWED</code>" in page


def test_what_has_changed_since_is_named_by_its_header() -> None:
    stale = of_refusal(Conflict("Changed.", "stale-revision", "revision"))
    assert [fault.where for fault in stale.errors] == ["If-Match"]


def test_every_status_of_the_table_is_a_kind() -> None:
    for status, code in OF_STATUS.items():
        assert KINDS[code].status == status


def codes_that_services_use() -> Iterator[tuple[str, str]]:
    """The `problem` of every refusal raised anywhere, with the file that raises it."""
    for folder in ("services", "shared"):
        for file in sorted((CHECKOUT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if not (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in REFUSALS
                ):
                    continue
                given = [keyword.value for keyword in node.keywords if keyword.arg == "problem"] + node.args[
                    1:2
                ]
                for value in given:
                    if isinstance(value, ast.Constant) and value.value:
                        yield str(value.value), str(file.relative_to(CHECKOUT))


def test_every_code_that_a_service_uses_has_a_page() -> None:
    used = list(codes_that_services_use())
    assert ("cursor-invalid", "shared/contracts/paging.py") in used
    assert [(code, file) for code, file in used if code not in KINDS] == []


def test_several_faults_cross_as_themselves() -> None:
    faults = (("text[0:8]", "looks like a “postcode”"), ("title[2:4]", "x"))
    sent = Invalid("Two things.", "invalid", faults=faults_as_text(faults))
    arrived = REFUSALS["Invalid"](*map(str, sent.args))
    assert [tuple(fault) for fault in of_refusal(arrived).errors] == list(faults)
    assert len(Invalid("One.", where="x").args) == 5, "the release before takes no more"
