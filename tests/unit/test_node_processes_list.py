"""The one list of processes holds what runs, and gives every copy a port of its own."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from deploy.node.folder import NodeFolder
from deploy.node.plan import plan
from deploy.node.processes import PROCESSES, Process, copies
from deploy.node.settings import NodeSettings

NAMED = {"broker": "amqp://u:p@127.0.0.1/v", "mongo": "mongodb://127.0.0.1/?replicaSet=rs0"}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_what_is_to_run_is_there(process: Process) -> None:
    assert find_spec(process.module[0]), process.module
    for setting in (process.admin_port, process.port, process.copies):
        assert setting is None or setting in NodeSettings.model_fields


def test_nine_copies_of_every_service_collide_with_nothing() -> None:
    settings = NodeSettings(membership_copies=9, discussion_copies=9, notifications_copies=9)
    every = copies(settings)
    assert len(every) == 30
    admin_ports = [copy.admin_port for copy in every]
    assert len(set(admin_ports)) == len(admin_ports)
    other = [
        port
        for name, port in settings.ports()
        if name.removeprefix("COMMONPLACE_").lower() not in {process.admin_port for process in PROCESSES}
    ]
    assert not set(admin_ports) & set(other)


def test_the_second_copy_has_a_name_of_its_own(tmp_path: Path) -> None:
    node = plan(NodeSettings(discussion_copies=2, **NAMED), NodeFolder(tmp_path), software=None)
    names = [command.name for command in node.processes()]
    services = ["membership", "discussion", "discussion-2", "notifications"]
    assert names == [*services, "mongo-exporter", "gateway", "stream"]
    assert ("COMMONPLACE_DISCUSSION_ADMIN_PORT", 8912) in node.ports()


def test_every_process_is_told_where_the_servers_are(tmp_path: Path) -> None:
    node = plan(NodeSettings(**NAMED), NodeFolder(tmp_path), software=None)
    assert node.servers() == []
    for command in node.processes():
        assert command.environment["COMMONPLACE_BROKER"] == NAMED["broker"]
        assert command.environment["COMMONPLACE_MONGO"] == NAMED["mongo"]
        assert command.environment["COMMONPLACE_ADMIN_PORT"].isdigit()
