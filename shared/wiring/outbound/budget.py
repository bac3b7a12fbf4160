"""What one call may take altogether, in seconds and in bytes, however slowly or endlessly it is answered.

A timeout for each read does not end a server that sends one byte before each runs out; so the
connection asks the budget of the call in hand before every read and write.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from shared.wiring.outbound.failures import OutboundFailed

HEAD = 32_768
"""Bytes of status lines, headers and framing that an answer may have besides its body."""


class Budget:
    """What is left for one call.

    Args:
        seconds: from now, for everything: resolving, connecting, TLS, sending, reading.
        most_bytes: of the answer's body.
        anywhere: whether it may also go to addresses that are not the public's, because the operator said so.
    """

    def __init__(self, seconds: float, most_bytes: int, *, anywhere: bool = False) -> None:
        self.anywhere = anywhere
        self._until = time.monotonic() + seconds
        self._seconds = seconds
        self._bytes = most_bytes + HEAD
        self._most_bytes = most_bytes

    def seconds_left(self) -> float:
        """How many seconds are left, more than none.

        Raises:
            OutboundFailed: none are.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise OutboundFailed("timeout", f"There was no whole answer within {self._seconds:g} seconds.")
        return left

    def take(self, received: int) -> None:
        """Count bytes that were received.

        Raises:
            OutboundFailed: they are too many.
        """
        self._bytes -= received
        if self._bytes < 0:
            raise self.too_large()

    def too_large(self) -> OutboundFailed:
        """What to say when an answer does not end in time."""
        return OutboundFailed("too-large", f"The answer has more than {self._most_bytes:,} bytes.")


_in_hand: ContextVar[Budget] = ContextVar("outbound_budget")


@contextmanager
def spending(budget: Budget) -> Iterator[Budget]:
    """Hold everything inside to a budget."""
    token = _in_hand.set(budget)
    try:
        yield budget
    finally:
        _in_hand.reset(token)


def budget() -> Budget:
    """The budget of the call in hand."""
    return _in_hand.get()
