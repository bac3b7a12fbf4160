"""The streams that are open in this process, and how what they missed comes to them.

Nudges are quick and may be lost. So every stream also catches up from the inboxes: when it opens,
when the broker was away, and every fifteen seconds. What comes both ways is sent once (`Stream.offer`).
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import cast

import structlog

from services.gateway.stream.listener import Arrival
from services.gateway.stream.position import behind, place_of
from services.gateway.stream.stream import Stream
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import CatchUp, CatchUpAnswer, StreamPosition
from shared.errors import Refusal
from shared.wiring import metrics

log = structlog.get_logger()

EVERY = 15.0
SOON = 1.0
AT_ONCE = 500
ALIKE = timedelta(minutes=1)
"""Streams whose positions lie closer together than this are asked for together."""


class Full(Exception):
    """There are too many streams: of this member, or in all."""


class Hub:
    """Holds the open streams; used on the event loop only, but for `members`.

    Args:
        switchboard: asks the notifications service.
        most: streams in all.
        most_per_member: streams of one member.
    """

    def __init__(self, switchboard: Switchboard, most: int, most_per_member: int) -> None:
        self.switchboard = switchboard
        self.most = most
        self.most_per_member = most_per_member
        self.members: dict[str, list[Stream]] = {}
        self.is_closing = False
        self._count = 0
        self._due: set[Stream] = set()
        self._crowded: set[Stream] = set()
        self._wake = asyncio.Event()
        # Threads of its own: identities that are slow to be established must not keep it waiting.
        self._asking = ThreadPoolExecutor(1, "hub")
        metrics.STREAMS_MOST.set(most)

    def add(self, stream: Stream) -> None:
        """Take a stream in; it is caught up as soon as possible.

        Raises:
            Full: there is no room for it.
        """
        own = self.members.get(stream.member, [])
        if self.is_closing or self._count >= self.most or len(own) >= self.most_per_member:
            raise Full
        self.members.setdefault(stream.member, []).append(stream)
        self._count += 1
        metrics.STREAMS_OPEN.set(self._count)
        self._let_catch_up([stream])

    def remove(self, stream: Stream) -> None:
        """Let a stream go."""
        stream.end()
        self._due.discard(stream)
        own = self.members[stream.member]
        own.remove(stream)
        if not own:
            del self.members[stream.member]
        self._count -= 1
        metrics.STREAMS_OPEN.set(self._count)

    def arrive(self, arrivals: Iterable[Arrival]) -> None:
        """Offer what arrived to the streams of those whom it concerns."""
        for member, place, notification in arrivals:
            for stream in self.members.get(member, ()):
                stream.offer(place, notification)
                if stream.is_crowded:
                    self._relieve_soon(stream)

    def catch_up_all(self) -> None:
        """Nudges may have been missed: let every stream catch up."""
        self._let_catch_up(self._all())

    def close(self) -> None:
        """End every stream and take no more."""
        self.is_closing = True
        for stream in self._all():
            stream.end()

    async def run(self) -> None:
        """Keep the streams caught up, until cancelled."""
        clock = asyncio.get_running_loop().time
        next_round = clock() + EVERY
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0.0, next_round - clock()))
            self._wake.clear()
            if clock() >= next_round:
                next_round = clock() + EVERY
                self._due.update(self._all())
            due, self._due = self._due, set()
            for streams in alike(stream for stream in due if not stream.is_ended):
                await self._catch_up_patiently(streams)

    def _all(self) -> list[Stream]:
        return [stream for own in self.members.values() for stream in own]

    def _let_catch_up(self, streams: Iterable[Stream]) -> None:
        self._due.update(streams)
        self._wake.set()

    def _relieve_soon(self, stream: Stream) -> None:
        if not self._crowded:
            asyncio.get_running_loop().call_later(SOON, self._relieve)
        self._crowded.add(stream)

    def _relieve(self) -> None:
        crowded, self._crowded = self._crowded, set()
        self._let_catch_up(stream for stream in crowded if not stream.is_ended)

    async def _catch_up_patiently(self, streams: Sequence[Stream]) -> None:
        try:
            await self._catch_up(streams)
        except Refusal as refusal:
            log.warning("stream.cannot_catch_up", streams=len(streams), reason=refusal.sentence)
        except Exception as error:
            log.error("stream.catching_up_failed", streams=len(streams), exc_info=error)
        else:
            return
        asyncio.get_running_loop().call_later(SOON, self._let_catch_up, [*streams])

    async def _catch_up(self, streams: Sequence[Stream]) -> None:
        after: dict[str, int] = {}
        asking_for = frozenset(streams)
        for stream in streams:
            after[stream.member] = min(stream.floor, after.get(stream.member, stream.floor))
        behind_now = behind(place_of(datetime.now(UTC)))
        while True:
            positions = tuple(StreamPosition(member=member, after=place) for member, place in after.items())
            asking = partial(self._ask, CatchUp(caller=Caller(), positions=positions))
            answer = await asyncio.get_running_loop().run_in_executor(self._asking, asking)
            for item in answer.items:
                for stream in self.members.get(item.member, ()):
                    # Oldest first: of what these streams asked for, nothing before this is missing.
                    floor = min(behind_now, item.position) if stream in asking_for else 0
                    stream.offer(item.position, item.notification, floor)
            if all(stream.is_full or stream.is_ended for stream in streams):
                return
            if not answer.more:
                break
            after = {member: max(place, answer.until) for member, place in after.items()}
        for stream in streams:
            stream.raise_floor(behind(answer.until))

    def _ask(self, call: CatchUp) -> CatchUpAnswer:
        return cast(CatchUpAnswer, self.switchboard.ask(call))


def alike(streams: Iterable[Stream]) -> Iterator[list[Stream]]:
    """The streams in groups of those that are about equally far, each of at most 500 members."""
    ordered = sorted(streams, key=lambda stream: -stream.floor)
    group: list[Stream] = []
    members: set[str] = set()
    for stream in ordered:
        is_far = bool(group) and stream.floor < behind(group[0].floor, ALIKE)
        if is_far or (len(members) == AT_ONCE and stream.member not in members):
            yield group
            group, members = [], set()
        group.append(stream)
        members.add(stream.member)
    if group:
        yield group
