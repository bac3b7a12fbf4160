"""A whole node on one machine: `make up`, `make down` and `make reset`, and what happens to it between them."""

import json
import os
import signal
import socket
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymongo import MongoClient, WriteConcern

from deploy.commands.node import watching
from deploy.node.folder import NodeFolder, node_folder
from deploy.node.ports import free_ports, is_taken
from deploy.node.problems import NodeProblem
from deploy.node.prometheus import Watching
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.software import get_software
from deploy.node.supervisor import Supervisor
from deploy.node.up import ProcessState, bring_down, bring_up, reset, states
from deploy.prometheus.scraping import for_this_machine


@contextmanager
def silently(_sentence: str) -> Iterator[None]:
    yield


@pytest.fixture(scope="module")
def settings() -> NodeSettings:
    names = [name.removeprefix(PREFIX).lower() for name, _ in NodeSettings().ports()]
    return NodeSettings(**dict(zip(names, free_ports(len(names)), strict=True)))


@pytest.fixture(scope="module")
def folder() -> Iterator[NodeFolder]:
    get_software(node_folder().software)
    with tempfile.TemporaryDirectory(prefix="commonplace-node-") as path:
        own = NodeFolder(Path(path))
        own.software.symlink_to(node_folder().software)
        try:
            yield own
        finally:
            Supervisor(own).end()


@pytest.fixture
def up(settings: NodeSettings, folder: NodeFolder) -> NodeFolder:
    """The folder of a node that is up, the same for every test here."""
    bring_up(settings, folder, silently, watching(settings))
    return folder


def pids(folder: NodeFolder) -> dict[str, int | None]:
    return {one.name: one.pid for one in states(folder)}


def rules_of(settings: NodeSettings) -> set[str]:
    """The alerts that the node's Prometheus watches for at this moment."""
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.prometheus_port}/api/v1/rules") as answer:
        groups = json.load(answer)["data"]["groups"]
    return {rule["name"] for group in groups for rule in group["rules"] if rule["type"] == "alerting"}


def alertmanager_of(settings: NodeSettings) -> str:
    """What the node's Alertmanager goes by at this moment."""
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.alertmanager_port}/api/v2/status") as answer:
        return str(json.load(answer)["config"]["original"])


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def state_of(folder: NodeFolder, name: str) -> ProcessState:
    return next(one for one in states(folder) if one.name == name)


def test_everything_runs_and_every_process_says_that_it_is_ready(up: NodeFolder) -> None:
    found = {one.name: (one.state, one.ready) for one in states(up)}
    processes = {"membership", "discussion", "notifications", "gateway", "stream"}
    assert {name: found[name] for name in processes} == dict.fromkeys(processes, ("running", True))
    assert found["mongod"] == found["rabbitmq"] == ("running", None)
    assert up.mail.is_dir(), "mail is looked for before the first is written"


def test_nobody_else_on_the_machine_looks_into_its_folders(up: NodeFolder, settings: NodeSettings) -> None:
    for made_before in (up.path, up.data, up.logs):
        made_before.chmod(0o755)
    bring_up(settings, up, silently, watching(settings))
    private = (up.path, up.data, up.logs, up.keys, up.mail, up.secrets)
    assert {folder.name: folder.stat().st_mode & 0o777 for folder in private} == {
        folder.name: 0o700 for folder in private
    }


def test_a_second_time_takes_seconds_and_touches_nothing(up: NodeFolder, settings: NodeSettings) -> None:
    before = pids(up)
    began = time.monotonic()
    bring_up(settings, up, silently, watching(settings))
    assert time.monotonic() - began < 5
    assert pids(up) == before


def test_other_settings_are_refused_by_name_and_nothing_is_stopped(
    up: NodeFolder, settings: NodeSettings
) -> None:
    before = pids(up)
    other = settings.model_copy(update={"discussion_copies": 2, "log_level": "debug", "demo": False})
    with pytest.raises(
        NodeProblem, match=r"COMMONPLACE_LOG_LEVEL, COMMONPLACE_DISCUSSION_COPIES: `make down`"
    ):
        bring_up(other, up, silently, watching(other))
    assert pids(up) == before


def test_what_only_a_process_reads_is_compared_too(
    up: NodeFolder, settings: NodeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pids(up)
    monkeypatch.setenv("COMMONPLACE_TRUSTED_PROXIES", "1")
    monkeypatch.setenv("COMMONPLACE_MAIL_FROM", "secret@example.org")
    with pytest.raises(NodeProblem, match="COMMONPLACE_MAIL_FROM, COMMONPLACE_TRUSTED_PROXIES:") as problem:
        bring_up(settings, up, silently, watching(settings))
    assert "secret" not in str(problem.value) and pids(up) == before
    monkeypatch.undo()
    bring_up(settings, up, silently, watching(settings))


def test_other_rules_are_taken_over_by_the_watchers_that_run(
    up: NodeFolder, settings: NodeSettings, tmp_path: Path
) -> None:
    shipped = watching(settings)
    before = pids(up)
    assert "Tried" not in rules_of(settings) and "BrokerDown" in rules_of(settings)
    rules = tmp_path / "rules.yml"
    rules.write_text("groups: [{name: tried, rules: [{alert: Tried, expr: vector(1)}]}]\n")
    other = Watching(
        for_this_machine(settings, tmp_path), "route: {receiver: tried}\nreceivers: [{name: tried}]\n"
    )
    bring_up(settings, up, silently, other)
    eventually(lambda: rules_of(settings) == {"Tried"})
    eventually(lambda: "name: tried" in alertmanager_of(settings))
    rules.write_text(rules.read_text().replace("Tried", "TriedAgain"))
    bring_up(settings, up, silently, other)
    eventually(lambda: rules_of(settings) == {"TriedAgain"})
    bring_up(settings, up, silently, shipped)
    eventually(lambda: "BrokerDown" in rules_of(settings))
    eventually(lambda: "name: tried" not in alertmanager_of(settings))
    assert pids(up) == before


def test_another_version_is_refused_until_the_node_is_down_and_then_finds_the_data(
    up: NodeFolder, settings: NodeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pids(up)
    with MongoClient(f"mongodb://127.0.0.1:{settings.mongodb_port}", directConnection=True) as client:
        client.get_database("kept", write_concern=WriteConcern("majority")).things.insert_one({"_id": 1})
    with monkeypatch.context() as upgraded:
        upgraded.setattr("deploy.node.supervisor.SECONDS_TO_DRAIN", 31)
        with pytest.raises(NodeProblem, match="as another version set it up: `make down` stops it first"):
            bring_up(settings, up, silently, watching(settings))
        assert pids(up) == before
        bring_down(up)
        bring_up(settings, up, silently, watching(settings))
        assert all(one.state == "running" and one.ready is not False for one in states(up))
        assert "stopwaitsecs = 31" in Supervisor(up).file.read_text()
    with MongoClient(f"mongodb://127.0.0.1:{settings.mongodb_port}", directConnection=True) as client:
        assert client.kept.things.count_documents({}) == 1
    bring_down(up)  # what comes next is of this version again


def test_two_at_once_are_one_after_the_other(folder: NodeFolder, settings: NodeSettings) -> None:
    bring_down(folder)
    with ThreadPoolExecutor(2) as operators:
        both = [operators.submit(bring_up, settings, folder, silently, watching(settings)) for _ in range(2)]
    assert all(one.result() for one in both)
    assert all(one.state == "running" and one.ready is not False for one in states(folder))


def test_a_program_that_was_started_already_is_left_alone(
    up: NodeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pids(up)
    with monkeypatch.context() as looked_too_early:
        looked_too_early.setattr(Supervisor, "states", lambda _: [])
        Supervisor(up).start_programs(["discussion"])
    assert pids(up) == before


def test_a_process_that_dies_is_started_again(up: NodeFolder) -> None:
    before = pids(up)["membership"]
    assert before
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not ((now := state_of(up, "membership")).ready and now.pid != before):
        assert time.monotonic() < deadline, now
        time.sleep(0.1)


def test_what_outlived_a_killed_supervisor_is_swept_away(up: NodeFolder, settings: NodeSettings) -> None:
    supervisor = Supervisor(up)
    orphans = set(supervisor.leftovers()) - {supervisor.pid}
    os.kill(supervisor.pid or 0, signal.SIGKILL)
    while supervisor.pid:
        time.sleep(0.01)
    bring_up(settings, up, silently, watching(settings))
    assert all(one.state == "running" for one in states(up))
    assert not orphans & set(supervisor.leftovers())


def test_down_leaves_nothing_running_and_every_port_free(up: NodeFolder, settings: NodeSettings) -> None:
    assert bring_down(up)
    assert Supervisor(up).leftovers() == []
    assert not [name for name, port in settings.ports() if is_taken(port)]
    assert states(up) == []
    assert not bring_down(up)


def test_a_taken_port_stops_everything_before_it_starts(folder: NodeFolder, settings: NodeSettings) -> None:
    bring_down(folder)
    with socket.create_server(("127.0.0.1", settings.stream_port)):
        with pytest.raises(NodeProblem, match=f"{settings.stream_port}.*COMMONPLACE_STREAM_PORT="):
            bring_up(settings, folder, silently, watching(settings))
        assert Supervisor(folder).leftovers() == []


def test_reset_keeps_the_software_and_nothing_else(up: NodeFolder) -> None:
    (up.keys / "signing.pem").write_text("a key")
    reset(up)
    assert Supervisor(up).leftovers() == []
    assert list(up.path.iterdir()) == [up.software]
    assert up.software.joinpath("mongodb").exists()
