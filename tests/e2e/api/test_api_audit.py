"""The audit log at the door: an organisation's own system reads its part, and nobody else anything."""

import time
from secrets import token_hex
from typing import Any

import httpx2

from tests.e2e.api.conftest import Neighbours, Person, Town, access_token, start_community


def log_of(town: Town, organisation: str, **query: Any) -> httpx2.Response:
    client, secret = town.client(organisation)
    token = access_token(town, client, secret, "audit:read").json()["access_token"]
    return httpx2.get(f"{town.url}/v1/audit", headers={"Authorization": f"Bearer {token}"}, params=query)


def test_an_organisations_system_reads_what_its_people_did(town: Town, neighbours: Neighbours) -> None:
    carys = neighbours.carys
    issued = carys.made("/v1/tokens", {"name": "Audited", "scopes": ["threads:read"]})["token"]
    until = time.monotonic() + 15
    while True:
        answer = log_of(town, neighbours.first, limit=100)
        assert answer.status_code == 200
        acts = answer.json()["items"]
        mine = [act for act in acts if act["concerns"].get("token") == issued]
        if mine or time.monotonic() > until:
            break
        time.sleep(0.3)
    (act,) = mine
    assert (act["act"], act["member"], act["client"]) == ("issue_token", carys.id, None)
    assert "Audited" not in answer.text
    theirs = log_of(town, neighbours.second, limit=100).json()["items"]
    assert issued not in {id for act in theirs for id in act["concerns"].values()}


def test_no_person_reads_it_not_even_through_a_client(town: Town, neighbours: Neighbours) -> None:
    reader = Person(town.url, neighbours.carys.id, town.token(neighbours.carys.id, ("audit:read",)), "")
    answer = reader.get("/v1/audit")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/systems-only")
    client, secret = town.client(neighbours.first)
    token = access_token(town, client, secret, "audit:read").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Commonplace-Member": neighbours.carys.id}
    answer = httpx2.get(f"{town.url}/v1/audit", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/systems-only")


def test_it_takes_its_own_scope(town: Town, neighbours: Neighbours) -> None:
    token = neighbours.carys.made("/v1/tokens", {"name": token_hex(4), "scopes": ["threads:read"]})["secret"]
    answer = httpx2.get(f"{town.url}/v1/audit", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/insufficient-scope")


def test_a_cursor_that_was_never_given_is_none(town: Town, neighbours: Neighbours) -> None:
    first = log_of(town, neighbours.first, limit=1).json()
    assert first["next"]
    answer = log_of(town, neighbours.second, after="bm90IGEgY3Vyc29y")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/cursor-invalid")


def test_what_one_organisation_did_to_anothers_member_both_find_without_the_others_side(town: Town) -> None:
    first, second = town.organisation("First"), town.organisation("Second")
    ann, ben = town.person(first, "Ann Facilitator"), town.person(second, "Ben Member")
    community = start_community(ann, "open")
    ben.made(f"/v1/communities/{community}/join-requests", {})
    ending = ann.change("PUT", f"/v1/communities/{community}/memberships/{ben.id}/ending", {"reason": "Bye."})
    assert ending.status_code in (200, 204), ending.text

    def ended(organisation: str) -> Any:
        items = log_of(town, organisation, limit=100).json()["items"]
        assert [act["number"] for act in items] == list(range(len(items), 0, -1))
        assert not {name for act in items for name in act} & {"hash", "previous", "places"}
        return [act for act in items if act["act"] == "end_membership"]

    until = time.monotonic() + 15
    while not (found := ended(second)) and time.monotonic() < until:
        time.sleep(0.3)
    (theirs,), (own,) = found, ended(first)
    assert theirs["id"] == own["id"]
    assert theirs["concerns"] == {"community": community, "member": ben.id}
    assert (theirs["member"], theirs["withheld"], theirs["organisations"]) == (None, ["member"], [second])
    assert (own["member"], own["concerns"], own["organisations"]) == (
        ann.id,
        {"community": community},
        [first],
    )
