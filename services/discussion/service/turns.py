"""Turns: those who write to the same thread in one process wait for each other instead of colliding.

MongoDB fails, at once, a transaction that meets another's write; when many people post in one
thread, most of their transactions would only run to fail. Nothing depends on this for being right:
two processes still meet in the database, where one of them decides again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from shared.wiring import deadline


class _Turn:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted_by = 0


class Turns:
    """One turn at a time for each thing that is written to."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}
        self._door = threading.Lock()

    @contextmanager
    def take(self, thing: str) -> Iterator[None]:
        """Do what is inside when it is one's turn, or when there is no time left to wait for it."""
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
