"""An organisation changes its systems' secrets by itself: the next is made, used, and the old one retired, over `/v1`."""

import time
from secrets import token_hex
from typing import Any

import httpx2

from shared.contracts.calls.membership import Scope
from tests.e2e.api.conftest import SCOPES, Person, Town, access_token
from tests.e2e.api.test_api_audit import log_of

WIDE: tuple[Scope, ...] = ("members:read", "clients:write")


class System:
    """A system of an organisation, which comes in by one secret after the other."""

    def __init__(self, town: Town, organisation: str, scopes: tuple[Scope, ...] = WIDE) -> None:
        self.town, self.organisation = town, organisation
        self.client, self.secret = town.client(organisation, scopes)

    def http(self, secret: str | None = None, scope: str | None = None, **headers: str) -> httpx2.Client:
        bought = access_token(self.town, self.client, secret or self.secret, *((scope,) if scope else ()))
        assert bought.status_code == 200, bought.text
        shown = {"Authorization": f"Bearer {bought.json()['access_token']}", **headers}
        return httpx2.Client(base_url=self.town.url, headers=shown, timeout=15)

    @property
    def path(self) -> str:
        return f"/v1/clients/{self.client}/secrets"


def add(http: httpx2.Client, path: str, body: Any = None, key: str | None = None) -> httpx2.Response:
    return http.post(path, json=body or {}, headers={"Idempotency-Key": key or token_hex(12)})


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_a_secret_is_followed_by_another_and_retired_while_the_system_runs(town: Town) -> None:
    system = System(town, town.organisation("Renewing"))
    old = system.http()
    key = token_hex(12)
    made = add(old, system.path, {"expires_in_days": 90}, key)
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    again = add(old, system.path, {"expires_in_days": 90}, key)
    assert (again.status_code, again.json()["secret_id"]) == (201, made.json()["secret_id"])
    assert again.json()["secret"] is None, "it is shown once"
    listed = old.get(system.path).json()["secrets"]
    assert len(listed) == 2 and not [one for one in listed if one["secret"]]
    assert [one["expires_at"] is None for one in listed] == [True, False]
    assert secret not in old.get(system.path).text and system.secret not in old.get(system.path).text
    third = add(old, system.path)
    assert problem(third) == (409, "too-many-secrets")

    new = system.http(secret)
    first, second = (f"{system.path}/{one['secret_id']}" for one in listed)
    assert new.delete(first).status_code in (200, 204)
    refused = access_token(town, system.client, system.secret)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    began = time.monotonic()
    while old.get("/v1/organisations").status_code != 401:
        assert time.monotonic() < began + 60, "what it has bought ends within a minute"
        time.sleep(0.5)
    assert problem(new.delete(second)) == (409, "last-secret")
    assert problem(new.delete(first)) == (404, "not-found"), "it is gone"
    assert access_token(town, system.client, secret).status_code == 200

    until = time.monotonic() + 15
    while len(acts := _acts(town, system)) < 2 and time.monotonic() < until:
        time.sleep(0.3)
    assert [act["act"] for act in acts] == ["end_client_secret", "add_client_secret"]
    assert {act["client"] for act in acts} == {system.client}
    assert secret not in str(acts)


def _acts(town: Town, system: System) -> list[dict[str, Any]]:
    items = log_of(town, system.organisation, limit=100).json()["items"]
    return [act for act in items if act["act"].endswith("client_secret")]


def test_another_organisations_clients_are_not_there(town: Town) -> None:
    own, foreign = (System(town, town.organisation(name), SCOPES) for name in ("Own", "Foreign"))
    http = own.http()
    (theirs,) = foreign.http().get(foreign.path).json()["secrets"]
    nobodys = http.get(f"/v1/clients/{'0' * 24}/secrets")
    for answer in (
        http.get(foreign.path),
        add(http, foreign.path),
        http.delete(f"{foreign.path}/{theirs['secret_id']}"),
        http.delete(f"{own.path}/{theirs['secret_id']}"),
    ):
        assert problem(answer) == (404, "not-found")
    assert http.get(foreign.path).json()["detail"] == nobodys.json()["detail"]
    assert len(foreign.http().get(foreign.path).json()["secrets"]) == 1


def test_nobody_makes_a_secret_for_what_can_do_more_than_they(town: Town) -> None:
    organisation = town.organisation("Layered")
    narrow, mighty = System(town, organisation), System(town, organisation, SCOPES)
    assert narrow.http().get(mighty.path).status_code == 200
    assert problem(add(narrow.http(), mighty.path)) == (403, "scope-too-wide")
    (only,) = mighty.http().get(mighty.path).json()["secrets"]
    ended = narrow.http().delete(f"{mighty.path}/{only['secret_id']}")
    assert problem(ended) == (403, "scope-too-wide")
    assert add(mighty.http(), narrow.path).status_code == 201
    part = mighty.http(scope="clients:write")
    assert problem(add(part, mighty.path)) == (403, "scope-too-wide"), (
        "nor by a part of what it can do itself"
    )


def test_no_person_changes_them_and_it_takes_its_own_scope(town: Town) -> None:
    organisation = town.organisation("Peopled")
    system, other = System(town, organisation), System(town, organisation, ("members:read",))
    ann = town.person(organisation, "Ann Peopled")
    acting = system.http(**{"Commonplace-Member": ann.id})
    token = Person(town.url, ann.id, town.token(ann.id, ("clients:write",)), "").http
    for http in (acting, token):
        for path in (system.path, f"/v1/clients/{'0' * 24}/secrets"):
            assert problem(http.get(path)) == (403, "organisation-only"), (
                "whether there is such a client or not"
            )
            assert problem(add(http, path)) == (403, "organisation-only")
            assert problem(http.delete(f"{path}/{'0' * 24}")) == (403, "organisation-only")
    assert problem(add(other.http(), other.path)) == (403, "insufficient-scope")
    for wrong in ({"expires_in_days": 0}, {"expires_in_days": 1_101}, {"secret": "mine"}):
        assert problem(add(system.http(), system.path, wrong)) == (422, "invalid")
