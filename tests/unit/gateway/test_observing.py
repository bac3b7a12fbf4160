"""One log line and one count for every request, under the caller's trace."""

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.contracts.calls.discussion import GetPost
from shared.wiring import telemetry
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import MEMBER, PlayedSwitchboard

POST = f"/v1/posts/{answers.ID}"


def count(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("commonplace_http_requests_total", labels) or 0.0


def test_a_request_is_counted_by_its_template(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetPost, answers.post())
    before = count("GET", "/v1/posts/<post>", 200)
    client.get(POST)
    assert count("GET", "/v1/posts/<post>", 200) == before + 1


def test_strange_methods_and_addresses_share_one_label(client: FlaskClient) -> None:
    before = count("other", "none", 404)
    for number in range(3):
        client.open(f"/anything-{number}", method=f"M{number}")
    assert count("other", "none", 404) == before + 3


@pytest.mark.parametrize("given", ["abc-1.2_3", "x" * 65, "a\tb", '"},{"level":"critical"', ""])
def test_the_request_id_is_taken_over_when_it_is_harmless(client: FlaskClient, given: str) -> None:
    answer = client.get("/v1/nothing", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) == (given == "abc-1.2_3")
    assert len(answer.headers["X-Request-ID"]) in (9, 32)


def test_the_log_line_says_who_and_what(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.will(GetPost, answers.post())
    with capture_logs() as lines:
        client.get(POST, headers={"X-Request-ID": "mine"})
    (line,) = lines
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/v1/posts/<post>",
        "status": 200,
        "request_id": "mine",
        "member": MEMBER,
        "client": None,
    }


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", f"{POST}/reports"),
        ("GET", f"/v1/reports/{answers.ID}"),
        ("POST", f"/v1/reports/{answers.ID}/appeal"),
        ("GET", f"/v1/communities/{answers.ID}/reports"),
    ],
)
def test_who_reports_is_in_no_log(client: FlaskClient, method: str, address: str) -> None:
    with capture_logs() as lines:
        client.open(
            address, method=method, json={"reason": "other"}, headers={"Idempotency-Key": "reporting"}
        )
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["member"], line["client"]) == (None, None)
    assert not {MEMBER, answers.ID} & set(map(str, line.values()))


def test_the_trace_goes_on_into_the_call(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    seen: list[str | None] = []
    played = switchboard.call

    def call(asked):  # type: ignore[no-untyped-def]
        seen.append(telemetry.current())
        return played(asked)

    switchboard.call = call  # type: ignore[method-assign]
    switchboard.will(GetPost, answers.post())
    theirs = f"00-{'1' * 32}-{'2' * 16}-01"
    client.get(POST, headers={"traceparent": theirs})
    client.get(POST, headers={"traceparent": "00-junk"})
    first, second = (value or "" for value in seen)
    assert first[:36] == theirs[:36] and first != theirs
    assert second.startswith("00-") and "1" * 32 not in second
