"""A demo that people have changed: what is gone stays gone, and the command still ends well and says who is left."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.demo import cast
from deploy.node.folder import CHECKOUT
from shared.contracts.calls.membership import (
    AskForErasure,
    Erasure,
    LeaveOrganisation,
    Member,
    NewErasure,
)
from tests.e2e.members import OPERATOR, Town, eventually

EVERYBODY = {person for community in cast.COMMUNITIES for person in community.people}


def run(environment: Mapping[str, str], folder: Path, *words: str) -> str:
    """Run `commonplace demo`; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", "from deploy.commands import main; main()", "demo", *words],
        cwd=CHECKOUT,
        env={**os.environ, **environment, "COMMONPLACE_NODE_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def made(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    return dict(json.loads(run(environment, folder, "--json")))


def erase(town: Town, *people: cast.Person) -> None:
    """Forget them now: the days in which it can be cancelled are let go by."""
    members, erasures = town.database("membership")["members"], town.database("membership")["erasures"]
    for person in people:
        call = AskForErasure(caller=OPERATOR, member=person.id, new=NewErasure(handle=person.new.handle))
        erasure = town.operate(call, Erasure).erasure
        erasures.update_one({"_id": erasure}, {"$set": {"due_at": datetime.now(UTC)}})
        eventually(lambda id=erasure: (erasures.find_one({"_id": id}) or {})["state"] == "complete", 60)  # type: ignore[misc]
        assert members.find_one({"_id": person.id}, {"name": 1})["name"] != person.new.name  # type: ignore[index]


def test_the_demo_is_told_whatever_has_become_of_its_people(
    town: Town, module_environment: Mapping[str, str], tmp_path: Path
) -> None:
    first = made(module_environment, tmp_path)
    assert (first["gone"], first["refused"]) == ([], [])

    erase(town, cast.CATRIONA, cast.GRACE, cast.FIONA)
    members = town.database("membership")["members"]
    told = made(module_environment, tmp_path)
    assert told["gone"] == ["Catriona Munro"]
    assert [one["name"] for one in told["people"]] == ["Ann Price", "Bob Ashworth"]
    assert [one["token"] for one in told["people"]] == [one["token"] for one in first["people"][:2]]
    assert told["commands"] == first["commands"]
    assert members.count_documents({}) == len(EVERYBODY)
    assert not list(members.find({"name": "Catriona Munro"})), "who was forgotten is not brought back"

    ann = {"Authorization": f"Bearer {first['people'][0]['token']}"}
    falls = f"/v1/communities/{cast.FALLS.id}"
    there = town.http.get(falls, headers=ann)
    changed = town.http.patch(
        falls, json={"stage": "archived"}, headers={**ann, "If-Match": there.headers["ETag"]}
    )
    assert changed.status_code == 200, changed.text
    told = made(module_environment, tmp_path)
    assert (told["community"]["archived"], told["commands"]) == (True, {})

    for person in (cast.ANN, cast.BOB):
        town.operate(LeaveOrganisation(caller=OPERATOR, member=person.id), Member)
    told = made(module_environment, tmp_path)
    assert (told["people"], told["commands"]) == ([], {})
    page = run(module_environment, tmp_path)
    assert "No longer there to sign in: Ann Price, Bob Ashworth, Catriona Munro." in page
    assert "Commonplace is up" in page
