"""Keeps a node's processes running: writes supervisord's configuration, starts it and speaks with it.

supervisord restarts what dies. What starts when is decided by us (deploy/node/up.py), since a service
is of no use before its servers answer.
"""

import os
import signal
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.node.folder import NodeFolder, remembered_secret
from deploy.node.problems import NodeProblem
from deploy.node.server import Command, ServerProcess, started_at

USER = "commonplace"
# Every process of a node carries it, so that what outlived a killed supervisor can be found again.
MARK = "COMMONPLACE_SUPERVISED_IN"
SECONDS_TO_DRAIN = 30
# What supervisord answers when somebody else was quicker.
ALREADY_STARTED = 60
NOT_RUNNING = 70

HEAD = """\
[supervisord]
nodaemon = true
logfile = /dev/null
logfile_maxbytes = 0
pidfile = {folder}/supervisord.pid
childlogdir = {logs}

[inet_http_server]
port = 127.0.0.1:{port}
username = {user}
password = {password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
directory = {directory}
autostart = false
autorestart = true
startsecs = 1
startretries = 1000000
stopsignal = TERM
stopwaitsecs = {patience}
killasgroup = true
redirect_stderr = true
stdout_logfile = {logs}/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


def configuration(programs: Iterable[Command], folder: NodeFolder, port: int, password: str) -> str:
    """Return supervisord's configuration file for these programs."""
    head = HEAD.format(
        folder=_plain(folder.path), logs=_plain(folder.logs), port=port, user=USER, password=password
    )
    return head + "".join(
        PROGRAM.format(
            name=program.name,
            command=" ".join(_quoted(word) for word in program.argv),
            environment=",".join(f"{name}={_quoted(value)}" for name, value in program.environment.items()),
            directory=_plain(program.folder or folder.path),
            patience=SECONDS_TO_DRAIN,
            logs=_plain(_plain(folder.logs)),  # supervisord reads this one twice
        )
        for program in programs
    )


def _plain(path: Path | str) -> str:
    return str(path).replace("%", "%%")


def _quoted(word: str) -> str:
    """Return a word as supervisord's files want it: quoted, `%` doubled."""
    if '"' in word or "\n" in word or word.strip("'") != word:
        raise NodeProblem(f"supervisord can't be told of {word!r}: it has a quotation mark or a line break.")
    return '"' + word.replace("%", "%%") + '"'


@contextmanager
def _unless(fault: int) -> Iterator[None]:
    """Pass over one fault: what was asked for is so already."""
    try:
        yield
    except xmlrpc.client.Fault as refusal:
        if refusal.faultCode != fault:
            raise


class Supervisor:
    """The supervisord of one node."""

    def __init__(self, folder: NodeFolder) -> None:
        """Take the node's folder; starts nothing."""
        self.folder = folder
        self.file = folder.path / "supervisord.conf"
        environment = {**os.environ, MARK: str(folder.path)}
        argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.file)]
        self._process = ServerProcess(Command("supervisord", argv, environment), folder.path)

    @property
    def pid(self) -> int | None:
        """The id of supervisord, or None when it isn't running."""
        return self._process.pid

    def is_running_with(self, text: str) -> bool:
        """Return whether it runs, with exactly that configuration."""
        return self.pid is not None and self.file.exists() and self.file.read_text() == text

    def start(self, text: str) -> None:
        """Start it with that configuration; none of its programs is started yet."""
        self.folder.logs.mkdir(parents=True, exist_ok=True)
        self.file.touch(mode=0o600)
        self.file.write_text(text)
        self._process.start()
        deadline = time.monotonic() + 20
        while True:
            try:
                self._ask().getState()
                return
            except (OSError, xmlrpc.client.Error):
                if self.pid is None or time.monotonic() > deadline:
                    raise NodeProblem(f"The supervisor did not start: {self._process.last_words()}") from None
                time.sleep(0.1)

    def start_programs(self, names: Iterable[str]) -> None:
        """Start those of them that aren't running; does not wait until they are ready."""
        states = {one["name"]: one["statename"] for one in self.states()}
        for name in names:
            if states.get(name) == "BACKOFF":  # it would wait ever longer before it is tried again
                with _unless(NOT_RUNNING):
                    self._ask().stopProcess(name, True)
            if states.get(name) not in ("RUNNING", "STARTING"):
                with _unless(ALREADY_STARTED):
                    self._ask().startProcess(name, False)

    def hang_up(self, name: str) -> None:
        """Have a program that runs read its configuration again (SIGHUP)."""
        with _unless(NOT_RUNNING):
            self._ask().signalProcess(name, "HUP")

    def pid_of(self, name: str) -> int | None:
        """Return the id of a program's process at this moment, or None when it has none."""
        return next((one["pid"] for one in self.states() if one["name"] == name and one["pid"]), None)

    def stop_programs(self, names: Iterable[str]) -> None:
        """Stop them together, and return when all have ended; each has 30 s to finish what is in hand."""
        wanted = set(names)
        for one in self.states():
            if one["name"] in wanted and one["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
                self._ask().stopProcess(one["name"], False)
        while any(one["pid"] for one in self.states() if one["name"] in wanted):
            time.sleep(0.1)

    def states(self) -> list[dict[str, Any]]:
        """Return what supervisord tells of each program: `name`, `statename`, `pid`, `start`, `now`."""
        answer: Any = self._ask().getAllProcessInfo()
        return list(answer)

    def end(self) -> None:
        """End it with everything that still runs under it, also what outlived an earlier one."""
        self._process.stop(SECONDS_TO_DRAIN + 10)
        while left := {pid: started_at(pid) for pid in self.leftovers()}:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it ended while we looked
            # A dying process loses its environment first and its ports a little later: wait for its end.
            while any(started and started_at(pid) == started for pid, started in left.items()):
                time.sleep(0.01)

    def leftovers(self) -> list[int]:
        """Return the ids of the processes of this node that run, supervised or not."""
        mark = f"{MARK}={self.folder.path}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                pass  # another user's, or it ended while we looked
        return found

    def password(self) -> str:
        """Return the word that lets us speak with supervisord."""
        return remembered_secret(self.folder.secrets, "supervisor")

    def _ask(self) -> Any:
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        port = next((line.rpartition(":")[2] for line in lines if line.startswith("port = ")), "0")
        server = xmlrpc.client.ServerProxy(f"http://{USER}:{self.password()}@127.0.0.1:{port}/RPC2")
        return server.supervisor
