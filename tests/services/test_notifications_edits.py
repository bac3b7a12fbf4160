"""Mentions by a later edit: they join the row of their post, and are news once."""

from datetime import timedelta

from services.notifications.repositories import INDEXES
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import (
    MarkRead,
)
from shared.contracts.vocabulary import NotificationKind
from shared.wiring.store import new_id
from tests.services.notifications_room import Room, handle_of, room

__all__ = ["room"]


def test_a_mention_by_an_edit_joins_the_posts_row(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    post = room.post_added(opened, ben)
    room.hear(opened, post)
    before = room.inbox(ana)[0]
    room.hear(room.post_edited(opened, post.post, ben, (ana, cay)))
    (anas,) = room.inbox(ana)
    assert anas.notification == before.notification
    assert list(anas.reasons) == ["you were mentioned", "you asked", "you follow"]
    assert [one.kind for one in room.inbox(cay, unread=True)][:1] == [NotificationKind.MENTIONED]
    room.service.mark_read(MarkRead(caller=Caller(member=ana), notification=anas.notification))
    room.hear(room.post_edited(opened, post.post, ben, (ana,), revision=3))
    assert room.unread(ana).unread == 0  # she had been mentioned in it before


def test_a_mention_by_an_edit_is_news_to_who_had_read_the_post(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    post = room.post_added(opened, ben)
    room.hear(opened, post)
    (before,) = room.inbox(ana)
    room.service.mark_read(MarkRead(caller=Caller(member=ana), notification=before.notification))
    edit = room.post_edited(opened, post.post, ben, (ana,))
    room.hear(edit, edit)
    (after,) = room.inbox(ana, unread=True)
    assert after.notification == before.notification
    assert after.kind is NotificationKind.MENTIONED
    assert room.nudges.reached.count(after.notification) == 2


def test_an_edit_that_names_nobody_is_dropped_and_one_that_does_after_all_is_kept(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    post = room.post_added(opened, ben)
    late = new_id()
    handles = (handle_of(late), f"{handle_of(late)}.")
    nobody = room.post_edited(opened, post.post, ben, (), unknown_handles=("param",))
    somebody = room.post_edited(opened, post.post, ben, (), revision=3, unknown_handles=handles)
    known = room.post_edited(opened, post.post, ben, (ana,), revision=4)
    room.hear(opened, post, nobody, somebody, known)

    def lapses() -> dict[str, bool]:
        deeds = room.store.database["deeds"].find({"kind": "mentioned"})
        return {deed["_id"].rpartition(".")[2]: deed.get("lapses_at") is not None for deed in deeds}

    assert lapses() == {"2": True, "3": True, "4": False}
    room.hear(
        room.member_changed(late),
        room.membership_changed(late, since=opened.at - timedelta(minutes=1)),
    )
    assert NotificationKind.MENTIONED in [one.kind for one in room.inbox(late)]
    assert lapses() == {"2": True, "3": False, "4": False}
    (index,) = [each for each in INDEXES["deeds"] if each.document["name"] == "lapse"]
    assert index.document["expireAfterSeconds"] == 0
    (deed,) = room.store.database["deeds"].find({"_id": f"mention.{post.post}.2"})
    assert deed["lapses_at"] == nobody.at + timedelta(days=60)
