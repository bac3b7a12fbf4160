"""Catching up: what came after a position, for many streams at once, in parts that miss nothing."""

from datetime import timedelta

import pytest

from services.notifications.domain.inbox import first_position
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import (
    CatchUp,
)
from shared.errors import NotAllowed
from shared.wiring.store import new_id, now
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def test_catching_up_gives_each_member_what_came_after_their_position(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    room.hear(*(room.thread_opened(ana) for _ in range(3)))
    everything = room.caught_up({ben: 0, cay: 0})
    assert not everything.more
    bens = [item for item in everything.items if item.member == ben]
    assert [item.position for item in bens] == sorted(item.position for item in bens)
    assert [item.notification for item in bens] == list(reversed(room.inbox(ben)))
    middle = bens[1].position
    later = room.caught_up({ben: middle, cay: first_position(now() + timedelta(minutes=1))})
    assert [(item.member, item.position) for item in later.items] == [(ben, bens[2].position)]
    assert everything.until <= later.until


def test_catching_up_in_parts_misses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifications.service.inbox.MOST_CAUGHT_UP", 7)
    room.start()
    ana, *others = [room.joins() for _ in range(5)]
    for _ in range(6):
        room.hear(room.thread_opened(ana))
    after = dict.fromkeys(others, 0)
    found: list[tuple[str, int]] = []
    for _ in range(50):
        answer = room.caught_up(after)
        found += [(item.member, item.position) for item in answer.items]
        after = dict.fromkeys(others, answer.until)
        if not answer.more:
            break
    assert len(found) == len(set(found)) == 24


def test_only_the_node_itself_catches_up_for_many(room: Room) -> None:
    with pytest.raises(NotAllowed):
        room.service.catch_up(CatchUp(caller=Caller(member=new_id()), positions=()))
