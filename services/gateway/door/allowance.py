"""So many in a minute and no more, counted in this process; the answer's headers say how many are left.

Source: draft-ietf-httpapi-ratelimit-headers-11 (`RateLimit-Policy`, `RateLimit`).
"""

import threading
import time
from collections.abc import Callable, Hashable
from typing import NamedTuple

WINDOW = 60
MOST_KEYS = 100_000


class Left(NamedTuple):
    """How many are left, below 0 when it was too many, and the seconds until the allowance is whole again."""

    remaining: int
    reset: int


class Allowance:
    """Counts by key in fixed windows of a minute. Safe for threads.

    Args:
        per_minute: how many each key may have; 0 for no end.
        clock: seconds that only grow.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.policy = f'"minute";q={per_minute};w={WINDOW}'
        self._clock = clock
        self._lock = threading.Lock()
        self._window = -1
        self._taken: dict[Hashable, int] = {}

    def take(self, key: Hashable) -> Left:
        """Count one."""
        return self._count(key, 1)

    def left(self, key: Hashable) -> Left:
        """Look without counting."""
        return self._count(key, 0)

    def _count(self, key: Hashable, amount: int) -> Left:
        window, into = divmod(self._clock(), WINDOW)
        with self._lock:
            if window != self._window or len(self._taken) >= MOST_KEYS:
                self._window = int(window)
                self._taken.clear()
            taken = self._taken.get(key, 0) + amount
            if amount:
                self._taken[key] = taken
        return Left(self.per_minute - taken, WINDOW - int(into))


def headers(allowance: Allowance, left: Left) -> tuple[tuple[str, str], tuple[str, str]]:
    """The headers that tell a caller where they stand."""
    return (
        ("RateLimit-Policy", allowance.policy),
        ("RateLimit", f'"minute";r={max(0, left.remaining)};t={left.reset}'),
    )
