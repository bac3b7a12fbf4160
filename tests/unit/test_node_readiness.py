"""What a process says of itself reaches whoever asks how the node is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.node.ports import free_ports
from deploy.node.readiness import is_ready, why_none_ready, why_not_ready
from shared.wiring.admin import Checks, start_admin


@contextmanager
def process(checks: Checks) -> Iterator[int]:
    """The admin port of a process with these checks."""
    (port,) = free_ports(1)
    stop = start_admin("127.0.0.1", port, checks)
    try:
        yield port
    finally:
        stop()


def test_who_is_ready_has_no_reason() -> None:
    with process({"database": lambda: None}) as port:
        assert why_not_ready(port) is None and is_ready(port)


def test_the_reasons_are_those_of_the_process() -> None:
    with process({"database": lambda: "MongoDB does not answer.", "broker": lambda: None}) as port:
        assert why_not_ready(port) == "database: MongoDB does not answer." and not is_ready(port)


def test_who_does_not_answer_is_not_ready() -> None:
    (port,) = free_ports(1)
    assert "does not answer" in str(why_not_ready(port))


def slow() -> str:
    time.sleep(1)
    return "MongoDB does not answer."


def test_many_are_asked_at_the_same_time_and_waited_for_so_long_only() -> None:
    with process({"database": slow}) as one, process({"database": slow}) as other:
        assert "says nothing within" in str(why_not_ready(one, 0.2))
        began = time.monotonic()
        assert set(why_none_ready([one, other]).values()) == {"database: MongoDB does not answer."}
        assert time.monotonic() - began < 1.9
