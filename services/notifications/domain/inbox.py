"""The order of an inbox, as numbers that grow with time.

A position is one 63-bit number: the millisecond in which a row was written in the upper 43 bits, 20
bits of the deed's own in the lower, so that what two processes write in one millisecond does not
stand in the same place; and a process gives none out twice (`Positions`). It is what an inbox is sorted by, where a page goes on, and how far a stream is. It counts from the
writing, not from the deed, so that a late row is new and not hidden under what was read before.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from shared.contracts.calls.notifications import POSITION_BITS

OWN = (1 << POSITION_BITS) - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LARGEST = (1 << 63) - 1


def position_of(deed: str, written_at: datetime) -> int:
    """Where rows written at `written_at` because of the deed with id `deed` stand in their inboxes."""
    own = int.from_bytes(blake2b(deed.encode(), digest_size=4).digest(), "big") & OWN
    return first_position(written_at) | own


class Positions:
    """Gives out positions in the order of asking, each once: one for a process."""

    def __init__(self) -> None:
        self._last = 0

    def take(self, deed: str, written_at: datetime) -> int:
        """Where rows stand that are about to be written: after all that was given out before."""
        self._last = max(self._last + 1, position_of(deed, written_at))
        return self._last


def first_position(moment: datetime) -> int:
    """The lowest position of a millisecond; nothing stands before 1970, so what was earlier stands there too."""
    return max(0, (moment - EPOCH) // MILLISECOND) << POSITION_BITS


def last_position(moment: datetime) -> int:
    """The highest position of a millisecond."""
    return first_position(moment) | OWN


def moment_of(position: int) -> datetime:
    """The millisecond in which what stands at `position` was written."""
    return EPOCH + (position >> POSITION_BITS) * MILLISECOND
