"""One open stream: what it has sent, what it has yet to send, and how far it is."""

import asyncio
from collections import deque
from datetime import datetime

from services.gateway.stream.position import (
    MOST_SENT,
    REACH,
    behind,
    place_of,
    read_position,
    write_position,
)
from shared.contracts.calls.notifications import Notification
from shared.wiring import metrics

MOST_WAITING = 1_000
"""Notifications that wait for a slow client, before it is let go to come back with its position."""

CROWDED = 200
"""Places above the floor, after which the floor is to be raised soon."""


class Stream:
    """A member's stream; all of it happens on the event loop.

    Args:
        member: whose inbox it shows.
        now: when it was opened. A new stream begins here: what was written before is in the inbox.
        last_event_id: where an earlier stream ended, to go on from there.

    Raises:
        NotAPosition: `last_event_id` was never given out.
    """

    def __init__(self, member: str, now: datetime, last_event_id: str | None) -> None:
        self.member = member
        self.is_ended = False
        self.is_full = False
        self.changed = asyncio.Event()
        self.caught_up = asyncio.Event()
        self._waiting: deque[tuple[datetime, bytes]] = deque()
        self._begins_at = 0
        if last_event_id is None:
            self._begins_at = place_of(now)
            self.floor = behind(self._begins_at)
            self._sent: set[int] = set()
        else:
            self.floor, sent = read_position(last_event_id, now)
            self._sent = set(sent)

    @property
    def is_crowded(self) -> bool:
        """Whether its position grows long, so that the floor should be raised."""
        return len(self._sent) > CROWDED

    def offer(self, place: int, notification: Notification, floor: int = 0) -> None:
        """Send this, unless it has been sent or was written before the stream began.

        A stream that cannot take it is full: it sends what waits and ends, and its client comes back for more.

        Args:
            place, notification: what, and where it stands in the inbox.
            floor: with this, everything up to there has been offered.
        """
        if self.is_ended or self.is_full:
            return
        is_new = place > self.floor and place not in self._sent
        if is_new and place >= self._begins_at and not self._has_room(place, floor):
            return
        if is_new:
            self._sent.add(place)
        self._lift(floor)
        if not is_new or place < self._begins_at:
            return
        position = write_position(self.floor, self._sent)
        frame = f"event: notification\nid: {position}\ndata: {notification.model_dump_json()}\n\n"
        self._waiting.append((notification.at, frame.encode()))
        self.changed.set()

    def raise_floor(self, floor: int) -> None:
        """Everything up to `floor` is sent or waiting."""
        self._lift(floor)
        self.caught_up.set()

    def _has_room(self, place: int, floor: int) -> bool:
        """Whether one more may wait, and a position can name it."""
        if place - max(floor, self.floor) >= REACH:
            return False  # a nudge that overtook the catching up, which brings it again
        above = len(self._sent)
        if above >= MOST_SENT:
            above = sum(1 for one in self._sent if one > floor)
        if len(self._waiting) < MOST_WAITING and above < MOST_SENT:
            return True
        self.is_full = True
        self.caught_up.set()
        self.changed.set()
        return False

    def _lift(self, floor: int) -> None:
        if floor > self.floor:
            self.floor = floor
            self._sent = {place for place in self._sent if place > floor}

    def end(self) -> None:
        """Send nothing more; the client comes back with the position of the last it got."""
        self.is_ended = True
        self.changed.set()

    def take(self) -> bytes:
        """What waits to be sent, as one piece; empty when nothing does. A full stream ends with it."""
        self.changed.clear()
        if self.is_ended:
            return b""
        self.is_ended = self.is_full
        frames = list(self._waiting)
        self._waiting.clear()
        if frames:
            metrics.STREAM_EVENTS.inc(len(frames))
            present = datetime.now(frames[0][0].tzinfo)
            for at, _ in frames:
                metrics.STREAM_DELAY.observe(max(0.0, (present - at).total_seconds()))
        return b"".join(frame for _, frame in frames)
