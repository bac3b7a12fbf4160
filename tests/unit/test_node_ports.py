"""A taken port is one clear sentence: which port, and which variable moves it."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.node.ports import FREE_RANGE, free_ports, is_taken, refuse_taken
from deploy.node.problems import NodeProblem
from deploy.node.settings import NodeSettings
from tests import node


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)) as server:
        yield server


def test_a_taken_port_is_named_with_the_variable_that_moves_it(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(NodeProblem) as refusal:
        refuse_taken([("COMMONPLACE_STREAM_PORT", free_ports(1)[0]), ("COMMONPLACE_PORT", port)])
    assert f"Port {port} " in str(refusal.value)
    assert f"COMMONPLACE_PORT={port + 1000} make up" in str(refusal.value)


def test_a_port_that_was_just_closed_is_free(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    conversation, _ = taken.accept()
    conversation.close()  # the server's side closes first, so the port lingers in TIME_WAIT
    client.close()
    taken.close()
    assert not is_taken(port)


def test_free_ports_are_different_and_none_that_the_kernel_gives_to_clients() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20 and set(ports) <= set(FREE_RANGE)
    first_of_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert max(FREE_RANGE) < first_of_clients


def test_servers_that_the_operator_named_take_no_port_of_ours() -> None:
    named = NodeSettings(broker="amqp://u:p@elsewhere/v", mongo="mongodb://elsewhere/?replicaSet=rs0")
    ours, others = dict(NodeSettings().ports()), dict(named.ports())
    assert set(ours) - set(others) == {
        "COMMONPLACE_RABBITMQ_PORT",
        "COMMONPLACE_RABBITMQ_PROMETHEUS_PORT",
        "COMMONPLACE_RABBITMQ_DISTRIBUTION_PORT",
        "COMMONPLACE_EPMD_PORT",
        "COMMONPLACE_MONGODB_PORT",
    }


def test_the_default_ports_are_all_different() -> None:
    ports = list(dict(NodeSettings().ports()).values())
    assert len(set(ports)) == len(ports)


def test_a_variable_moves_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONPLACE_PORT", "9800")
    assert dict(NodeSettings().ports())["COMMONPLACE_PORT"] == 9800


def test_no_two_ports_of_a_test_s_node_are_the_same_even_where_few_are_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(node, "free_ports", lambda count: list(range(20_000, 20_000 + count)))
    one = node.Node({}, tmp_path, {"membership": 2, "gateway": 1, "stream": 1})
    ports = [process.admin_port for process in one.processes]
    ports += [int(url.rpartition(":")[2]) for url in (one.url, one.stream_url)]
    assert sorted(ports) == list(range(20_000, 20_006))
