"""Credentials: a member's own tokens, and a partner's client that acts for its members."""

import time
from secrets import token_hex

import httpx2

from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import RevokeClient
from tests.e2e.api.conftest import OPERATOR, Neighbours, Person, Town, access_token


def test_a_token_is_issued_listed_used_and_ended(town: Town, neighbours: Neighbours) -> None:
    carys = neighbours.carys
    issued = carys.made("/v1/tokens", {"name": "Reader", "scopes": ["threads:read"], "expires_in_days": 1})
    reader = Person(town.url, carys.id, issued["secret"], carys.handle)
    assert reader.get(f"/v1/threads/{neighbours.thread}").status_code == 200

    listed = {token["token"]: token for token in carys.get("/v1/tokens", limit=100).json()["items"]}
    assert listed[issued["token"]]["secret"] is None
    assert listed[issued["token"]]["scopes"] == ["threads:read"]

    assert carys.change("DELETE", f"/v1/tokens/{issued['token']}").status_code == 200
    until = time.monotonic() + 12
    while (status := reader.get(f"/v1/threads/{neighbours.thread}").status_code) != 401:
        assert status == 200 and time.monotonic() < until, "an ended token must be refused within ten seconds"
        time.sleep(0.5)


def test_a_token_cannot_beget_a_stronger_one(town: Town, neighbours: Neighbours) -> None:
    weak = Person(town.url, neighbours.huw.id, town.token(neighbours.huw.id, ("tokens:write",)), "")
    answer = weak.post("/v1/tokens", {"name": "Strong", "scopes": ["threads:write"]})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/scope-too-wide")


def test_nobody_ends_anothers_token(neighbours: Neighbours) -> None:
    token = neighbours.carys.made("/v1/tokens", {"name": "Mine", "scopes": ["threads:read"]})["token"]
    assert neighbours.huw.change("DELETE", f"/v1/tokens/{token}").status_code == 404


def test_a_client_acts_for_the_members_of_its_own_organisation(town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first)
    bought = access_token(town, client, secret)
    assert (bought.status_code, bought.headers["cache-control"]) == (200, "no-store")
    authorization = {"Authorization": f"Bearer {bought.json()['access_token']}"}

    def me(member: str | None) -> httpx2.Response:
        headers = authorization | ({"Commonplace-Member": member} if member else {})
        return httpx2.get(f"{town.url}/v1/me", headers=headers)

    assert me(neighbours.carys.id).json()["member"] == neighbours.carys.id
    foreign = me(neighbours.mair.id)
    assert (foreign.status_code, foreign.json()["type"]) == (404, "/problems/member-unknown")
    unheard_of = me("0" * 24)
    assert {**foreign.json(), "trace_id": ""} == {**unheard_of.json(), "trace_id": ""}
    assert (me(None).status_code, me(None).json()["type"]) == (403, "/problems/member-needed")


def test_a_client_enrols_its_own_people_and_no_others(town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first)
    token = access_token(town, client, secret, "members:write members:read").json()
    assert token["scope"] == "members:write members:read"
    headers = {"Authorization": f"Bearer {token['access_token']}", "Idempotency-Key": token_hex(12)}
    new = {"name": "Nerys Hughes", "handle": f"nerys.{token_hex(4)}", "profession": "Nurse"}
    made = httpx2.post(f"{town.url}/v1/organisations/{neighbours.first}/members", json=new, headers=headers)
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/members/{made.json()['member']}"
    headers["Idempotency-Key"] = token_hex(12)
    foreign = httpx2.post(
        f"{town.url}/v1/organisations/{neighbours.second}/members", json=new, headers=headers
    )
    assert foreign.status_code in (403, 404)
    threads = httpx2.get(f"{town.url}/v1/unanswered", headers=headers)
    assert (threads.status_code, threads.json()["type"]) == (403, "/problems/insufficient-scope")


def test_a_client_that_was_ended_is_nobody_within_ten_seconds(town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first)
    headers = {"Authorization": f"Bearer {access_token(town, client, secret).json()['access_token']}"}
    organisations = f"{town.url}/v1/organisations"
    assert httpx2.get(organisations, headers=headers).status_code == 200
    town.operate(RevokeClient(caller=OPERATOR, client=client), Done)
    until = time.monotonic() + 12
    while (status := httpx2.get(organisations, headers=headers).status_code) != 401:
        assert status == 200 and time.monotonic() < until
        time.sleep(0.5)
    assert access_token(town, client, secret).status_code == 401


def test_a_scope_that_the_client_lacks_is_not_granted(town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first, ("threads:read",))
    answer = access_token(town, client, secret, "threads:write")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_guessing_a_secret_is_slowed_down(town: Town, neighbours: Neighbours) -> None:
    client, secret = town.client(neighbours.first)
    answers = [access_token(town, client, "wrong").status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert access_token(town, client, secret).status_code == 429
