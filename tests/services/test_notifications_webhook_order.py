"""Webhooks are told of a thread in the order in which it was done, though facts come in any order."""

from datetime import timedelta
from itertools import pairwise

import pytest

from services.notifications.domain.delivery import HELD, SETTLING
from services.notifications.service.sending import Sender
from shared.wiring.store import now
from tests.e2e.receivers import Receiver, receiver
from tests.services.notifications_room import Room, room
from tests.services.test_notifications_webhooks import carried, home_of, sender, webhook_of

__all__ = ["room", "sender"]


def told(there: Receiver) -> list[str | None]:
    return [received.event["data"]["post"] for received in there.received]


def test_what_is_heard_early_waits_for_what_was_done_before(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana, number=1)
        posts = [room.post_added(opened, ana, number=number) for number in range(2, 6)]
        other = room.thread_opened(ana, number=1)
        room.hear(opened, *posts[2:], other)
        carried(room, sender, SETTLING)
        assert told(there) == [None, None], "each thread's opening, and nothing behind the gap"
        room.hear(posts[1])
        carried(room, sender, SETTLING)
        assert len(there.received) == 2
        room.hear(posts[0])
        carried(room, sender, SETTLING)
        assert told(there)[2:] == [post.post for post in posts]


def test_the_number_decides_when_two_clocks_disagree(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana, number=1)
        moments = [now() - timedelta(milliseconds=10 * number) for number in range(4)]
        posts = [
            room.post_added(opened, ana, at=at, number=number) for number, at in enumerate(moments, start=2)
        ]
        assert all(later.at < earlier.at for earlier, later in pairwise(posts))
        room.hear(*reversed(posts), opened)
        carried(room, sender, SETTLING)
        assert told(there) == [None, *(post.post for post in posts)]


def test_what_never_comes_holds_a_thread_for_minutes_only(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana, number=1)
        room.hear(opened, room.post_added(opened, ana, number=3))
        carried(room, sender, SETTLING)
        assert len(there.received) == 1
        carried(room, sender, SETTLING + HELD - timedelta(seconds=30))
        assert len(there.received) == 1
        carried(room, sender, SETTLING + HELD + timedelta(seconds=1))
        assert len(there.received) == 2
        room.hear(room.post_added(opened, ana, number=4), room.post_added(opened, ana, number=5))
        carried(room, sender, SETTLING)
        assert len(there.received) == 4, "and once only, whoever carries"


def test_what_was_heard_long_ago_is_known_still(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana, number=1)
        room.hear(opened)
        numbers = room.store.database["numbers"]
        numbers.update_many({}, {"$set": {"at": now() - timedelta(days=400)}})
        assert list(numbers.index_information()) == ["_id_"], "nothing lets it expire"
        room.hear(room.post_added(opened, ana, number=2))
        carried(room, sender, SETTLING)
        assert len(there.received) == 2


@pytest.mark.parametrize("events", [["post.added"], ["thread.closed", "post.added"]])
def test_what_a_webhook_does_not_ask_for_keeps_the_order_too(
    room: Room, sender: Sender, events: list[str]
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook = webhook_of(room, sender, home_of(room, ben), ben, there.url)
        room.store.database["webhooks"].update_one({"_id": webhook.id}, {"$set": {"events": events}})
        opened = room.thread_opened(ana, number=1)
        first, second = (room.post_added(opened, ana, number=number) for number in (2, 3))
        room.hear(first, second)
        carried(room, sender, SETTLING)
        assert told(there) == [], "the opening is still on its way"
        room.hear(opened)
        carried(room, sender, SETTLING)
        assert told(there) == [first.post, second.post]


def test_what_was_told_before_there_were_numbers_waits_for_nothing(room: Room, sender: Sender) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    with receiver() as there:
        webhook_of(room, sender, home_of(room, ben), ben, there.url)
        opened = room.thread_opened(ana)
        room.hear(room.post_added(opened, ana))
        carried(room, sender, SETTLING)
        assert len(there.received) == 1
