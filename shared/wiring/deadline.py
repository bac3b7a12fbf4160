"""How long the work in hand may still take; what reads or writes the database is held to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import pymongo

_until: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Do the work inside in at most `seconds`; MongoDB's driver gives up by itself when they have passed."""
    token = _until.set(time.monotonic() + seconds)
    try:
        with pymongo.timeout(max(seconds, 0.001)):
            yield
    finally:
        _until.reset(token)


def left() -> float:
    """Seconds left for the work in hand; 0.0 when there is no deadline, so that nothing waits for ever."""
    until = _until.get()
    return 0.0 if until is None else max(0.0, until - time.monotonic())
