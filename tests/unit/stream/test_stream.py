"""A stream says nothing twice and leaves nothing out, whichever way it comes."""

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.stream.hub import AT_ONCE, SOON, Full, Hub, alike
from services.gateway.stream.listener import Arrival, arrivals_for
from services.gateway.stream.position import MOST_SENT, behind, place_of, write_position
from services.gateway.stream.stream import CROWDED, MOST_WAITING, Stream
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call
from shared.contracts.calls.notifications import CatchUp, CatchUpAnswer, Notification, StreamedNotification
from shared.contracts.notifications import Nudge, Reached
from shared.contracts.vocabulary import NotificationKind, Reason
from shared.errors import Unavailable

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MEMBER, OTHER = "a" * 24, "b" * 24
START = place_of(NOON)


def notification(number: int = 0, at: datetime = NOON) -> Notification:
    return Notification(
        notification=f"post.{number:024x}.{MEMBER}",
        community="c" * 24,
        community_title="Falls",
        kind=NotificationKind.POST_ADDED,
        title="Line one\N{LINE SEPARATOR}still one",
        by="Ana",
        reasons=(Reason.YOU_FOLLOW,),
        link="/v1/posts/x",
        at=at,
        read_at=None,
    )


def frames(piece: bytes) -> list[dict[str, str]]:
    """The events in what a stream sends."""
    events = [block for block in piece.decode().split("\n\n") if block]
    return [dict(line.split(": ", 1) for line in event.split("\n")) for event in events]


def numbers(piece: bytes) -> list[int]:
    return [int(json.loads(frame["data"])["notification"].split(".")[1], 16) for frame in frames(piece)]


def test_an_event_is_one_of_each_line() -> None:
    stream = Stream(MEMBER, NOON, None)
    stream.offer(START + 1, notification())
    (frame,) = frames(stream.take())
    assert set(frame) == {"event", "id", "data"}
    assert frame["event"] == "notification"
    assert stream.take() == b""


def test_what_was_written_before_the_stream_began_is_not_sent() -> None:
    stream = Stream(MEMBER, NOON, None)
    stream.offer(START - 1, notification(1))
    stream.offer(behind(START, timedelta(hours=1)), notification(2))
    stream.offer(START, notification(3))
    assert numbers(stream.take()) == [3]


def test_nothing_is_sent_twice() -> None:
    stream = Stream(MEMBER, NOON, None)
    for _ in range(3):
        stream.offer(START + 7, notification(7))
        stream.raise_floor(behind(START + 7))
    assert numbers(stream.take()) == [7]


@given(st.data())
def test_over_any_reconnections_everything_comes_once(data: st.DataObject) -> None:
    """Rows become readable out of order, nudges get lost, the stream breaks: in the end each row came once."""
    clock = NOON
    rows: dict[int, int] = {}
    received: list[int] = []
    stream = Stream(MEMBER, clock, None)
    last_id: str | None = None
    for number in range(data.draw(st.integers(1, 25))):
        clock += timedelta(milliseconds=data.draw(st.integers(1, 3_000)))
        late_by = data.draw(st.integers(0, min(4_000, int((clock - NOON).total_seconds() * 1000) - 1)))
        place = place_of(clock - timedelta(milliseconds=late_by)) + number
        rows[place] = number
        if data.draw(st.booleans()):
            stream.offer(place, notification(number))
        happens = data.draw(st.sampled_from(["nothing", "catches up", "breaks"]))
        if happens == "breaks":
            sent = frames(stream.take())
            received += [int(json.loads(one["data"])["notification"].split(".")[1], 16) for one in sent]
            last_id = sent[-1]["id"] if sent else last_id
            if last_id is not None:
                stream = Stream(MEMBER, clock, last_id)
        if happens != "nothing":
            _catch_up(stream, rows.items(), clock)
    clock += timedelta(seconds=20)
    _catch_up(stream, rows.items(), clock)
    received += numbers(stream.take())
    assert sorted(received) == sorted(rows.values())


def _catch_up(stream: Stream, rows: Iterable[tuple[int, int]], clock: datetime) -> None:
    for place, number in sorted(rows):
        if place > stream.floor:
            stream.offer(place, notification(number))
    stream.raise_floor(behind(place_of(clock)))


def test_a_client_that_is_too_slow_is_let_go_with_what_waits_and_its_position() -> None:
    stream = Stream(MEMBER, NOON, None)
    for number in range(MOST_WAITING + 1):
        stream.offer(START + number, notification(number), floor=START + number)
    assert not stream.is_ended
    assert numbers(stream.take()) == list(range(MOST_WAITING))
    assert stream.is_ended
    assert stream.take() == b""


def test_rather_than_forget_what_was_sent_a_stream_ends() -> None:
    stream = Stream(MEMBER, NOON, None)
    for number in range(MOST_SENT + 1):
        stream.offer(START + number, notification(number))
    sent = frames(stream.take())
    assert stream.is_ended
    back = Stream(MEMBER, NOON, sent[-1]["id"])
    for number in range(MOST_SENT):
        back.offer(START + number, notification(number), floor=START + number)
    assert back.take() == b""
    back.offer(START + MOST_SENT, notification(MOST_SENT))
    assert numbers(back.take()) == [MOST_SENT]


def test_a_nudge_too_far_above_the_floor_waits_for_the_catching_up() -> None:
    last_id = write_position(place_of(NOON - timedelta(days=5)), ())
    stream = Stream(MEMBER, NOON, last_id)
    stream.offer(START + 1, notification(1))
    assert stream.take() == b""
    stream.offer(START + 1, notification(1), floor=behind(START))
    assert numbers(stream.take()) == [1]


def nudge(*groups: Reached) -> Nudge:
    return Nudge(
        thing="post." + "d" * 24,
        community="c" * 24,
        community_title="Falls",
        kind=NotificationKind.THREAD_OPENED,
        title="Hip protectors?",
        by="Ana",
        link="/v1/threads/x",
        at=NOON,
        position=START + 1,
        reached=groups,
    )


def test_of_a_nudge_only_what_concerns_open_streams_is_taken() -> None:
    follows = Reached(reasons=(Reason.YOU_FOLLOW,), members=(MEMBER, "e" * 24))
    asked = Reached(reasons=(Reason.YOU_ASKED, Reason.YOU_FOLLOW), members=(OTHER,))
    arrivals = arrivals_for(nudge(follows, asked), {MEMBER, OTHER})
    assert [arrival.member for arrival in arrivals] == [MEMBER, OTHER]
    assert arrivals[0].notification.notification == f"post.{'d' * 24}.{MEMBER}"
    assert arrivals[1].notification.reasons == (Reason.YOU_ASKED, Reason.YOU_FOLLOW)


class Answering(Switchboard):
    """Answers catching up from a list of rows, or refuses."""

    def __init__(self, *rows: tuple[str, int], at_once: int = 2) -> None:
        self.rows = rows
        self.at_once = at_once
        self.asked: list[CatchUp] = []
        self.is_down = False
        self.failure: Exception = Unavailable("Not now.")

    def ask(self, call: Call, timeout: float | None = None) -> CatchUpAnswer:
        assert isinstance(call, CatchUp)
        self.asked.append(call)
        if self.is_down:
            raise self.failure
        after = {one.member: one.after for one in call.positions}
        ready = [row for row in self.rows if row[0] in after and row[1] > after[row[0]]]
        items = tuple(
            StreamedNotification(member=member, position=place, notification=notification(place - START))
            for member, place in sorted(ready, key=lambda row: row[1])[: self.at_once]
        )
        more = len(ready) > self.at_once
        return CatchUpAnswer(items=items, until=items[-1].position if more else START + 10, more=more)


def test_a_new_stream_is_caught_up_at_once_in_as_many_parts_as_it_takes() -> None:
    async def story() -> None:
        switchboard = Answering(*[(MEMBER, START + number) for number in range(1, 6)])
        hub = Hub(switchboard, 10, 5)
        keeping = asyncio.create_task(hub.run())
        stream = Stream(MEMBER, NOON, None)
        hub.add(stream)
        await asyncio.wait_for(stream.caught_up.wait(), 2)
        assert numbers(stream.take()) == [1, 2, 3, 4, 5]
        assert len(switchboard.asked) == 3
        keeping.cancel()

    asyncio.run(story())


def test_however_much_was_missed_it_comes_once_over_some_reconnections() -> None:
    async def story() -> None:
        missed = 2 * MOST_WAITING + 300
        switchboard = Answering(*[(MEMBER, START + number) for number in range(1, missed + 1)], at_once=700)
        hub = Hub(switchboard, 10, 5)
        keeping = asyncio.create_task(hub.run())
        received: list[int] = []
        last_id = write_position(START, ())
        for _ in range(3):
            stream = Stream(MEMBER, NOON, last_id)
            hub.add(stream)
            await asyncio.wait_for(stream.caught_up.wait(), 2)
            piece = stream.take()
            received += numbers(piece)
            last_id = frames(piece)[-1]["id"]
            hub.remove(stream)
        assert received == list(range(1, missed + 1))
        keeping.cancel()

    asyncio.run(story())


def test_a_crowded_stream_is_caught_up_once_a_second() -> None:
    async def story() -> None:
        switchboard = Answering()
        hub = Hub(switchboard, 10, 5)
        keeping = asyncio.create_task(hub.run())
        stream = Stream(MEMBER, NOON, None)
        hub.add(stream)
        await asyncio.wait_for(stream.caught_up.wait(), 2)
        for number in range(CROWDED + 50):
            hub.arrive([Arrival(MEMBER, START + number, notification(number))])
            await asyncio.sleep(0.001)
        assert len(switchboard.asked) == 1
        await asyncio.sleep(SOON + 0.2)
        assert len(switchboard.asked) == 2
        keeping.cancel()

    asyncio.run(story())


@pytest.mark.parametrize("failure", [Unavailable("Not now."), ValueError("an answer that cannot be read")])
def test_when_nobody_answers_it_is_asked_again_soon(failure: Exception) -> None:
    async def story() -> None:
        switchboard = Answering((MEMBER, START + 1))
        switchboard.failure = failure
        switchboard.is_down = True
        hub = Hub(switchboard, 10, 5)
        keeping = asyncio.create_task(hub.run())
        stream = Stream(MEMBER, NOON, None)
        hub.add(stream)
        await asyncio.sleep(0.1)
        assert not stream.caught_up.is_set()
        switchboard.is_down = False
        await asyncio.wait_for(stream.caught_up.wait(), 3)
        assert numbers(stream.take()) == [1]
        keeping.cancel()

    asyncio.run(story())


def test_there_is_room_for_so_many_streams_and_for_so_many_of_a_member() -> None:
    async def story() -> None:
        hub = Hub(Answering(), 3, 2)
        mine = [Stream(MEMBER, NOON, None) for _ in range(2)]
        for stream in mine:
            hub.add(stream)
        with pytest.raises(Full):
            hub.add(Stream(MEMBER, NOON, None))
        hub.add(Stream(OTHER, NOON, None))
        with pytest.raises(Full):
            hub.add(Stream("f" * 24, NOON, None))
        hub.remove(mine[0])
        hub.add(Stream("f" * 24, NOON, None))
        hub.arrive([Arrival(MEMBER, START + 1, notification(1))])
        assert numbers(mine[1].take()) == [1]
        hub.close()
        assert mine[1].is_ended
        with pytest.raises(Full):
            hub.add(Stream(MEMBER, NOON, None))

    asyncio.run(story())


def test_streams_far_apart_are_asked_for_apart() -> None:
    fresh = [Stream(f"{number:024x}", NOON, None) for number in range(AT_ONCE + 1)]
    behind_by_an_hour = Stream(MEMBER, NOON - timedelta(hours=1), None)
    groups = list(alike([behind_by_an_hour, *fresh]))
    assert [len(group) for group in groups] == [AT_ONCE, 1, 1]
    assert groups[-1] == [behind_by_an_hour]
