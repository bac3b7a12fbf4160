"""How far a stream is, as the text that a client keeps and gives back as `Last-Event-ID`.

A position says: everything up to `floor` was sent, and of what stands above it exactly `sent`. The
numbers are places in the member's inbox, which grow with time. The floor lies some seconds behind
the present, because two processes write inboxes and their clocks and writes may cross; so what
arrives late below the newest is still sent, and nothing is sent twice.
"""

import base64
import binascii
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from shared.contracts.calls.notifications import POSITION_BITS

VERSION = b"\x01"
FLOOR_BYTES = 8
STEP_BYTES = 6
REACH = 1 << (8 * STEP_BYTES)
"""Places above the floor that a position can name: some three days."""

MOST_SENT = 500
"""Places above the floor in one position; four kilobytes of it as text."""

LONGEST = 4 * -(-(1 + FLOOR_BYTES + STEP_BYTES * MOST_SENT) // 3)
MARGIN = timedelta(seconds=5)
"""How late a row may be readable, after the moment that its place in the inbox names."""

LONGEST_BACK = timedelta(days=7)
"""How far back a stream goes on; the inbox has the rest."""

SLIGHTLY_AHEAD = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class NotAPosition(ValueError):
    """What came as `Last-Event-ID` was never given out by a stream."""


def place_of(moment: datetime) -> int:
    """The first place of a moment."""
    return ((moment - EPOCH) // MILLISECOND) << POSITION_BITS


def behind(place: int, by: timedelta = MARGIN) -> int:
    """The place that lies `by` before `place`."""
    return max(0, place - (by // MILLISECOND << POSITION_BITS))


def write_position(floor: int, sent: Collection[int]) -> str:
    """The text for a position: the floor, and at most `MOST_SENT` places within `REACH` above it.

    Raises:
        ValueError: there are more, or one lies elsewhere; a position that leaves some out would repeat them.
    """
    if len(sent) > MOST_SENT or any(not 0 < place - floor < REACH for place in sent):
        raise ValueError("no position can say this")
    packed = b"".join((place - floor).to_bytes(STEP_BYTES, "big") for place in sorted(sent))
    return (
        base64.urlsafe_b64encode(VERSION + floor.to_bytes(FLOOR_BYTES, "big") + packed).decode().rstrip("=")
    )


def read_position(text: str, now: datetime) -> tuple[int, frozenset[int]]:
    """The floor and the places sent above it, as `write_position` wrote them.

    Args:
        text: as the client gave it.
        now: a floor in the future was never given out; one longer ago than a week is brought forward.

    Raises:
        NotAPosition: no stream has written this.
    """
    try:
        if len(text) > LONGEST:
            raise NotAPosition
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAPosition from error
    start = len(VERSION) + FLOOR_BYTES
    steps = packed[start:]
    if packed[: len(VERSION)] != VERSION or len(packed) < start or len(steps) % STEP_BYTES:
        raise NotAPosition
    floor = int.from_bytes(packed[len(VERSION) : start], "big")
    if floor > place_of(now + SLIGHTLY_AHEAD):
        raise NotAPosition
    sent = frozenset(
        floor + int.from_bytes(steps[begin : begin + STEP_BYTES], "big")
        for begin in range(0, len(steps), STEP_BYTES)
    )
    earliest = place_of(now - LONGEST_BACK)
    return (
        (floor, sent) if floor >= earliest else (earliest, frozenset(one for one in sent if one > earliest))
    )
