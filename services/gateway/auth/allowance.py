"""So many in a minute and no more, counted in this process; the answer's headers say how many are left.

Source: draft-ietf-httpapi-ratelimit-headers-11 (`RateLimit-Policy`, `RateLimit`).
"""

import math
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
    """Counts by key, each in minutes that begin with its first one. Safe for threads.

    Args:
        per_minute: how many each key may have; 0 for no end.
        clock: seconds that only grow.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.policy = f'"minute";q={per_minute};w={WINDOW}'
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[Hashable, tuple[float, int]] = {}

    def take(self, key: Hashable) -> Left:
        """Count one."""
        now = self._clock()
        with self._lock:
            began, taken = self._taken.get(key, (now, 0))
            if now - began >= WINDOW:
                began, taken = now, 0
                del self._taken[key]
            elif not taken and len(self._taken) >= MOST_KEYS:
                del self._taken[next(iter(self._taken))]
            self._taken[key] = (began, taken + 1)
        return self._left(now, began, taken + 1)

    def left(self, key: Hashable) -> Left:
        """Look without counting."""
        now = self._clock()
        began, taken = self._taken.get(key, (now, 0))
        return self._left(now, began, taken) if now - began < WINDOW else self._left(now, now, 0)

    def _left(self, now: float, began: float, taken: int) -> Left:
        return Left(self.per_minute - taken, math.ceil(WINDOW - (now - began)))


def headers(allowance: Allowance, left: Left) -> tuple[tuple[str, str], tuple[str, str]]:
    """The headers that tell a caller where they stand."""
    return (
        ("RateLimit-Policy", allowance.policy),
        ("RateLimit", f'"minute";r={max(0, left.remaining)};t={left.reset}'),
    )
