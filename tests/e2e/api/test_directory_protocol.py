"""SCIM 2.0 at the door: whole by scim2-tester, tolerant of Entra ID's dialect, bounded, one organisation's only."""

import time
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import RevokeDirectoryToken
from shared.errors import Conflict
from tests.e2e.api.conftest import OPERATOR, Town, access_token
from tests.e2e.api.directory import BULK, ENTERPRISE, GROUP, SCIM, USER, Directory, issue, refused


@pytest.fixture(scope="module")
def directory(town: Town) -> Directory:
    return Directory(town)


@pytest.fixture(scope="module")
def other(town: Town) -> Directory:
    return Directory(town)


def test_scim2_tester_passes_whole(town: Town) -> None:
    client = SyncSCIMClient(Directory(town).http)
    client.discover()

    results = check_server(client)

    wrong = [result for result in results if result.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert not wrong, [(result.title, result.reason) for result in wrong]
    assert sum(result.status is Status.SUCCESS for result in results) > 60


def test_resources_name_the_public_address_whatever_host_was_asked(directory: Directory) -> None:
    made = directory.add()
    assert made["meta"]["location"] == f"{directory.town.url}{SCIM}/Users/{made['id']}"


# Entra ID's own requests, as its documentation shows them.


def test_entra_adds_a_user_with_more_than_we_keep(directory: Directory) -> None:
    name = f"Test_User_{token_hex(6)}"
    answer = directory.http.post(
        "Users",
        json={
            "schemas": [USER, ENTERPRISE],
            "externalId": token_hex(8),
            "userName": name,
            "active": True,
            "displayName": "Bronwen Owen",
            "title": "Dietitian",
            "emails": [{"primary": True, "type": "work", "value": f"{token_hex(6)}@trust.example"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "givenName familyName", "familyName": "Owen", "givenName": "Bronwen"},
            "phoneNumbers": [{"type": "mobile", "value": "07700 900123"}],
            "addresses": [{"type": "work", "streetAddress": "1 Penrhos Road"}],
            ENTERPRISE: {"department": "Nutrition", "manager": token_hex(8)},
            "roles": [],
        },
    )
    assert answer.status_code == 201, answer.text
    kept = directory.http.get(f"Users/{answer.json()['id']}").text
    assert "Nutrition" in kept
    assert "07700" not in kept
    assert "Penrhos" not in kept
    found = directory.http.get("Users", params={"filter": f'userName eq "{name}"'}).json()
    assert found["totalResults"] == 1


@pytest.mark.parametrize(
    ("operation", "field", "value"),
    [
        ({"op": "Replace", "path": "displayName", "value": "Bron"}, "displayName", "Bron"),
        ({"op": "Replace", "path": "active", "value": "False"}, "active", False),
        ({"op": "Replace", "path": "active", "value": False}, "active", False),
        ({"op": "Replace", "value": {"active": "False", "title": "Head"}}, "active", False),
        ({"op": "Add", "path": "name.givenName", "value": "Bron"}, "name", {"givenName": "Bron"}),
        ({"op": "Replace", "value": {"name.familyName": "Owen"}}, "name", {"familyName": "Owen"}),
        (
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "b@trust.example"},
            "emails",
            [{"type": "work", "value": "b@trust.example"}],
        ),
        (
            {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Wards"},
            ENTERPRISE,
            {"department": "Wards"},
        ),
        ({"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "1"}, "phoneNumbers", None),
        ({"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "abc"}, ENTERPRISE, None),
    ],
)
def test_entras_patches_of_a_user(
    directory: Directory, operation: dict[str, Any], field: str, value: Any
) -> None:
    user = directory.add()
    answer = directory.patch(f"Users/{user['id']}", operation)
    assert answer.status_code in (200, 204), answer.text
    assert directory.http.get(f"Users/{user['id']}").json().get(field) == value


def test_entras_patches_of_a_group(directory: Directory) -> None:
    one, two = directory.add(), directory.add()
    group = directory.http.post(
        "Groups", json={"schemas": [GROUP], "displayName": token_hex(6), "externalId": token_hex(6)}
    ).json()
    path = f"Groups/{group['id']}"

    for user in (one, two):
        operation = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": user["id"]}]}
        assert directory.patch(path, operation).status_code in (200, 204)
    removal = {"op": "Remove", "path": "members", "value": [{"value": one["id"]}]}
    assert directory.patch(path, removal).status_code in (200, 204)
    assert [each["value"] for each in directory.http.get(path).json()["members"]] == [two["id"]]
    removal = {"op": "Remove", "path": f'members[value eq "{two["id"]}"]'}
    assert directory.patch(path, removal).status_code in (200, 204)
    assert not directory.http.get(path).json().get("members")
    shown = directory.http.get(path, params={"excludedAttributes": "members"}).json()
    assert shown["displayName"] == group["displayName"]


# What is refused.


@pytest.mark.parametrize("address", ["Users", "ServiceProviderConfig", "Nothing", "Bulk", ""])
def test_nobody_gets_in_without_a_credential(town: Town, address: str) -> None:
    answer = httpx2.get(f"{town.url}{SCIM}/{address}")
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    said = answer.json()["detail"]
    assert "directory token" in said and "commonplace directory tokens issue" in said
    assert "personal access token" not in said


@pytest.mark.parametrize("credential", ["cop_directory_" + "x" * 43, "junk", "cop_" + "y" * 43, "a.b.c"])
def test_false_credentials_open_nothing(directory: Directory, credential: str) -> None:
    refused(directory.speaking_with(credential).get("Users"), 401)


def test_a_members_token_opens_no_directory(directory: Directory) -> None:
    person = directory.town.person(directory.organisation, "Alwyn Hughes")
    refused(directory.speaking_with(person.secret).get("Users"), 401)


def test_a_directory_token_opens_nothing_else(directory: Directory) -> None:
    assert directory.token.secret is not None
    headers = {"Authorization": f"Bearer {directory.token.secret}"}
    for path in ("/v1/me", "/v1/communities", "/v1/inbox"):
        assert httpx2.get(f"{directory.town.url}{path}", headers=headers).status_code == 401


def test_a_system_of_the_organisation_with_the_scope_may_speak_for_its_directory(
    directory: Directory,
) -> None:
    user = directory.add()
    client, secret = directory.town.client(directory.organisation, ("directory:write",))
    token = access_token(directory.town, client, secret).json()["access_token"]
    speaking = directory.speaking_with(token)
    assert speaking.get(f"Users/{user['id']}").json()["userName"] == user["userName"]
    person = directory.town.person(directory.organisation, "Non Davies")
    refused(speaking.get("Users", headers={"Commonplace-Member": person.id}), 403)


def test_a_system_without_the_scope_may_not(directory: Directory) -> None:
    client, secret = directory.town.client(directory.organisation, ("members:write",))
    token = access_token(directory.town, client, secret).json()["access_token"]
    answer = directory.speaking_with(token).get("Users")
    refused(answer, 403)
    assert 'scope="directory:write"' in answer.headers["WWW-Authenticate"]


def test_an_ended_token_opens_no_longer_and_its_successor_does(town: Town) -> None:
    directory = Directory(town)
    successor = issue(town, directory.organisation)
    with pytest.raises(Conflict) as refusal:
        issue(town, directory.organisation)
    assert refusal.value.code == "two-tokens-already"
    assert successor.secret is not None
    assert directory.http.get("Users").status_code == 200
    town.operate(
        RevokeDirectoryToken(
            caller=OPERATOR, organisation=directory.organisation, token=directory.token.token
        ),
        Done,
    )
    until = time.monotonic() + 12
    while directory.http.get("Users").status_code != 401 and time.monotonic() < until:
        time.sleep(0.5)
    refused(directory.http.get("Users"), 401)
    assert directory.speaking_with(successor.secret).get("Users").status_code == 200


def test_a_group_names_nobody_who_is_gone_and_is_not_told_their_name_again(directory: Directory) -> None:
    name = f"Zebedee {token_hex(4)}"
    user, other = directory.add(displayName=name), directory.add()
    members = [
        {"value": user["id"], "display": name, "type": "User"},
        {"value": other["id"], "display": "Bob", "type": "User"},
    ]
    sent = {"schemas": [GROUP], "displayName": "Wards", "members": members}
    group = directory.http.post("Groups", json=sent)
    path = f"Groups/{group.json()['id']}"
    assert name in directory.http.get(path).text
    assert directory.http.delete(f"Users/{user['id']}").status_code == 204
    left = directory.http.get(path).json()["members"]
    assert [(one["value"], one["display"]) for one in left] == [(other["id"], "Bob")]
    again = directory.http.put(path, json=sent)
    assert again.status_code == 200 and name not in again.text
    assert [one["value"] for one in again.json()["members"]] == [user["id"], other["id"]]
    assert name not in directory.http.get(path).text


def test_another_organisations_entries_are_not_there(directory: Directory, other: Directory) -> None:
    external, name = token_hex(8), f"{token_hex(6)}@trust.example"
    user = directory.add(name, externalId=external)
    group = directory.http.post("Groups", json={"schemas": [GROUP], "displayName": "Wards"}).json()
    before = directory.http.get(f"Users/{user['id']}").json()

    words = other.http.get(f"Users/{'0' * 24}").text
    assert other.http.get(f"Users/{user['id']}").text == words
    refused(other.http.get(f"Groups/{group['id']}"), 404)
    refused(other.patch(f"Users/{user['id']}", {"op": "replace", "path": "active", "value": False}), 404)
    refused(other.http.put(f"Users/{user['id']}", json={"schemas": [USER], "userName": name}), 404)
    refused(other.http.delete(f"Users/{user['id']}"), 404)
    for seen in (
        other.http.get("Users", params={"filter": f'userName eq "{name}"'}),
        other.http.get("Users", params={"filter": f'externalId eq "{external}"'}),
        other.http.get("Users", params={"filter": f'id eq "{user["id"]}"'}),
        other.http.get("Users", params={"filter": f'displayName eq "x" or userName eq "{name}"'}),
    ):
        assert seen.json()["totalResults"] == 0
    assert other.http.get("Users").json()["totalResults"] == 0
    bulk = {"method": "DELETE", "path": f"/Users/{user['id']}"}
    answer = other.http.post("Bulk", json={"schemas": [BULK], "Operations": [bulk]})
    assert answer.json()["Operations"][0]["status"] == "404"
    assert other.add(name)["userName"] == name  # a name is one in a directory, not in the node
    assert directory.http.get(f"Users/{user['id']}").json() == before


def test_a_cursor_is_one_directorys_and_shows_nothing_of_anothers(
    directory: Directory, other: Directory
) -> None:
    for _ in range(3):
        directory.add()
    page = directory.http.get("Users", params={"cursor": "", "count": 2}).json()
    assert len(page["Resources"]) == 2
    seen = {user["id"] for user in page["Resources"]}
    while "nextCursor" in page:
        page = directory.http.get("Users", params={"cursor": page["nextCursor"], "count": 2}).json()
        ids = {user["id"] for user in page["Resources"]}
        assert not ids & seen
        seen |= ids
    assert len(seen) == directory.http.get("Users", params={"count": 0}).json()["totalResults"]
    first = directory.http.get("Users", params={"cursor": "", "count": 1}).json()
    foreign = other.http.get("Users", params={"cursor": first["nextCursor"], "count": 1})
    assert not {user["id"] for user in foreign.json().get("Resources", [])} & seen
    refused(directory.http.get("Users", params={"cursor": "x" * 40}), 400, "invalidCursor")


def test_a_taken_user_name_is_refused_whatever_its_capitals(directory: Directory) -> None:
    name = f"{token_hex(6)}@trust.example"
    directory.add(name)
    refused(
        directory.http.post("Users", json={"schemas": [USER], "userName": name.upper()}), 409, "uniqueness"
    )


def test_what_has_changed_since_is_not_overwritten(directory: Directory) -> None:
    user = directory.add()
    path = f"Users/{user['id']}"
    old = directory.http.get(path).headers["ETag"]
    change = {"op": "replace", "path": "title", "value": "Ward sister"}
    assert directory.patch(path, change, **{"If-Match": old}).status_code in (200, 204)
    refused(directory.patch(path, {"op": "replace", "path": "title", "value": "x"}, **{"If-Match": old}), 412)
    refused(directory.http.delete(path, headers={"If-Match": old}), 412)
    tag = directory.http.get(path).headers["ETag"]
    assert directory.http.get(path, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    "hostile",
    [
        'userName eq "' + "x" * 5_000 + '"',
        "(" * 50 + 'userName eq "a"' + ")" * 50,
        " or ".join(['title co "a"'] * 60),
        "password pr",
        'userName regex "a"',
        'userName eq "a" and',
        '$where eq "1"',
    ],
)
def test_hostile_filters_are_answered_quickly(directory: Directory, hostile: str) -> None:
    began = time.monotonic()
    answers = (
        directory.http.get("Users", params={"filter": hostile}),
        directory.http.post(
            "Users/.search",
            json={"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": hostile},
        ),
    )
    assert time.monotonic() - began < 2
    for answer in answers:
        if answer.status_code == 200:
            assert answer.json()["totalResults"] == 0
        else:
            refused(answer, 400)


def test_a_negative_count_is_none(directory: Directory) -> None:
    answer = directory.http.get("Users", params={"count": -1})
    assert answer.status_code == 400 or not answer.json().get("Resources")


def test_paths_without_end_are_refused(directory: Directory) -> None:
    user = directory.add()
    path = "(" * 40 + 'emails[type eq "work"]' + ")" * 40
    refused(directory.patch(f"Users/{user['id']}", {"op": "replace", "path": path, "value": "x"}), 400)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 60_000, 400),
        (b'{"schemas": [], "userName": "a", "userName": "b"}', 400),
        (b"\xff\xfe", 400),
        (b'{"userName": NaN}', 400),
        (b'{"schemas": ["' + USER.encode() + b'"], "userName": "' + b"x" * 70_000 + b'"}', 413),
        (b'{"schemas": ["' + USER.encode() + b'"], "userName": "' + b"x" * 300 + b'"}', 400),
        (b'{"schemas": ["' + USER.encode() + b'"], "userName": "a\\r\\nBcc: b"}', 400),
        (b'{"schemas": ["' + USER.encode() + b'"]}', 400),
    ],
)
def test_bodies_that_cannot_be_taken_are_refused(directory: Directory, body: bytes, status: int) -> None:
    refused(directory.http.post("Users", content=body), status)


def test_a_bulk_is_done_and_too_large_a_one_is_not(directory: Directory) -> None:
    def operations(number: int) -> list[dict[str, Any]]:
        return [
            {
                "method": "POST",
                "path": "/Groups",
                "bulkId": f"b{i}",
                "data": {"schemas": [GROUP], "displayName": "g"},
            }
            for i in range(number)
        ]

    done = directory.http.post("Bulk", json={"schemas": [BULK], "Operations": operations(5)})
    assert [each["status"] for each in done.json()["Operations"]] == ["201"] * 5
    before = directory.http.get("Groups", params={"count": 0}).json()["totalResults"]
    refused(directory.http.post("Bulk", json={"schemas": [BULK], "Operations": operations(1_001)}), 413)
    refused(directory.http.post("Bulk", json={"schemas": [BULK], "Operations": operations(20_000)}), 413)
    assert directory.http.get("Groups", params={"count": 0}).json()["totalResults"] == before


def test_what_is_no_address_of_ours_is_a_scim_error(directory: Directory) -> None:
    refused(directory.http.get("Devices"), 404)
    refused(directory.http.get("Users/../../etc"), 404)
    refused(directory.http.put("Users"), 405)
    refused(directory.http.request("OPTIONS", "Users"), 405)
    refused(directory.http.post("Users", content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    refused(directory.http.get("Users?count=1&count=2"), 400)


def test_host_names_of_others_are_refused(directory: Directory) -> None:
    refused(directory.http.get("Users", headers={"Host": "evil.example"}), 400)
