"""The demo: made on a node once, however often it is asked for, and its commands do the main job."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.node.folder import CHECKOUT
from deploy.node.welcome import Demo
from tests.e2e.members import Town, eventually


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def made(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """Run `commonplace demo --json`."""
    run = subprocess.run(
        [sys.executable, "-c", "from deploy.commands import main; main()", "demo", "--json"],
        cwd=CHECKOUT,
        env={**os.environ, **environment, "COMMONPLACE_NODE_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


def curl(command: str, town: Town) -> dict[str, Any]:
    """Run one of the commands as a person would paste it, against this node's gateway."""
    pasted = command.replace("http://127.0.0.1:8800", town.node.url)
    run = subprocess.run(["bash", "-c", pasted], capture_output=True, text=True, timeout=30, check=True)
    return dict(json.loads(run.stdout))


def test_a_second_time_makes_nothing_and_gives_the_same_tokens(
    town: Town, module_environment: Mapping[str, str], folder: Path
) -> None:
    first = made(module_environment, folder)
    counts = counted(town)
    assert made(module_environment, folder) == first
    assert counted(town) == counts
    assert counts["communities"] == 2
    kept = folder / "secrets" / "demo.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(Demo.model_validate(first).people) == 3


def test_a_token_that_ended_is_replaced(
    town: Town, module_environment: Mapping[str, str], folder: Path
) -> None:
    before = made(module_environment, folder)
    bob = {"Authorization": f"Bearer {before['people'][1]['token']}"}
    (token,) = town.http.get("/v1/tokens", headers=bob).json()["items"]
    town.http.delete(f"/v1/tokens/{token['token']}", headers=bob)
    after = made(module_environment, folder)
    changed = [
        was["token"] != now["token"] for was, now in zip(before["people"], after["people"], strict=True)
    ]
    assert changed == [False, True, False]


def test_the_commands_do_the_main_job(
    town: Town, module_environment: Mapping[str, str], folder: Path
) -> None:
    demo = made(module_environment, folder)
    asked = curl(demo["commands"]["ask"], town)
    assert asked["author"]["name"] == "Ann Price"
    link = f"/v1/threads/{asked['thread']}"

    def told() -> list[dict[str, Any]]:
        items = curl(demo["commands"]["inbox"], town)["items"]
        return [one for one in items if one["link"] == link]

    (one,) = eventually(told, 10)
    assert (one["by"], one["reasons"]) == ("Ann Price", ["you follow"])


def test_everybody_sees_what_they_should(
    town: Town, module_environment: Mapping[str, str], folder: Path
) -> None:
    demo = made(module_environment, folder)
    seen = {}
    for person in demo["people"]:
        token = {"Authorization": f"Bearer {person['token']}"}
        communities = town.http.get("/v1/communities", headers=token).json()["items"]
        seen[person["name"]] = {one["title"] for one in communities}
    opened, closed = demo["community"]["name"], demo["closed_community"]["name"]
    assert seen == {
        "Ann Price": {opened, closed},
        "Bob Ashworth": {opened},
        "Catriona Munro": {opened, closed},
    }
    ann = {"Authorization": f"Bearer {demo['people'][0]['token']}"}
    threads = town.http.get(f"/v1/communities/{demo['community']['id']}/threads", headers=ann).json()["items"]
    answered = next(one for one in threads if one["title"].startswith("How do you keep people going"))
    assert answered["accepted_answer"] is not None
    assert answered["posts"] == 3


def test_the_organisation_s_system_acts_for_its_own_people_only(
    town: Town, module_environment: Mapping[str, str], folder: Path
) -> None:
    demo = made(module_environment, folder)
    client = demo["client"]
    grant = {"grant_type": "client_credentials", "scope": "members:read"}
    token = town.http.post("/oauth/token", data=grant, auth=(client["id"], client["secret"])).json()
    system = {"Authorization": f"Bearer {token['access_token']}"}
    own, other = (
        town.http.get("/v1/me", headers={**system, "Commonplace-Member": demo["people"][number]["id"]})
        for number in (0, 1)
    )
    assert own.json()["name"] == "Ann Price"
    assert other.status_code == 404


def counted(town: Town) -> dict[str, int]:
    """How many of everything there are."""
    membership, discussion = town.database("membership"), town.database("discussion")
    collections = [membership[name] for name in ("organisations", "members", "communities", "memberships")]
    collections += [membership["tokens"], membership["clients"], discussion["threads"], discussion["posts"]]
    return {collection.name: collection.count_documents({}) for collection in collections}
