"""Waiting for what happens soon, but not at once."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Return as soon as the condition holds; fail when it still does not after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{getattr(condition, '__name__', 'it')} did not become true"
        time.sleep(0.1)
