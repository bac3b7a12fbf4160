"""The fan-out when it is slow, meets another process, or hears of many things in one millisecond."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient

from services.notifications.domain import notification
from services.notifications.domain.inbox import moment_of
from services.notifications.service import telling
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import MarkRead
from shared.contracts.discussion import PostReacted
from shared.contracts.vocabulary import Reaction, Reason
from shared.wiring.store import HEARD, Stale, Store, now
from tests.services.notifications_room import Room, room, wrapped
from tests.services.test_notifications_cost import Commands

__all__ = ["room"]


def neighbour_of(room: Room) -> Room:
    neighbour = Room(Store(room.store.client, room.store.database.name, "notifications"))
    neighbour.community, neighbour.clock = room.community, room.clock
    return neighbour


@contextmanager
def racing(meanwhile: Callable[[], Any], times: int) -> Iterator[None]:
    """Let `meanwhile` happen between the reading and the merging of rows, so many times."""
    left = times

    def after_others(*rows: Any) -> Any:
        nonlocal left
        result: Any = notification.merged(*rows)
        if left:
            left -= 1
            meanwhile()
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.notifications.repositories.inbox.merged", after_others)
        yield


def test_no_two_rows_of_an_inbox_stand_in_the_same_place(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    monkeypatch.setattr("services.notifications.domain.inbox.OWN", 0)  # every deed's own bits are alike
    room.hear(*(room.thread_opened(ana) for _ in range(120)))
    positions = {row["position"] for row in room.store.database["inbox"].find({"member": ben})}
    assert len(positions) == 120


def test_what_took_long_to_write_stands_where_streams_have_not_passed(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    monkeypatch.setattr(telling, "IN_TIME", 0.25)
    insert_new, written = room.store.insert_new, []

    def insert_late(collection: str, documents: Any) -> list[int]:
        if collection == "inbox":
            time.sleep(0.3)
            written.append(now())
        return insert_new(collection, documents)

    room.store.insert_new = insert_late  # type: ignore[method-assign]
    room.hear(room.thread_opened(ana, mentions=(ben,)))
    rows = list(room.store.database["inbox"].find())
    assert {row["member"] for row in rows} == {ben, cay}
    assert all(moment_of(row["position"]) >= written[0] for row in rows)
    assert {nudge.position for nudge in room.nudges.kept} == {row["position"] for row in rows}


def test_a_reaction_told_before_its_news_had_an_id_is_named_by_what_nobody_can_guess_and_told_once(
    room: Room,
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    reacted = PostReacted(
        post=opened.post, thread=opened.thread, community=opened.community, title=opened.title, author=ana,
        reaction=Reaction.HELPED_ME, reacted_by=ben, reacted_by_name="Ben", at=room.moment(),
    )  # fmt: skip
    told = wrapped(reacted)
    for _ in range(2):
        room.hear_envelopes([told])
        room.store.database[HEARD].delete_many({})
    (one,) = room.inbox(ana)
    assert one.notification == f"reacted.{opened.post}.{told.id}.{ana}"


def test_a_mention_that_loses_a_race_comes_in_again(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)
    (name,) = [one.notification for one in room.inbox(ben)]
    get = room.service.repositories.inbox.get
    edited = room.post_edited(opened, opened.post, ana, (ben,))
    reading = MarkRead(caller=Caller(member=ben), notification=name)
    with racing(lambda: room.service.mark_read(reading), times=1):
        room.hear(edited)
    row = get(name)
    assert row is not None
    assert Reason.YOU_WERE_MENTIONED.value in row["reasons"]
    assert row["unread"]
    assert name in room.nudges.reached[1:]


def test_a_row_that_others_keep_changing_is_tried_again_later(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)

    def change() -> None:
        room.store.database["inbox"].update_one({"member": ben}, {"$inc": {"position": 1}})

    with racing(change, times=100), pytest.raises(Stale):
        room.hear(room.post_edited(opened, opened.post, ana, (ben,)))


def test_what_another_process_wrote_before_it_died_is_taken_back_too(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)  # the rows are there, by whomever
    (row,) = room.store.database["inbox"].find({"member": ben})
    neighbour = neighbour_of(room)
    leaving = neighbour.membership_changed(ben, None, revision=2, since=room.moment(60))
    insert_new = room.store.insert_new

    def insert_after_the_leaving(collection: str, documents: Any) -> list[int]:
        if collection == "inbox":
            neighbour.hear(leaving)
            room.store.database["inbox"].insert_one(row)  # by a process that dies now
        return insert_new(collection, documents)

    room.store.insert_new = insert_after_the_leaving  # type: ignore[method-assign]
    room.hear(opened)
    assert room.store.database["inbox"].count_documents({"member": ben}) == 0


def test_a_nudge_says_a_communitys_present_title(room: Room) -> None:
    room.start(title="Falls")
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana, mentions=(ben,)), room.thread_opened(ana, mentions=(ben,)))
    room.hear(room.community_changed(title="Falls prevention", revision=2))
    room.hear(room.thread_opened(ana, mentions=(ben,)))
    assert [nudge.community_title for nudge in room.nudges.kept] == ["Falls", "Falls", "Falls prevention"]


def test_the_title_of_a_community_is_not_asked_again_for_every_deed(room: Room, mongo_url: str) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana, mentions=(ben,)))
    commands = Commands()
    watched: MongoClient[dict[str, Any]] = MongoClient(
        mongo_url, tz_aware=True, w="majority", event_listeners=[commands]
    )
    room.service.store = Store(watched, room.store.database.name, "notifications")
    room.hear(room.thread_opened(ana, mentions=(ben,)))
    asked = [command.get("find") for command in commands.kept]
    assert "communities" not in asked
    assert asked.count("crowds") == 2, "its version before and after"
    watched.close()
