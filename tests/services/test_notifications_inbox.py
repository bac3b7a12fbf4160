"""Inboxes: read page by page, counted and marked, each by its owner."""

from itertools import pairwise

import pytest

from shared.contracts.calls.call import Caller, Once
from shared.contracts.calls.notifications import (
    GetInbox,
    MarkAllRead,
    MarkRead,
    Unread,
)
from shared.contracts.vocabulary import Role
from shared.errors import Invalid, NotAllowed, NotFound
from shared.wiring.calls import Repeated
from shared.wiring.store import new_id, now
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def test_a_question_is_in_every_other_members_inbox_once_with_all_reasons(room: Room) -> None:
    room.start()
    ana, ben, fay = room.joins(), room.joins(profession="Lecturer"), room.joins(Role.FACILITATOR)
    opened = room.thread_opened(ana, mentions=(ben,), professions=("lecturer",))
    room.hear(opened, opened)
    (bens,), (fays,) = room.inbox(ben), room.inbox(fay)
    assert room.inbox(ana) == []
    assert list(bens.reasons) == ["you were mentioned", "you follow", "your profession is needed"]
    assert list(fays.reasons) == ["you facilitate", "you follow"]
    assert (bens.title, bens.by, bens.community_title) == (opened.title, "Ana", "Falls prevention")
    assert sorted(room.nudges.reached) == sorted([bens.notification, fays.notification])


def test_pages_hold_everything_newest_first(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = [room.thread_opened(ana) for _ in range(10)]
    for one in opened[:4]:
        room.hear(one)
    room.hear(*opened[4:])
    inbox = room.inbox(ben)  # read three at a time
    assert len({one.notification for one in inbox}) == len(inbox) == 10
    assert all(later.at >= earlier.at for later, earlier in pairwise(inbox))
    assert {one.notification for one in inbox[-4:]} == {f"post.{one.post}.{ben}" for one in opened[:4]}


def test_a_cursor_of_somebody_else_is_refused(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    room.hear(*(room.thread_opened(ana) for _ in range(3)))
    page = room.service.get_inbox(GetInbox(caller=Caller(member=ben), limit=1))
    with pytest.raises(Invalid):
        room.service.get_inbox(GetInbox(caller=Caller(member=cay), limit=1, after=page.next))


def test_reading_and_counting(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(*(room.thread_opened(ana) for _ in range(3)))
    newest, middle, oldest = room.inbox(ben)
    answer = room.service.mark_read(MarkRead(caller=Caller(member=ben), notification=middle.notification))
    assert answer.read_at is not None
    assert room.unread(ben).unread == 2
    assert room.unread(ben).communities[0].community_title == "Falls prevention"
    unread = room.inbox(ben, unread=True)
    assert {one.notification for one in unread} == {newest.notification, oldest.notification}
    while now() <= answer.read_at:
        pass
    again = room.service.mark_read(MarkRead(caller=Caller(member=ben), notification=middle.notification))
    assert again.read_at == answer.read_at == room.inbox(ben)[1].read_at


def test_marking_all_leaves_what_comes_meanwhile(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana))
    (seen,) = room.inbox(ben)
    while now() <= seen.at:
        pass
    newer = room.thread_opened(ana)
    room.hear(newer)
    left = room.service.mark_all_read(
        MarkAllRead(caller=Caller(member=ben), community=room.community, until=seen.at)
    )
    assert left.unread == 1
    assert [one.notification for one in room.inbox(ben, unread=True)] == [f"post.{newer.post}.{ben}"]
    assert room.service.mark_all_read(MarkAllRead(caller=Caller(member=ben))).unread == 0
    assert room.inbox(ben, unread=True) == []


def test_marking_again_under_the_same_promise_marks_nothing_newer(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana))
    promise = Once(key=f"{ben}:mine", fingerprint="f" * 64)
    call = MarkAllRead(caller=Caller(member=ben), once=promise)
    assert room.service.mark_all_read(call).unread == 0
    opened = room.thread_opened(ana)
    room.hear(opened)
    again = room.service.mark_all_read(call)
    assert isinstance(again, Repeated)
    assert Unread.model_validate_json(again.answer).unread == 0
    assert room.unread(ben).unread == 1

    name = f"post.{opened.post}.{ben}"
    promise = Once(key=f"{ben}:one", fingerprint="e" * 64)
    read = MarkRead(caller=Caller(member=ben), notification=name, once=promise)
    room.service.mark_read(read)
    room.hear(room.post_edited(opened, opened.post, ana, (ben,)))
    assert isinstance(room.service.mark_read(read), Repeated)
    assert room.unread(ben).unread == 1  # the mention is news


def test_nobody_marks_or_learns_of_anothers_notification(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    room.hear(room.thread_opened(ana))
    (bens,) = room.inbox(ben)
    for name in (bens.notification, f"post.{new_id()}.{cay}"):
        with pytest.raises(NotFound):
            room.service.mark_read(MarkRead(caller=Caller(member=cay), notification=name))
    assert room.unread(ben).unread == 1


def test_a_client_of_its_own_has_no_inbox(room: Room) -> None:
    with pytest.raises(NotAllowed):
        room.service.get_inbox(GetInbox(caller=Caller(client=new_id())))
