"""Turns: those who write to the same thread in one process wait for each other instead of colliding.

MongoDB fails, at once, a transaction that meets another's write; when many people post in one
thread, most of their transactions would only run to fail. Nothing depends on this for being right:
two processes still meet in the database, where one of them decides again, without losing its turn.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from shared.wiring import deadline
from shared.wiring.store import Stale

ATTEMPTS = 4
PAUSE = 0.003
"""Seconds, about what the winner of a collision needs to commit."""

T = TypeVar("T")


class _Turn:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted_by = 0


class Turns:
    """One turn at a time for each thing that is written to."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._door = threading.Lock()

    def run(self, thing: str, decide: Callable[[], T]) -> T:
        """Decide and commit when it is one's turn; again a few times when another process was quicker.

        Raises:
            Stale: it was quicker each time.
        """
        with self._take(thing):
            for _ in range(ATTEMPTS - 1):
                try:
                    return decide()
                except Stale:
                    time.sleep(PAUSE * random.uniform(0.5, 1.5))
            return decide()

    @contextmanager
    def _take(self, thing: str) -> Iterator[None]:
        """Have the turn inside, or go without it when there is no time left to wait."""
        with self._door:
            turn = self._turns.setdefault(thing, _Turn())
            turn.wanted_by += 1
        try:
            has_it = turn.lock.acquire(timeout=deadline.left() or -1)
            try:
                yield
            finally:
                if has_it:
                    turn.lock.release()
        finally:
            with self._door:
                turn.wanted_by -= 1
                if not turn.wanted_by:
                    del self._turns[thing]
