"""The operator's commands find the node's broker, or say in a sentence why not."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.node.ports import free_ports
from deploy.node.problems import NodeProblem
from deploy.node.reaching import broker_url, switchboard
from deploy.node.settings import NodeSettings

ELSEWHERE = "amqp://user:secret@broker.example:5672/node"


@pytest.fixture(autouse=True)
def no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COMMONPLACE_NODE_FOLDER", str(tmp_path))
    monkeypatch.delenv("COMMONPLACE_BROKER", raising=False)
    return tmp_path


def test_the_broker_that_is_named_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONPLACE_BROKER", ELSEWHERE)
    assert broker_url() == ELSEWHERE


def test_the_broker_that_the_node_was_brought_up_with_is_remembered(no_node: Path) -> None:
    (no_node / "settings.json").write_text(NodeSettings(broker=ELSEWHERE).model_dump_json())
    assert broker_url() == ELSEWHERE


def test_where_there_is_no_node_the_way_out_is_said() -> None:
    with pytest.raises(NodeProblem, match="`make up` starts one"):
        broker_url()


def test_a_broker_that_is_away_is_said_to_be_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("COMMONPLACE_BROKER", f"amqp://user:secret@127.0.0.1:{port}/node")
    with pytest.raises(NodeProblem, match="does not answer") as problem, switchboard("tests", 1.0):
        pass
    assert "secret" not in str(problem.value)


def test_where_nothing_listens_nobody_waits_and_nothing_is_printed(no_node: Path) -> None:
    (port,) = free_ports(1)
    environment = {**os.environ, "COMMONPLACE_BROKER": f"amqp://u:p@127.0.0.1:{port}/node"}
    command = [Path(sys.executable).with_name("commonplace"), "audit", "list", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=9)
    assert (done.returncode, done.stdout) == (1, "") and "does not answer" in done.stderr


def test_what_is_logged_while_a_broker_is_waited_for_spoils_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections, and says nothing
        monkeypatch.setenv("COMMONPLACE_BROKER", f"amqp://u:p@127.0.0.1:{mute.getsockname()[1]}/node")
        code = "from deploy.commands import main; from deploy.node import reaching; reaching.PATIENCE = 4.0; main()"
        command = [sys.executable, "-c", code, "audit", "list", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "") and "line.lost" in done.stderr
