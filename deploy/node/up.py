"""Brings a node up on this machine, takes it down, and says how it is."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from deploy.node import variables
from deploy.node.folder import NodeFolder
from deploy.node.locked import locked
from deploy.node.plan import NodePlan, plan
from deploy.node.ports import refuse_taken
from deploy.node.problems import NodeProblem
from deploy.node.processes import copies
from deploy.node.prometheus import Watching
from deploy.node.readiness import is_ready, why_none_ready
from deploy.node.server import Command
from deploy.node.settings import NodeSettings
from deploy.node.software import get_software
from deploy.node.supervisor import Supervisor, configuration

SERVERS = ("mongod", "rabbitmq", "epmd")
PORT_MAPPER = "epmd"  # RabbitMQ says good-bye to it
PATIENCE = 90.0
LIVES = 3
"""How often a process may die while others wait for it, before that is taken as an answer."""


class Progress(Protocol):
    """Shows a person which step is being worked on; a step that ends well is ticked."""

    def __call__(self, sentence: str) -> AbstractContextManager[None]:
        """Show `sentence` while the block runs."""


@dataclass(frozen=True)
class Stage:
    """What is started together, and how each that others wait for says that it is ready."""

    programs: list[Command]
    answers: dict[str, Callable[[], bool]]


@dataclass(frozen=True)
class ProcessState:
    """How one process of the node is."""

    name: str
    state: str
    pid: int | None
    ready: bool | None
    """What /readyz says; None for servers, which have none."""
    reason: str | None = None
    """Why it is not ready, as /readyz says, or that it does not answer."""


def bring_up(
    settings: NodeSettings, folder: NodeFolder, progress: Progress, watching: Watching | None = None
) -> NodePlan:
    """Start everything that isn't running, and return when all is ready.

    Args:
        settings: what the operator wants.
        folder: where it all lies.
        progress: is told of every step.
        watching: what the node's own watchers are told; without it there are none.

    Raises:
        NodeProblem: with one sentence and the way out; also when the node runs with other settings.
    """
    make_private(folder.path, folder.data, folder.logs, folder.keys, folder.mail)
    with locked(folder.path / "up.lock"):
        return _bring_up(settings, folder, progress, watching)


def _bring_up(
    settings: NodeSettings, folder: NodeFolder, progress: Progress, watching: Watching | None
) -> NodePlan:
    supervisor = Supervisor(folder)
    if supervisor.pid is not None:
        _refuse_other_settings(settings, folder)
    software = None
    if not (settings.broker and settings.mongo):
        with progress("Software: RabbitMQ, MongoDB, Prometheus"):
            software = get_software(folder.software)
    node = plan(settings, folder, software, watched=watching is not None)
    programs = node.servers() + node.processes() + node.watchers()
    wanted = configuration(programs, folder, settings.supervisor_port, supervisor.password())
    if not supervisor.is_running_with(wanted):
        if supervisor.pid is not None:
            raise NodeProblem("The node runs as another version set it up: `make down` stops it first.")
        if supervisor.leftovers():
            with progress("Stopping what outlived its supervisor"):
                bring_down(folder)
        refuse_taken(node.ports())
        with progress("Supervisor"):
            _remember(settings, folder)
            supervisor.start(wanted)
    _configure(node, watching)
    if node.prometheus and node.prometheus.answers():
        supervisor.hang_up("prometheus")
    for stage in _stages(node):
        supervisor.start_programs(command.name for command in stage.programs)
        for name, answers in stage.answers.items():
            with progress(f"{name} is ready"):
                _wait(name, answers, supervisor, folder.logs)
    while any(one["statename"] == "STARTING" for one in supervisor.states()):
        time.sleep(0.1)  # supervisord believes in a process after a second
    return node


def _refuse_other_settings(settings: NodeSettings, folder: NodeFolder) -> None:
    others = settings.other_than(running_settings(folder)) + variables.other_than_running(folder)
    if others:
        raise NodeProblem(
            f"The node runs with other settings, {', '.join(others)}: `make down` stops it first, or ask with"
            " the settings that it runs with."
        )


def bring_down(folder: NodeFolder) -> bool:
    """Stop the doors and services first, then their servers; returns whether anything was running."""
    supervisor = Supervisor(folder)
    was_running = bool(supervisor.leftovers())
    if supervisor.pid is not None:
        try:
            _stop_in_order(supervisor)
        except OSError:
            pass  # it is dying itself: what it leaves is ended below
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
    why = why_none_ready(admin_ports.values())
    reasons = {name: why[port] for name, port in admin_ports.items()}
    return [
        ProcessState(
            one["name"],
            str(one["statename"]).lower(),
            one["pid"] or None,
            reasons[one["name"]] is None if one["name"] in reasons else None,
            reasons.get(one["name"]),
        )
        for one in supervisor.states()
    ]


def make_private(*folders: Path) -> None:
    """Let nobody else on the machine look into these folders, also where they were made before."""
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)


def _remember(settings: NodeSettings, folder: NodeFolder) -> None:
    note = folder.path / "settings.json"
    note.touch(mode=0o600)  # it may hold passwords of servers that were named
    note.write_text(settings.model_dump_json())
    variables.remember(folder)


def _stop_in_order(supervisor: Supervisor) -> None:
    names = [one["name"] for one in supervisor.states()]
    supervisor.stop_programs(name for name in names if name not in SERVERS)
    supervisor.stop_programs(name for name in SERVERS if name != PORT_MAPPER)
    supervisor.stop_programs([PORT_MAPPER])


def _configure(node: NodePlan, watching: Watching | None) -> None:
    if node.mongodb:
        node.mongodb.configure()
    if node.rabbitmq:
        node.rabbitmq.configure()
    if node.prometheus and watching:
        node.prometheus.configure(watching.prometheus)
    if node.alertmanager and watching:
        node.alertmanager.configure(watching.alertmanager)


def _stages(node: NodePlan) -> list[Stage]:
    servers = {"mongod": node.mongodb, "rabbitmq": node.rabbitmq}
    watchers = {"alertmanager": node.alertmanager, "prometheus": node.prometheus}
    return [
        Stage(node.servers(), {name: server.answers for name, server in servers.items() if server}),
        Stage(node.processes(), {copy.name: partial(is_ready, copy.admin_port) for copy in node.copies}),
        Stage(node.watchers(), {name: watcher.answers for name, watcher in watchers.items() if watcher}),
    ]


def _wait(name: str, answers: Callable[[], bool], supervisor: Supervisor, logs: Path) -> None:
    """Return when it answers; raise NodeProblem with the end of its log when it is late, or keeps dying."""
    began = time.monotonic()
    lives: set[int] = set()
    while not answers():
        if pid := supervisor.pid_of(name):
            lives.add(pid)
        if time.monotonic() > began + PATIENCE or len(lives) > LIVES:
            log = logs / f"{name}.log"
            lines = log.read_text(errors="replace").splitlines()[-15:] if log.exists() else []
            raise NodeProblem("\n".join([f"{name} does not get ready; {log} ends with:", *lines]))
        time.sleep(0.1)
