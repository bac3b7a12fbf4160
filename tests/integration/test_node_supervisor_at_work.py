"""A real supervisord under a node's configuration: what dies is started again, and is never given up."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.node.folder import NodeFolder
from deploy.node.ports import free_ports
from deploy.node.problems import NodeProblem
from deploy.node.server import Command
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.supervisor import Supervisor, configuration
from deploy.node.up import PATIENCE, bring_up, states
from tests.integration.test_node_up import silently

# A shell begins so quickly that supervisord never takes a life of it for a success.
# Where the tests were killed, it ends the supervisor, which would go on for ever.
DYING = f"""
kill -0 {os.getpid()} 2>/dev/null || kill "$PPID"
echo x >> began
[ -e may-live ] || {{ echo It may not live.; exit 1; }}
exec sleep 600
"""


class Stage:
    """A supervisor with one program, which dies at once until it may live."""

    def __init__(self, path: Path) -> None:
        self.folder = NodeFolder(path)
        self.path = path
        self.supervisor = Supervisor(self.folder)
        (port,) = free_ports(1)
        dying = Command("dying", ["/bin/sh", str(path / "dying.sh")])
        (path / "dying.sh").write_text(DYING)
        self.supervisor.start(configuration([dying], self.folder, port, self.supervisor.password()))

    def state(self) -> str:
        return str(self.supervisor.states()[0]["statename"])

    @property
    def lives(self) -> int:
        """How often the program has begun."""
        began = self.path / "began"
        return len(began.read_text().splitlines()) if began.exists() else 0

    def let_live(self) -> None:
        (self.path / "may-live").touch()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    one = Stage(tmp_path)
    try:
        yield one
    finally:
        one.supervisor.end()
        assert one.supervisor.leftovers() == []


def until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_dies_at_once_is_tried_again_by_itself(stage: Stage) -> None:
    stage.supervisor.start_programs(["dying"])
    until(lambda: stage.lives == 3, 10)
    stage.let_live()
    until(lambda: stage.state() == "RUNNING", 15)


def test_who_is_asked_to_start_does_not_wait_out_a_growing_pause(stage: Stage) -> None:
    stage.supervisor.start_programs(["dying"])
    until(lambda: stage.lives == 5 and stage.state() == "BACKOFF", 30)  # the next comes in five seconds
    stage.let_live()
    stage.supervisor.start_programs(["dying"])
    until(lambda: stage.lives == 6, 2)
    until(lambda: stage.state() == "RUNNING", 5)


def test_what_waits_to_be_tried_again_can_be_stopped(stage: Stage) -> None:
    stage.supervisor.start_programs(["dying"])
    until(lambda: stage.state() == "BACKOFF", 5)
    stage.supervisor.stop_programs(["dying"])
    assert stage.state() == "STOPPED"
    lives = stage.lives
    time.sleep(2.5)  # longer than the first two pauses
    assert stage.lives == lives
    stage.supervisor.stop_programs(["dying"])
    stage.let_live()
    stage.supervisor.start_programs(["dying"])
    until(lambda: stage.state() == "RUNNING", 5)


def test_a_process_that_keeps_dying_ends_the_wait_for_it_with_its_last_words(
    node_environment: dict[str, str], tmp_path: Path
) -> None:
    ports = [name.removeprefix(PREFIX).lower() for name, _ in NodeSettings().ports()]
    settings = NodeSettings(
        **dict(zip(ports, free_ports(len(ports)), strict=True)),
        broker=node_environment["COMMONPLACE_BROKER"],
        mongo=node_environment["COMMONPLACE_MONGO"],
        log_level="loud",
    )
    folder = NodeFolder(tmp_path)
    began = time.monotonic()
    try:
        with pytest.raises(
            NodeProblem, match=r"(?s)membership does not get ready; .*membership\.log.*log_level"
        ):
            bring_up(settings, folder, silently)
        assert time.monotonic() - began < PATIENCE
        found = {one.name: one for one in states(folder)}
        assert found["membership"].state in ("starting", "backoff") and not found["membership"].ready
    finally:
        Supervisor(folder).end()
