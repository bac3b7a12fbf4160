"""One process on this machine: started, stopped or killed, by this process or by a later one."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from deploy.node.problems import NodeProblem


@dataclass(frozen=True)
class Command:
    """What a supervisor, or a test, has to run to have a server: nothing else is asked of them."""

    name: str
    argv: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    folder: Path | None = None
    """Where it runs, when that matters to it."""


def session_members(session: int) -> list[int]:
    """Return the ids of the living processes of a session (a server and everything that it started)."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if (fields := _living(pid)) and int(fields[3]) == session]


def started_at(pid: int) -> str | None:
    """Return when a process was started (in the kernel's ticks), or None when it isn't running.

    With the pid it names a process for good: a pid alone is given again to others.
    """
    fields = _living(pid)
    return fields[19] if fields else None


def _living(pid: int) -> list[str] | None:
    """Return what the kernel tells of a process after its name (proc(5), `stat`), or None when it has ended.

    One that was killed counts as living until its last thread is gone, since until then it holds its ports.
    """
    folder = Path(f"/proc/{pid}")
    try:
        # The name of the program, in brackets, may hold anything: read after its end.
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        ended = fields[0] in "ZX" and len(list((folder / "task").iterdir())) <= 1
    except OSError:
        return None
    return None if ended else fields


class ServerProcess:
    """A command that runs in a session of its own, known by a file, so that a later process can end it."""

    def __init__(self, command: Command, folder: Path) -> None:
        """Take what to run, and the folder for its `<name>.json` (who runs) and `<name>.log`."""
        self.command = command
        self.note = folder / f"{command.name}.json"
        self.log = folder / f"{command.name}.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The id of the running process, or None."""
        try:
            noted = json.loads(self.note.read_text())
        except (FileNotFoundError, ValueError):
            return None
        pid = int(noted["pid"])
        return pid if started_at(pid) == noted["started_at"] else None

    @property
    def exit_code(self) -> int | None:
        """How the process that we started ended: 0 when well, -9 when killed; None while it runs."""
        return self._child.poll() if self._child else None

    def start(self) -> None:
        """Run the command unless it runs already; does not wait until it is ready."""
        if self.pid is not None:
            return
        self.note.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self.command.argv, env=self.command.environment, cwd=self.command.folder or self.note.parent,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.note.write_text(json.dumps({"pid": self._child.pid, "started_at": started_at(self._child.pid)}))

    def stop(self, patience: float = 30.0) -> None:
        """Ask it to end (SIGTERM), and kill whatever is left after `patience` seconds."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while session_members(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
            self._reap()
        self._kill_session(pid)

    def kill(self) -> None:
        """End it and everything it started as a power cut would (SIGKILL)."""
        pid = self.pid
        if pid is not None:
            self._kill_session(pid)

    def last_words(self, lines: int = 15) -> str:
        """Return the end of its log, for a person who wonders why it died."""
        said = self.log.read_text(errors="replace").splitlines()[-lines:] if self.log.exists() else []
        return "\n".join([f"the end of {self.log} says:", *said])

    def _kill_session(self, pid: int) -> None:
        deadline = time.monotonic() + 10
        while members := session_members(pid):
            for member in members:
                try:
                    os.kill(member, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it ended while we looked
            self._reap()
            if time.monotonic() > deadline:
                raise NodeProblem(f"{self.command.name} (process {pid}) could not be killed.")
            time.sleep(0.02)
        self.note.unlink(missing_ok=True)

    def _reap(self) -> None:
        """Collect our own child when it has ended, so that it doesn't stay as a zombie."""
        if self._child is not None:
            self._child.poll()
