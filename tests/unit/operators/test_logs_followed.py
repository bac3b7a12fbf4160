"""What an operator reads of a node's processes: their own lines, and nothing that is no JSON."""

import json
import re
import subprocess
import sys
from pathlib import Path

from deploy.node.folder import CHECKOUT
from deploy.node.processes import PROCESSES

MAKE = ("make", "--no-print-directory", "-C", str(CHECKOUT))


def test_make_logs_follows_every_process_of_ours() -> None:
    (named,) = re.findall(r"^LOGS := (.+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    assert set(named.split()) == {process.name for process in PROCESSES}


def test_make_logs_leaves_the_servers_out_unless_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in ("membership", "membership-2", "mongod"):
        (tmp_path / "logs" / f"{name}.log").write_text(json.dumps({"of": name}) + "\n")
    shown = followed(tmp_path)
    assert '"membership"' in shown and '"membership-2"' in shown and '"mongod"' not in shown
    assert '"mongod"' in followed(tmp_path, "LOGS=mongod")


def test_make_logs_says_what_to_do_where_there_is_nothing_to_follow(tmp_path: Path) -> None:
    assert "`make up`" in followed(tmp_path)


def followed(folder: Path, *more: str) -> str:
    """What `make logs` shows within a second."""
    environment = {"COMMONPLACE_NODE_FOLDER": str(folder), "PATH": "/usr/bin:/bin"}
    command = ["timeout", "1", *MAKE, "logs", *more]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_a_service_says_nothing_of_the_libraries_it_is_made_of() -> None:
    command = [sys.executable, "-W", "default", "-m", "shared.wiring.run"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if "ventlet" in line] == []
