"""A webhook registered with a contact who has just come: never refused for want of news that is on its way."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from shared.contracts.calls.membership import Client, NewClient, RegisterClient
from shared.wiring.store import new_id
from tests.conftest import StartNode
from tests.e2e.members import OPERATOR, SCOPES, Town, eventually
from tests.e2e.test_level_at_once import PROCESSES


@pytest.fixture
def town(fresh_environment: dict[str, str], node: StartNode) -> Iterator[Town]:
    """A node with the deadline that is shipped, which may call to this machine."""
    environment = {**fresh_environment, "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*"}
    one = Town(node(environment, PROCESSES), environment)
    yield one
    one.close()


class Engineer:
    """A partner's engineer with the credential of a system."""

    def __init__(self, town: Town, organisation: str) -> None:
        new = NewClient(name="Feed", scopes=SCOPES)
        client = town.operate(RegisterClient(caller=OPERATOR, organisation=organisation, new=new), Client)
        grant = {"grant_type": "client_credentials"}
        token = town.http.post("/oauth/token", data=grant, auth=(client.client, client.secret or ""))
        self.http, self.credential = town.http, {"Authorization": f"Bearer {token.json()['access_token']}"}

    def registers(self, contact: str) -> httpx2.Response:
        body: dict[str, Any] = {
            "name": "Feed",
            "url": "http://127.0.0.1:9/hooks",
            "events": ["post.added"],
            "contact": contact,
        }
        headers = {**self.credential, "Idempotency-Key": new_id()}
        return self.http.post("/v1/webhooks", json=body, headers=headers)


def test_a_contact_who_has_just_come_is_waited_for_and_a_stranger_is_refused_all_the_same(town: Town) -> None:
    home = town.organisation("Home")
    engineer = Engineer(town, home)
    stranger = town.member(town.organisation("Elsewhere"), "Stra Nger")
    database = town.database("notifications")
    eventually(lambda: database["members"].find_one({"_id": stranger.id}))
    database.command("collMod", "members", validator={"handle": {"$exists": False}})
    late = town.member(home, "Lat E")
    refused = engineer.registers(late.id)
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/unavailable"), refused.text
    assert int(refused.headers["retry-after"]) > 0
    nobody = [engineer.registers(contact) for contact in (stranger.id, new_id())]
    assert [(one.status_code, one.json()["errors"][0]["where"]) for one in nobody] == [(422, "contact")] * 2
    database.command("collMod", "members", validator={})
    eventually(lambda: engineer.registers(late.id).status_code == 201)
    for number in range(5):
        member = town.member(home, f"Member {number}").id
        assert engineer.registers(member).status_code in (201, 503)  # too slow a machine may ask for patience
        eventually(lambda member=member: engineer.registers(member).status_code == 201)  # type: ignore[misc]
