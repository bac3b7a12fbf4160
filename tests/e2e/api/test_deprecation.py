"""What is on its way out says so in every answer, is counted by who still uses it, and is gone after its sunset."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from deploy.node.ports import free_ports
from deploy.node.server import Command
from tests.e2e.api.conftest import SCOPES, Neighbours, Town, access_token
from tests.e2e.api.deprecating_gateway import LINK
from tests.node import RunningProcess

SAID = {
    "deprecation": "@1767225600",
    "sunset": "Sat, 08 Dec 2125 00:00:00 GMT",
    "link": f'<{LINK}>; rel="deprecation"',
}


class Deprecating:
    """The gateway, and what it counts."""

    def __init__(self, url: str, admin: str) -> None:
        self.url, self.admin = url, admin

    def counted(self, what: str, client: str) -> float:
        text = httpx2.get(f"{self.admin}/metrics").text
        found = re.search(
            rf'^commonplace_deprecated_calls_total{{client="{client}",what="{re.escape(what)}"}} (\S+)$',
            text,
            re.MULTILINE,
        )
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def gateway(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deprecating]:
    """Another gateway of the same node."""
    port, admin = free_ports(2)
    told = {
        **os.environ,
        **town.node.environment,
        "COMMONPLACE_PORT": str(port),
        "COMMONPLACE_ADMIN_PORT": str(admin),
        "COMMONPLACE_PUBLIC_URL": town.url,  # who issues the tokens
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    command = Command("deprecating", [sys.executable, "-m", "tests.e2e.api.deprecating_gateway"], told)
    process = RunningProcess("deprecating", command, tmp_path_factory.mktemp("deprecating"), admin)
    process.start()
    try:
        process.wait_ready()
        yield Deprecating(f"http://127.0.0.1:{port}", process.admin_url)
    finally:
        process.kill()


def test_every_answer_says_it_errors_included(gateway: Deprecating, neighbours: Neighbours) -> None:
    whose = {"Authorization": f"Bearer {neighbours.carys.secret}"}
    unanswered = f"{gateway.url}/v1/unanswered"
    found = httpx2.get(unanswered, headers=whose)
    again = httpx2.get(unanswered, headers={**whose, "If-None-Match": found.headers["ETag"]})
    wrong = httpx2.get(unanswered, params={"community": "0"}, headers=whose)
    stranger = httpx2.get(unanswered)
    assert [one.status_code for one in (found, again, wrong, stranger)] == [200, 304, 422, 401]
    for answer in (found, again, wrong, stranger):
        assert {name: answer.headers.get(name) for name in SAID} == SAID
    elsewhere = httpx2.get(f"{gateway.url}/v1/me", headers=whose)
    assert not SAID.keys() & elsewhere.headers.keys()


def test_a_part_of_a_query_says_it_when_it_is_used(gateway: Deprecating, neighbours: Neighbours) -> None:
    whose = {"Authorization": f"Bearer {neighbours.carys.secret}"}
    without = httpx2.get(f"{gateway.url}/v1/communities", headers=whose)
    told = httpx2.get(f"{gateway.url}/v1/communities", params={"words": "falls"}, headers=whose)
    assert (without.status_code, told.status_code) == (200, 200)
    assert "deprecation" not in without.headers
    assert (told.headers["deprecation"], told.headers["link"]) == (SAID["deprecation"], SAID["link"])
    assert "sunset" not in told.headers


def test_two_parts_at_once_are_one_header_with_the_earliest_times(
    gateway: Deprecating, neighbours: Neighbours
) -> None:
    whose = {"Authorization": f"Bearer {neighbours.carys.secret}"}
    told = httpx2.get(f"{gateway.url}/v1/unanswered", params={"limit": "5"}, headers=whose)
    assert told.status_code == 200
    for name, said in {**SAID, "sunset": "Fri, 07 Dec 2125 00:00:00 GMT"}.items():
        assert [value for header, value in told.headers.multi_items() if header == name] == [said]


def test_after_its_sunset_it_is_gone_and_says_where_to_go(
    gateway: Deprecating, neighbours: Neighbours
) -> None:
    whose = {"Authorization": f"Bearer {neighbours.carys.secret}"}
    answer = httpx2.get(f"{gateway.url}/v1/inbox/unread", headers=whose)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/gone")
    assert (
        answer.json()["detail"] == f"`count_unread` was given up on 2026-01-31. Use `get_inbox`. More: {LINK}"
    )
    assert answer.headers["sunset"] == "Sat, 31 Jan 2026 00:00:00 GMT"
    assert httpx2.get(f"{gateway.url}/problems/gone").status_code == 200
    assert httpx2.get(f"{gateway.url}/v1/inbox/unread").status_code == 401, "who asks is looked at first"


def test_an_operator_sees_who_still_calls(gateway: Deprecating, town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first, SCOPES)
    token = access_token(town, client, secret).json()["access_token"]
    system = {"Authorization": f"Bearer {token}", "Commonplace-Member": neighbours.carys.id}
    before = gateway.counted("list_unanswered", "a member")
    for _ in range(3):
        assert httpx2.get(f"{gateway.url}/v1/unanswered", headers=system).status_code == 200
    httpx2.get(f"{gateway.url}/v1/unanswered", headers={"Authorization": f"Bearer {neighbours.carys.secret}"})
    assert gateway.counted("list_unanswered", client) == 3
    assert gateway.counted("list_unanswered", "a member") == before + 1
    assert httpx2.get(f"{gateway.url}/v1/inbox/unread", headers=system).status_code == 410
    assert gateway.counted("count_unread", client) == 1
    assert neighbours.carys.id not in httpx2.get(f"{gateway.admin}/metrics").text


def test_its_document_marks_it(gateway: Deprecating) -> None:
    document = httpx2.get(f"{gateway.url}/v1/openapi.json").json()
    marked = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("deprecated")
    }
    assert marked == {"list_unanswered", "count_unread"}
    (words,) = (
        one for one in document["paths"]["/v1/communities"]["get"]["parameters"] if one.get("name") == "words"
    )
    assert words["deprecated"] and words["description"].startswith(
        "Deprecated since 2026-01-01. Use `search`."
    )
