"""Calls by an operator's command: patient where a service is away, and one sentence when it stays away."""

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from deploy.node.problems import NodeProblem
from shared.contracts.calls.call import Call, Caller
from shared.errors import Unavailable

A = TypeVar("A", bound=BaseModel)

OPERATOR = Caller(operator=True)
SECONDS_FOR_A_CALL = 20.0
LONGEST_PAUSE = 5.0


class Line(Protocol):
    """What calls are made through: the switchboard."""

    def ask(self, call: Call, timeout: float | None = None) -> BaseModel:
        """Make a call and read its answer."""


class Asking:
    """Makes calls again while they are `Unavailable`; so only such calls as may be repeated. Safe for threads.

    Args:
        line: what they are made through.
        patience: seconds after which to give up, counted anew for every call.
        sleep: how to wait.
    """

    def __init__(
        self, line: Line, patience: float = 120.0, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._line = line
        self._patience = patience
        self._sleep = sleep

    def ask(self, call: Call, answer: type[A]) -> A:
        """Make a call.

        Args:
            call: what is asked.
            answer: what its answer is read as.

        Raises:
            Refusal: any but `Unavailable`.
            NodeProblem: when it was `Unavailable` for longer than there is patience.
        """
        until = time.monotonic() + self._patience
        pause = 0.25
        while True:
            try:
                return _as(answer, self._line.ask(call, timeout=SECONDS_FOR_A_CALL))
            except Unavailable as refusal:
                if time.monotonic() + pause > until:
                    raise NodeProblem(
                        f"The node did not answer for {self._patience:.0f} s ({refusal.sentence}). What was done stays; "
                        "the same command goes on from there."
                    ) from None
            self._sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)


def _as(answer: type[A], got: Any) -> A:
    if not isinstance(got, answer):
        raise TypeError(f"{type(got).__name__} is no {answer.__name__}")
    return got
