"""What README.md promises a newcomer: its commands, run as they stand there, in a folder and on ports of their own."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.node.folder import node_folder
from deploy.node.ports import free_ports
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.software import get_software
from tests.conftest import StartNode

ROOT = Path(__file__).parents[2]
COMMONPLACE = Path(sys.executable).with_name("commonplace")
README = (ROOT / "README.md").read_text()


def make(target: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", target], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def newcomer() -> Iterator[dict[str, str]]:
    """The environment of somebody on a machine of their own: nothing of it is shared but the fetched software."""
    get_software(node_folder().software)
    settings = [name for name, _ in NodeSettings().ports()]
    with tempfile.TemporaryDirectory(prefix="commonplace-readme-") as folder:
        (Path(folder) / "software").symlink_to(node_folder().software)
        # What make tells its children must not reach the make that is tried here.
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAKE", "MFLAGS", PREFIX))
        }
        ports = {name: str(port) for name, port in zip(settings, free_ports(len(settings)), strict=True)}
        environment = {**kept, **ports, "COMMONPLACE_NODE_FOLDER": folder, "NO_COLOR": "1"}
        yield environment
        make("down", environment)


def test_the_two_commands_are_those_of_the_makefile() -> None:
    (block,) = re.findall(r"^## Two commands$.*?^```\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    assert [line.split("#")[0].split() for line in block.splitlines()] == [["make", "up"], ["make", "test"]]


def test_make_up_ends_with_a_page_whose_commands_do_the_main_job(newcomer: dict[str, str]) -> None:
    up = make("up", newcomer)
    assert up.returncode == 0, up.stdout[-2000:] + up.stderr[-2000:]
    asking, reading = re.findall(r"^  curl (?:.*\\\n)*.*$", up.stdout, flags=re.MULTILINE)

    asked = curl(asking, newcomer)
    title = asked["title"]
    end = time.monotonic() + 20
    while not (found := [one for one in curl(reading, newcomer)["items"] if one["title"] == title]):
        assert time.monotonic() < end, "the question did not reach the inbox"
        time.sleep(0.1)
    assert found[0]["reasons"]

    assert make("status", newcomer).returncode == 0
    letters = subprocess.run(
        [COMMONPLACE, "dead-letters", "list"], env=newcomer, capture_output=True, text=True, check=False
    )
    assert letters.stdout == "There are no dead letters.\n", letters.stderr
    assert make("down", newcomer).returncode == 0
    assert make("status", newcomer).returncode != 0


def test_the_commands_for_containers_need_no_more_than_a_container_has(
    node: StartNode, fresh_environment: dict[str, str], tmp_path: Path
) -> None:
    node(fresh_environment)
    told = {"COMMONPLACE_BROKER": fresh_environment["COMMONPLACE_BROKER"], "PATH": "/usr/bin:/bin"}
    lines = re.findall(r"^docker compose exec (.*)$", README, flags=re.MULTILINE)
    assert len(lines) == 2
    for line in lines:
        options, _, command = line.partition(" commonplace ")
        for name, _value in re.findall(r"--env (\w+)=(\S+)", options):
            told[name] = str(tmp_path / name)
        done = subprocess.run(
            [COMMONPLACE, *command.split()],
            cwd=tmp_path,
            env=told,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def curl(command: str, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        ["bash", "-ec", command], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
