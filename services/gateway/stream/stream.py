"""One open stream: what it has sent, what it has yet to send, and how far it is."""

import asyncio
from collections import deque
from datetime import datetime

from services.gateway.stream.position import behind, place_of, read_position, write_position
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

    def offer(self, place: int, notification: Notification) -> None:
        """Send this, unless it has been sent or was written before the stream began."""
        if self.is_ended or place <= self.floor or place in self._sent:
            return
        self._sent.add(place)
        if place < self._begins_at:
            return
        position = write_position(self.floor, self._sent)
        frame = f"event: notification\nid: {position}\ndata: {notification.model_dump_json()}\n\n"
        self._waiting.append((notification.at, frame.encode()))
        if len(self._waiting) > MOST_WAITING:
            self.end()
        self.changed.set()

    def raise_floor(self, floor: int) -> None:
        """Everything up to `floor` is sent or waiting."""
        if floor > self.floor:
            self.floor = floor
            self._sent = {place for place in self._sent if place > floor}
        self.caught_up.set()

    def end(self) -> None:
        """Send nothing more; the client comes back with the position of the last it got."""
        self.is_ended = True
        self.changed.set()

    def take(self) -> bytes:
        """What waits to be sent, as one piece; empty when nothing does."""
        self.changed.clear()
        if self.is_ended:
            return b""
        frames = list(self._waiting)
        self._waiting.clear()
        if frames:
            metrics.STREAM_EVENTS.inc(len(frames))
            present = datetime.now(frames[0][0].tzinfo)
            for at, _ in frames:
                metrics.STREAM_DELAY.observe(max(0.0, (present - at).total_seconds()))
        return b"".join(frame for _, frame in frames)
