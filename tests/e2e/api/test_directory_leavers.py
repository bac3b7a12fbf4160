"""Somebody whom their directory bars is out of everything within a minute, on a whole node; what they wrote stays."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from secrets import token_hex
from typing import Any

import httpx2
import pytest

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.membership import GetMember, Member
from shared.errors import NotFound
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in, start_community
from tests.e2e.api.directory import BULK, PATCH, Directory, refused
from tests.node import Node
from tests.services.stream_client import EventSource

A_MINUTE = 60.0


@pytest.fixture(scope="module")
def whole(node_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Every process of a node, with the settings that operators have."""
    environment = {
        **os.environ,
        **node_environment,
        "COMMONPLACE_DEADLINE_SECONDS": "8",
    }
    processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1, "stream": 1}
    node = Node(environment, tmp_path_factory.mktemp("leavers"), processes)
    switchboard = Switchboard(node_environment["COMMONPLACE_BROKER"], name="tests")
    try:
        node.start()
        assert switchboard.wait_until_open(10)
        yield Town(node, switchboard)
    finally:
        switchboard.close()
        node.kill()


class Employee(Person):
    """Somebody whom their directory provisioned, at the door with a token of their own."""

    def __init__(self, directory: Directory, name: str) -> None:
        made = directory.add(displayName=name, title="Physiotherapist", externalId=token_hex(8))
        self.entry = made["id"]
        self.external_id = made["externalId"]
        self.user_name = made["userName"]
        self.member = directory.member_of(self.entry)
        super().__init__(directory.town.url, self.member, directory.town.token(self.member), "")

    def is_out(self) -> bool:
        """Whether their token opens nothing."""
        return self.get("/v1/me").status_code == 401


def seconds_until(condition: Callable[[], bool], began: float, patience: float = A_MINUTE) -> float:
    while not condition():
        assert time.monotonic() - began < patience, "not within a minute"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.mark.parametrize("way", ["deactivated", "removed", "deactivated in a bulk"])
def test_a_leaver_is_out_of_everything_within_a_minute(whole: Town, way: str) -> None:
    home, away = Directory(whole), Directory(whole)
    carys = whole.person(away.organisation, "Carys Evans")
    leaver = Employee(home, "Mair Rees")
    client, secret = whole.client(home.organisation, SCOPES)
    system = access_token(whole, client, secret).json()["access_token"]
    communities = [start_community(carys, visibility) for visibility in ("open", "closed")]
    for community in communities:
        let_in(carys, community, leaver)
    thread = leaver.made(
        f"/v1/communities/{communities[0]}/threads",
        {"kind": "question", "title": "What works after a fall?", "text": "Tell us what helped."},
    )["thread"]
    carys.made(f"/v1/threads/{thread}/posts", {"text": "Ring them on day three."})
    seconds_until(lambda: bool(leaver.get("/v1/inbox").json()["items"]), time.monotonic())
    acting = {"Authorization": f"Bearer {system}", "Commonplace-Member": leaver.id}
    assert httpx2.get(f"{whole.url}/v1/me", headers=acting).status_code == 200
    refresher = whole.token(leaver.id)

    with ExitStack() as streams:
        open_streams = [
            streams.enter_context(EventSource(whole.node.stream_url, credential))
            for credential in (leaver.secret, refresher)
        ]
        began = time.monotonic()
        bar(home, leaver, way)
        took = {
            "communities": seconds_until(
                lambda: all(
                    leaver.id not in str(carys.get(f"/v1/communities/{community}/memberships").json())
                    for community in communities
                ),
                began,
            ),
            "token": seconds_until(leaver.is_out, began),
            "system": seconds_until(
                lambda: httpx2.get(f"{whole.url}/v1/me", headers=acting).status_code == 404, began
            ),
            "stream": max(seconds_until(source.ended.is_set, began) for source in open_streams),
        }
    print({part: round(seconds, 1) for part, seconds in took.items()})
    assert max(took.values()) < A_MINUTE
    shown = carys.get(f"/v1/threads/{thread}").json()
    assert shown["author"]["member"] == leaver.id
    assert shown["author"]["name"] == "Mair Rees"
    assert shown["author"]["organisation_name"]


def bar(home: Directory, leaver: Employee, way: str) -> None:
    path = f"Users/{leaver.entry}"
    deactivation = {"op": "Replace", "path": "active", "value": "False"}
    if way == "removed":
        assert home.http.delete(path).status_code == 204
        refused(home.http.get(path), 404)
    elif way == "deactivated":
        assert home.patch(path, deactivation).status_code in (200, 204)
    else:
        data = {"schemas": [PATCH], "Operations": [deactivation]}
        operation = {"method": "PATCH", "path": f"/{path}", "data": data}
        answer = home.http.post("Bulk", json={"schemas": [BULK], "Operations": [operation]})
        assert answer.json()["Operations"][0]["status"] in {"200", "204"}


def test_who_is_active_again_is_a_member_again_and_joins_their_communities_anew(whole: Town) -> None:
    home = Directory(whole)
    carys = whole.person(home.organisation, "Carys Evans")
    community = start_community(carys, "open")
    ann = Employee(home, "Ann Lloyd")
    ann.made(f"/v1/communities/{community}/join-requests", {})
    bar(home, ann, "deactivated")
    seconds_until(ann.is_out, time.monotonic())

    activation = {"op": "Replace", "path": "active", "value": True}
    assert home.patch(f"Users/{ann.entry}", activation).status_code in (200, 204)

    assert ann.is_out(), "a token that has ended stays ended"
    again = Person(whole.url, ann.id, whole.token(ann.id), "")
    assert again.get("/v1/me").json()["member"] == ann.id
    assert ann.id not in str(carys.get(f"/v1/communities/{community}/memberships").json())
    assert again.post(f"/v1/communities/{community}/join-requests", {}).status_code == 201


def test_who_was_removed_and_is_added_again_is_the_same_member(whole: Town) -> None:
    home = Directory(whole)
    ann = Employee(home, "Ann Lloyd")
    bar(home, ann, "removed")
    again: dict[str, Any] = home.add(ann.user_name, externalId=ann.external_id, displayName="Ann Lloyd")
    assert again["id"] != ann.entry
    assert home.member_of(again["id"]) == ann.id
    # Without the directory's own id for them it is somebody new, whatever their name or address.
    assert home.http.delete(f"Users/{again['id']}").status_code == 204
    stranger = home.add(ann.user_name, displayName="Ann Lloyd")
    assert home.member_of(stranger["id"]) != ann.id


def test_who_is_added_inactive_can_do_nothing(whole: Town) -> None:
    home = Directory(whole)
    made = home.add(displayName="Later", active=False)
    with pytest.raises(NotFound):
        whole.token(home.member_of(made["id"]))


def test_a_directory_bars_nobody_who_has_gone_elsewhere(whole: Town) -> None:
    home = Directory(whole)
    ann = Employee(home, "Ann Lloyd")
    assert ann.change("DELETE", f"/v1/members/{ann.id}/organisation").status_code == 200
    before = whole.operate(GetMember(caller=OPERATOR, member=ann.id), Member)
    bar(home, ann, "deactivated")
    home.patch(f"Users/{ann.entry}", {"op": "Replace", "path": "active", "value": True})
    bar(home, ann, "removed")
    assert whole.operate(GetMember(caller=OPERATOR, member=ann.id), Member) == before
