"""Brings a node up on this machine, takes it down, and says how it is."""

import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from deploy.node.folder import NodeFolder
from deploy.node.plan import NodePlan, plan
from deploy.node.ports import refuse_taken
from deploy.node.problems import NodeProblem
from deploy.node.processes import copies
from deploy.node.settings import NodeSettings
from deploy.node.software import get_software
from deploy.node.supervisor import Supervisor, configuration

PATIENCE = 90.0
PATIENCE_WITH_THE_DYING = 10.0


class Progress(Protocol):
    """Shows a person which step is being worked on; a step that ends well is ticked."""

    def __call__(self, sentence: str) -> AbstractContextManager[None]:
        """Show `sentence` while the block runs."""


@dataclass(frozen=True)
class ProcessState:
    """How one process of the node is."""

    name: str
    state: str
    pid: int | None
    ready: bool | None
    """What /readyz says; None for servers, which have none."""


def bring_up(settings: NodeSettings, folder: NodeFolder, progress: Progress) -> NodePlan:
    """Start everything that isn't running, and return when all is ready.

    Raises NodeProblem with one sentence and the way out.
    """
    software = None
    if not (settings.broker and settings.mongo):
        with progress("Software: RabbitMQ, MongoDB, Prometheus"):
            software = get_software(folder.software)
    node = plan(settings, folder, software)
    folder.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    supervisor = Supervisor(folder)
    wanted = configuration(
        node.servers() + node.processes(), folder, settings.supervisor_port, supervisor.password()
    )
    if not supervisor.is_running_with(wanted):
        if supervisor.leftovers():
            with progress("Stopping what runs with other settings"):
                bring_down(folder)
        refuse_taken(node.ports())
        with progress("Supervisor"):
            supervisor.start(wanted)
            _remember(settings, folder)
    _start_servers(node, supervisor, progress)
    supervisor.start_programs(command.name for command in node.processes())
    for copy in node.copies:
        with progress(f"{copy.name} is ready"):
            log = folder.logs / f"{copy.name}.log"
            _wait(
                copy.name, partial(is_ready, copy.admin_port), partial(supervisor.gave_up_on, copy.name), log
            )
    return node


def bring_down(folder: NodeFolder) -> bool:
    """Stop the doors and services first, then their servers; returns whether anything was running."""
    supervisor = Supervisor(folder)
    was_running = bool(supervisor.leftovers())
    if supervisor.pid is not None:
        names = [one["name"] for one in supervisor.states()]
        servers = [name for name in names if name in ("mongod", "rabbitmq", "epmd")]
        supervisor.stop_programs(name for name in names if name not in servers)
        supervisor.stop_programs(name for name in servers if name != "epmd")
        supervisor.stop_programs(servers)
    supervisor.end()
    return was_running


def reset(folder: NodeFolder) -> None:
    """Stop the node and forget everything but the software that was fetched and the tests' own servers."""
    bring_down(folder)
    kept = {folder.software, folder.test_servers}
    for entry in folder.path.iterdir() if folder.path.exists() else ():
        if entry in kept or entry.name.startswith(f".{folder.software.name}"):
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def running_settings(folder: NodeFolder) -> NodeSettings:
    """Return the settings that the node was last brought up with, whatever the environment says now."""
    note = folder.path / "settings.json"
    return NodeSettings.model_validate_json(note.read_text()) if note.exists() else NodeSettings()


def states(folder: NodeFolder) -> list[ProcessState]:
    """Return how each process is; empty when the node isn't up."""
    supervisor = Supervisor(folder)
    if supervisor.pid is None:
        return []
    admin_ports = {copy.name: copy.admin_port for copy in copies(running_settings(folder))}
    return [
        ProcessState(
            one["name"],
            str(one["statename"]).lower(),
            one["pid"] or None,
            is_ready(admin_ports[one["name"]]) if one["name"] in admin_ports else None,
        )
        for one in supervisor.states()
    ]


def is_ready(admin_port: int) -> bool:
    """Return whether the process behind an admin port says that it is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _remember(settings: NodeSettings, folder: NodeFolder) -> None:
    note = folder.path / "settings.json"
    note.touch(mode=0o600)  # it may hold passwords of servers that were named
    note.write_text(settings.model_dump_json())


def _start_servers(node: NodePlan, supervisor: Supervisor, progress: Progress) -> None:
    for server in (node.mongodb, node.rabbitmq):
        if server:
            server.configure()
    supervisor.start_programs(command.name for command in node.servers())
    for name, server in (("MongoDB", node.mongodb), ("RabbitMQ", node.rabbitmq)):
        if server:
            with progress(f"{name} is ready"):
                program = server.commands()[-1].name
                log = node.folder.logs / f"{program}.log"
                _wait(name, server.answers, partial(supervisor.gave_up_on, program), log)


def _wait(name: str, answers: Callable[[], bool], gave_up: Callable[[], bool], log: Path) -> None:
    """Return when it answers; raise NodeProblem with the end of its log when it is late, or keeps dying."""
    began = time.monotonic()
    while not answers():
        waited = time.monotonic() - began
        if waited > PATIENCE or (waited > PATIENCE_WITH_THE_DYING and gave_up()):
            lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
            raise NodeProblem("\n".join([f"{name} does not get ready; {log} ends with:", *lines]))
        time.sleep(0.1)
