"""Mentions by a later edit: they join the row of their post, and are news once."""

from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import (
    MarkRead,
)
from shared.contracts.vocabulary import NotificationKind
from tests.services.notifications_room import Room, room

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
