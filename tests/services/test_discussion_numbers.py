"""What is told of a thread is numbered without gaps, whoever writes in it at the same moment, and in how many processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Caller
from shared.contracts.discussion import (
    AnswerAccepted,
    PostAdded,
    ThreadClosed,
    ThreadOpened,
    ThreadReopened,
)
from shared.errors import Conflict, Unavailable
from tests.services.discussion_room import Room, room
from tests.services.test_discussion_threads import accept, close, reopen

__all__ = ["room"]

NUMBERED = (ThreadOpened, PostAdded, AnswerAccepted, ThreadClosed, ThreadReopened)
WRITERS, POSTS = 6, 6


def numbers(room: Room, thread: str) -> list[int | None]:
    return [fact.number for contract in NUMBERED for fact in room.told(contract, thread)]


@contextmanager
def no_turn(_self: Turns, _thing: str) -> Iterator[None]:
    """As between two processes, which wait for nobody."""
    yield


def surely(ask: Callable[[], object]) -> None:
    """Ask again when others were quicker too often."""
    while True:
        try:
            ask()
        except Unavailable:
            continue
        return


def test_every_kind_that_webhooks_tell_of_counts(room: Room) -> None:
    community = room.community()
    ana, ben = room.newcomer(community), room.newcomer(community)
    thread = room.open_thread(ana, community).thread
    post = room.add_post(ben, thread).post
    accept(room, ana, thread, post, 1)
    close(room, ana, thread, 2)
    reopen(room, ana, thread, 3)
    room.add_post(ben, thread)
    with pytest.raises(Conflict):
        reopen(room, ana, thread, 4)
    assert numbers(room, thread) == [1, 2, 6, 3, 4, 5]


def test_a_thread_from_before_there_were_numbers_begins_with_one(room: Room) -> None:
    community = room.community()
    ana = room.newcomer(community)
    thread = room.open_thread(ana, community).thread
    room.store.database["threads"].update_one({"_id": thread}, {"$unset": {"told": ""}})
    room.add_post(ana, thread)
    room.add_post(ana, thread)
    assert [fact.number for fact in room.told(PostAdded, thread)] == [1, 2]


def test_nobody_gets_a_number_twice_and_none_is_left_out(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turns, "_take", no_turn)
    community = room.community()
    ana, *writers = (room.newcomer(community) for _ in range(WRITERS + 1))
    thread = room.open_thread(ana, community).thread

    def write(writer: Caller) -> None:
        written = 0
        while written < POSTS:
            try:
                surely(lambda: room.add_post(writer, thread))
            except Conflict:  # it is closed just now
                continue
            written += 1

    def close_and_reopen() -> None:
        for revision in range(1, 9, 2):
            surely(lambda revision=revision: close(room, ana, thread, revision))  # type: ignore[misc]
            surely(lambda revision=revision: reopen(room, ana, thread, revision + 1))  # type: ignore[misc]

    with ThreadPoolExecutor(WRITERS + 1) as everybody:
        done = [everybody.submit(write, writer) for writer in writers]
        done.append(everybody.submit(close_and_reopen))
        for one in done:
            one.result()
    told = numbers(room, thread)
    assert len(told) == 1 + WRITERS * POSTS + 8
    assert sorted(told, key=lambda number: number or 0) == list(range(1, len(told) + 1))
