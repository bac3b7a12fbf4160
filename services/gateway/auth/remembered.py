"""What was found out a moment ago, so that not every request asks again; bounded in time and in number."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by key, each for a while; the oldest goes when there are too many. Safe for threads.

    Args:
        seconds: how long a value is believed.
        most: how many values are kept.
        clock: seconds that only grow.
    """

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self.most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable) -> T | None:
        """The value, unless it is unknown or too old."""
        held = self._values.get(key)
        return held[1] if held and self._clock() < held[0] else None

    def seconds_left(self, key: Hashable) -> float:
        """For how long the value will still be believed; 0 when it is unknown or too old."""
        held = self._values.get(key)
        return max(0.0, held[0] - self._clock()) if held else 0.0

    def drop(self, key: Hashable) -> None:
        """Forget a value."""
        with self._lock:
            self._values.pop(key, None)

    def put(self, key: Hashable, value: T, at_most: float | None = None) -> T:
        """Keep `value` for the usual time, or for `at_most` seconds when that is shorter; returns it."""
        seconds = self.seconds if at_most is None else min(self.seconds, at_most)
        with self._lock:
            self._values.pop(key, None)
            while len(self._values) >= self.most:
                del self._values[next(iter(self._values))]
            self._values[key] = (self._clock() + seconds, value)
        return value
