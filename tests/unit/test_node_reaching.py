"""The operator's commands find the node's broker, or say in a sentence why not."""

from pathlib import Path

import pytest

from deploy.node import reaching
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
    monkeypatch.setattr(reaching, "PATIENCE", 0.2)
    with pytest.raises(NodeProblem, match="does not answer") as problem, switchboard("tests", 1.0):
        pass
    assert "secret" not in str(problem.value)
