"""A member moves to another organisation with their record; nobody is moved who does not move themselves."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.membership import LeaveOrganisation, ListSealedActs, Member, SealedAct
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in, start_community
from tests.e2e.api.directory import Directory, refused
from tests.e2e.api.test_directory_leavers import A_MINUTE, Employee, seconds_until
from tests.node import Node
from tests.services.stream_client import EventSource


@pytest.fixture(scope="module")
def whole(node_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Every process of a node."""
    environment = {**os.environ, **node_environment, "COMMONPLACE_DEADLINE_SECONDS": "8"}
    processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1, "stream": 1}
    node = Node(environment, tmp_path_factory.mktemp("moves"), processes)
    switchboard = Switchboard(node_environment["COMMONPLACE_BROKER"], name="tests")
    try:
        node.start()
        assert switchboard.wait_until_open(10)
        yield Town(node, switchboard)
    finally:
        switchboard.close()
        node.kill()


@dataclass
class Move:
    """Two organisations with directories, somebody of the one, and the account that the other has made for them."""

    town: Town
    old: Directory
    new: Directory
    mover: Employee
    account: Employee

    def code(self) -> str:
        """A code of the mover's."""
        return self.town.move_code(self.mover.id, self.old.organisation)

    def go(self, code: str) -> httpx2.Response:
        """Use a code with the new account."""
        return self.account.change("PUT", "/v1/me/home", {"code": code})

    def again(self) -> Person:
        """The mover with a token from after the move."""
        return Person(self.town.url, self.mover.id, self.town.token(self.mover.id), "")


@pytest.fixture
def moving(whole: Town) -> Move:
    old, new = Directory(whole), Directory(whole)
    return Move(whole, old, new, Employee(old, "Mair Rees"), Employee(new, "Mair Rees-Jones"))


def system(town: Town, organisation: str) -> Person:
    """An organisation's system, for itself."""
    bought = access_token(town, *town.client(organisation, SCOPES))
    return Person(town.url, "", bought.json()["access_token"], "")


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def ask(person: Person, title: str, community: str) -> str:
    thread = {"kind": "question", "title": title, "text": "Tell us what helped."}
    return str(person.made(f"/v1/communities/{community}/threads", thread)["thread"])


def test_a_mover_keeps_id_record_places_and_inbox_and_the_old_home_loses_them_within_a_minute(
    moving: Move,
) -> None:
    town, mover = moving.town, moving.mover
    carys = town.person(moving.old.organisation, "Carys Evans")
    community = start_community(carys, "closed")
    let_in(carys, community, mover)
    thread = ask(mover, "What works after a fall?", community)
    carys.made(f"/v1/threads/{thread}/posts", {"text": "Ring them on day three."})
    seconds_until(lambda: bool(mover.get("/v1/inbox").json()["items"]), time.monotonic())
    old_system, new_system = (system(town, each.organisation) for each in (moving.old, moving.new))
    acting = {"Commonplace-Member": mover.id}
    assert old_system.http.get("/v1/me", headers=acting).status_code == 200
    assert new_system.http.get("/v1/me", headers=acting).status_code == 404

    with ExitStack() as streams:
        stream = streams.enter_context(EventSource(town.node.stream_url, mover.secret))
        began = time.monotonic()
        answer = moving.go(moving.code())
        assert answer.status_code == 200, answer.text
        assert (answer.json()["member"], answer.json()["organisation"]) == (
            mover.id,
            moving.new.organisation,
        )
        took = {
            "token": seconds_until(mover.is_out, began),
            "account": seconds_until(moving.account.is_out, began),
            "system": seconds_until(
                lambda: old_system.http.get("/v1/me", headers=acting).status_code == 404, began
            ),
            "stream": seconds_until(stream.ended.is_set, began),
        }
    assert max(took.values()) < A_MINUTE, took

    again = moving.again()
    assert again.get("/v1/me").json()["name"] == "Mair Rees"
    assert again.get("/v1/inbox").json()["items"]
    assert again.get(f"/v1/threads/{thread}").json()["author"]["member"] == mover.id
    places = carys.get(f"/v1/communities/{community}/memberships").json()["items"]
    assert [place["organisation"] for place in places if place["member"] == mover.id] == [
        moving.new.organisation
    ]
    assert new_system.http.get("/v1/me", headers=acting).status_code == 200

    # What was written for the old organisation is its record, and crosses to the new one by no move.
    assert old_system.http.get("/v1/me", headers={"Commonplace-Member": carys.id}).status_code == 200
    reader = {"Commonplace-Member": carys.id}
    assert old_system.http.get(f"/v1/threads/{thread}", headers=reader).status_code == 200
    assert new_system.http.get(f"/v1/threads/{thread}", headers=acting).status_code == 404
    later = ask(again, "And what works on stairs?", community)
    assert new_system.http.get(f"/v1/threads/{later}", headers=acting).status_code == 200
    assert old_system.http.get(f"/v1/threads/{later}", headers=reader).status_code == 404

    homes = again.get("/v1/me/homes").json()["homes"]
    assert [home["organisation"] for home in homes] == [moving.old.organisation, moving.new.organisation]
    assert homes[0]["since"] and homes[0]["until"] == homes[1]["since"] and homes[1]["until"] is None


def test_both_directories_are_told(moving: Move) -> None:
    assert moving.go(moving.code()).status_code == 200
    refused(moving.old.http.get(f"Users/{moving.mover.entry}"), 404)
    assert moving.new.member_of(moving.account.entry) == moving.mover.id
    # Whom the old directory adds again under the same name is somebody else, for it has no say over who has gone.
    again = moving.old.add(moving.mover.user_name, externalId=moving.mover.external_id, displayName="Mair")
    assert moving.old.member_of(again["id"]) != moving.mover.id
    assert moving.old.http.delete(f"Users/{again['id']}").status_code == 204
    person = moving.again()
    assert person.get("/v1/me").status_code == 200
    # The new one has: it bars whom it has brought home.
    assert moving.new.http.delete(f"Users/{moving.account.entry}").status_code == 204
    seconds_until(lambda: person.get("/v1/me").status_code == 401, time.monotonic())


def test_each_organisation_reads_its_own_side_in_the_audit_log(moving: Move) -> None:
    assert moving.go(moving.code()).status_code == 200
    old_system, new_system = (system(moving.town, each.organisation) for each in (moving.old, moving.new))

    def acts(of: Person, name: str) -> list[dict[str, Any]]:
        return [act for act in of.get("/v1/audit").json()["items"] if act["act"] == name]

    seconds_until(lambda: bool(acts(old_system, "moved_away")), time.monotonic())
    seconds_until(lambda: bool(acts(new_system, "move_home")), time.monotonic())
    (gone,), (come,) = acts(old_system, "moved_away"), acts(new_system, "move_home")
    assert gone["concerns"]["member"] == come["concerns"]["member"] == moving.mover.id
    assert moving.new.organisation not in str(old_system.get("/v1/audit").json())
    assert moving.account.id not in str(old_system.get("/v1/audit").json())
    assert moving.old.organisation not in str(new_system.get("/v1/audit").json())
    everything = moving.town.switchboard.ask(ListSealedActs(caller=OPERATOR, limit=50), timeout=10)
    assert {"issue_move_code", "move_home", "moved_away"} <= {
        act.act
        for act in everything.items
        if isinstance(act, SealedAct)  # type: ignore[attr-defined]
    }


def test_a_code_is_good_once(moving: Move) -> None:
    code = moving.code()
    assert moving.go(code).status_code == 200
    other = Employee(moving.old, "Somebody Else")
    answer = other.change("PUT", "/v1/me/home", {"code": code})
    assert problem(answer) == (403, "move-code-no-longer-good")


def test_another_code_ends_the_first(moving: Move) -> None:
    first, second = moving.code(), moving.code()
    assert problem(moving.go(first)) == (403, "move-code-no-longer-good")
    assert moving.go(second).status_code == 200


@pytest.mark.parametrize("code", ["cop_move_" + "a" * 43, "x", "$ne"])
def test_what_is_no_code_moves_nobody(moving: Move, code: str) -> None:
    assert problem(moving.go(code)) == (403, "move-code-no-longer-good")


def test_a_code_ends_after_a_day(moving: Move, node_environment: dict[str, str]) -> None:
    code = moving.code()
    with MongoClient[dict[str, Any]](node_environment["COMMONPLACE_MONGO"]) as client:
        codes = client[f"{node_environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]["move_codes"]
        (kept,) = codes.find({"_id": moving.mover.id})
        assert code not in str(kept)
        ends_at = kept["expires_at"].replace(tzinfo=UTC)
        assert timedelta(hours=23) < ends_at - datetime.now(UTC) <= timedelta(days=1)
        codes.update_one(
            {"_id": moving.mover.id}, {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
        )
    assert problem(moving.go(code)) == (403, "move-code-no-longer-good")


def test_who_has_left_takes_no_code_along(moving: Move) -> None:
    code = moving.code()
    moving.town.operate(LeaveOrganisation(caller=OPERATOR, member=moving.mover.id), Member)
    assert problem(moving.go(code)) == (403, "move-code-no-longer-good")


def test_whoever_is_barred_takes_no_code_along(moving: Move) -> None:
    code = moving.code()
    assert moving.old.http.delete(f"Users/{moving.mover.entry}").status_code == 204
    assert problem(moving.go(code)) == (403, "move-code-no-longer-good")


def test_a_code_is_not_for_the_organisation_it_comes_from(moving: Move) -> None:
    colleague = Employee(moving.old, "Greedy Colleague")
    assert problem(colleague.change("PUT", "/v1/me/home", {"code": moving.code()})) == (409, "not-a-move")
    assert problem(moving.mover.change("PUT", "/v1/me/home", {"code": moving.code()})) == (409, "not-a-move")


def test_an_account_with_a_record_of_its_own_becomes_nobody_else(moving: Move) -> None:
    community = start_community(moving.mover, "open")
    moving.account.made(f"/v1/communities/{community}/join-requests", {})
    left = moving.account.change(
        "PUT", f"/v1/communities/{community}/memberships/{moving.account.id}/ending", {}
    )
    assert left.status_code == 200
    code = moving.code()
    assert problem(moving.go(code)) == (409, "account-in-use")
    fresh = Employee(moving.new, "Mair Rees")
    assert fresh.change("PUT", "/v1/me/home", {"code": code}).status_code == 200, "the code was not used up"


def test_a_token_alone_moves_nobody(moving: Move) -> None:
    answer = moving.mover.post("/v1/me/move-codes", None)
    assert problem(answer) == (403, "sign-in-needed")
    assert "/sign-in" in answer.json()["detail"]


def test_no_system_moves_anybody(moving: Move) -> None:
    code = moving.code()
    for directory, member in ((moving.old, moving.mover), (moving.new, moving.account)):
        acts = system(moving.town, directory.organisation)
        acting = {"Commonplace-Member": member.id, "Idempotency-Key": token_hex(12)}
        answers = [
            acts.http.post("/v1/me/move-codes", headers=acting),
            acts.http.put("/v1/me/home", json={"code": code}, headers=acting),
            acts.http.get("/v1/me/homes", headers=acting),
        ]
        # A token that a system has issued for a member is the system's.
        made = acts.http.post("/v1/tokens", json={"name": "x", "scopes": ["tokens:write"]}, headers=acting)
        issued = Person(moving.town.url, member.id, made.json()["secret"], "")
        answers.append(issued.post("/v1/me/move-codes", None))
        answers.append(issued.change("PUT", "/v1/me/home", {"code": code}))
        assert {problem(answer) for answer in answers} == {(403, "persons-only")}
    assert moving.go(code).status_code == 200


def test_what_was_written_for_the_old_organisation_is_not_rewritten_for_the_new_one(moving: Move) -> None:
    carys = moving.town.person(moving.old.organisation, "Carys Evans")
    community = start_community(carys, "open")
    let_in(carys, community, moving.mover)
    thread = ask(moving.mover, "What works after a fall?", community)
    post = moving.mover.made(f"/v1/threads/{thread}/posts", {"text": "This did."})
    held = moving.mover.made(f"/v1/threads/{thread}/held-posts", {"text": "The clinic is at LL57 2DG."})
    assert moving.go(moving.code()).status_code == 200
    again = moving.again()
    edit = again.change("PATCH", f"/v1/posts/{post['post']}", {"text": "That did."}, post["revision"])
    assert problem(edit) == (403, "written-elsewhere")
    release = carys.change(
        "PUT", f"/v1/held-posts/{held['held_post']}/decision", {"release": True}, held["revision"]
    )
    assert problem(release) == (409, "held-post-stays")
    assert "moved" in release.json()["detail"]
    assert again.post(f"/v1/threads/{thread}/posts", {"text": "It was that."}).status_code == 201


def test_a_credential_that_a_door_still_believes_makes_no_other_one(moving: Move) -> None:
    """For ten seconds the gateway takes an ended token; a token or code made in that time would be for ever."""
    code = moving.code()
    old_system = system(moving.town, moving.old.organisation)
    acting = {"Commonplace-Member": moving.mover.id, "Idempotency-Key": token_hex(12)}
    assert moving.mover.get("/v1/me").status_code == 200
    assert old_system.http.get("/v1/me", headers=acting).status_code == 200
    assert moving.go(code).status_code == 200
    new = {"name": "x", "scopes": ["members:read"]}
    made = [
        moving.mover.post("/v1/tokens", new),
        moving.mover.post("/v1/me/move-codes", None),
        old_system.http.post("/v1/tokens", json=new, headers=acting),
    ]
    assert {answer.status_code for answer in made} == {404}, [answer.text for answer in made]
