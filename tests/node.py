"""A node for tests: its processes run one by one, so that a test can kill any of them and start it again."""

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from deploy.node.folder import CHECKOUT
from deploy.node.ports import free_ports
from deploy.node.problems import NodeProblem
from deploy.node.processes import PROCESSES, Copy
from deploy.node.server import Command, ServerProcess
from deploy.node.settings import PREFIX


class RunningProcess(ServerProcess):
    """One process of the node: `pid`, `stop()` (SIGTERM), `kill()` (SIGKILL), `start()`, `wait_ready()`."""

    def __init__(self, name: str, command: Command, folder: Path, admin_port: int) -> None:
        """Take its name (`discussion`, `discussion-2`), what to run and where its admin port is."""
        super().__init__(command, folder)
        self.name = name
        self.admin_port = admin_port

    @property
    def admin_url(self) -> str:
        """Where /metrics, /healthz and /readyz are."""
        return f"http://127.0.0.1:{self.admin_port}"

    def is_ready(self) -> bool:
        """Return whether /readyz says so at this moment."""
        try:
            with urllib.request.urlopen(f"{self.admin_url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def wait_ready(self, patience: float = 30.0) -> None:
        """Return when it is ready; raises NodeProblem with the end of its log when late or dead."""
        deadline = time.monotonic() + patience
        while not self.is_ready():
            if self.pid is None:
                raise NodeProblem(f"{self.name} ended by itself: {self.last_words(60)}")
            if time.monotonic() > deadline:
                raise NodeProblem(f"{self.name} was not ready in {patience:.0f} s: {self.last_words(60)}")
            time.sleep(0.1)

    def restart(self) -> None:
        """Stop it as an operator would, start it and wait until it is ready."""
        self.stop()
        self.start()
        self.wait_ready()


class Node:
    """The processes of one node on free ports, over a given broker and database."""

    def __init__(self, environment: Mapping[str, str], folder: Path, processes: Mapping[str, int]) -> None:
        """Take the node's settings, a folder for logs, and how many of which process; starts nothing.

        Args:
            environment: the children's environment, with the COMMONPLACE_ variables that all of them share.
            folder: for `<name>.log` of each.
            processes: names from deploy/node/processes.py to the number of copies.
        """
        if unknown := set(processes) - {process.name for process in PROCESSES}:
            raise ValueError(f"no such process: {', '.join(sorted(unknown))}")
        self.folder = folder
        self.environment = environment
        public = {process.name: process.port for process in PROCESSES if process.port}
        kinds = [(kind, number) for kind in PROCESSES for number in range(processes.get(kind.name, 0))]
        ports = free_ports(len(public) + len(kinds))  # drawn together, so that no two are the same
        self._ports = dict(zip(public, ports[: len(public)], strict=True))
        told = {**environment, "PYTHONPATH": str(CHECKOUT)}
        for name, setting in public.items():
            told[f"{PREFIX}{setting.upper()}"] = str(self._ports[name])
        self.processes = [
            self._process(Copy(kind, number + 1, admin_port), told)
            for (kind, number), admin_port in zip(kinds, ports[len(public) :], strict=True)
        ]

    def __getitem__(self, name: str) -> RunningProcess:
        """Return a process by its name: `discussion`, or `discussion-2` for the second copy."""
        return next(process for process in self.processes if process.name == name)

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://127.0.0.1:{self._ports['gateway']}"

    @property
    def stream_url(self) -> str:
        """Where live events are."""
        return f"http://127.0.0.1:{self._ports['stream']}"

    def start(self) -> "Node":
        """Start every process and wait until all are ready."""
        for process in self.processes:
            process.start()
        for process in self.processes:
            process.wait_ready()
        return self

    def stop(self) -> None:
        """Stop every process as an operator would, doors first."""
        for process in reversed(self.processes):
            process.stop()

    def kill(self) -> None:
        """End every process as a power cut would."""
        for process in self.processes:
            process.kill()

    def logs(self, lines: int = 40) -> str:
        """Return the end of every process's log."""
        return "\n\n".join(f"{process.name}: {process.last_words(lines)}" for process in self.processes)

    def _process(self, copy: Copy, told: Mapping[str, str]) -> RunningProcess:
        command = Command(copy.name, copy.argv(sys.executable), {**told, **copy.environment()})
        return RunningProcess(copy.name, command, self.folder, copy.admin_port)
