"""Who leaves, becomes a guest or never was in: nothing of what they may not see is shown to them."""

from typing import Any

import pytest

from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import (
    GetInbox,
    MarkAllRead,
    MarkRead,
)
from shared.contracts.vocabulary import NotificationKind, Role, Visibility
from shared.errors import NotAllowed, NotFound
from shared.wiring.store import Store, new_id
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def test_after_leaving_there_is_nothing(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened, room.post_added(opened, ben))
    assert room.inbox(ben)
    room.hear(room.membership_changed(ben, None, revision=2))
    room.hear(room.post_added(opened, ana, mentions=(ben,)), room.thread_opened(ana))
    assert room.inbox(ben) == []
    assert room.unread(ben).unread == 0
    assert room.store.database["inbox"].count_documents({"member": ben}) == 0


def test_coming_back_shows_only_what_is_new(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    old = room.thread_opened(ana)
    room.hear(old, room.membership_changed(ben, None, revision=2))
    between = room.thread_opened(ana)
    room.hear(between, room.membership_changed(ben, revision=3))
    new = room.thread_opened(ana)
    room.hear(new)
    assert [one.notification for one in room.inbox(ben)] == [f"post.{new.post}.{ben}"]


def test_a_fan_out_that_meets_a_leaving_takes_back_what_it_wrote(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    neighbour = Room(Store(room.store.client, room.store.database.name, "notifications"))
    neighbour.community, neighbour.clock = room.community, room.clock
    leaving = neighbour.membership_changed(ben, None, revision=2, since=room.moment(60))
    insert_new = room.store.insert_new

    def insert_after_the_leaving(collection: str, documents: Any) -> list[int]:
        if collection == "inbox":
            neighbour.hear(leaving)  # is heard whole, deletion and all, before these rows are there
        return insert_new(collection, documents)

    room.store.insert_new = insert_after_the_leaving  # type: ignore[method-assign]
    room.hear(room.thread_opened(ana))
    assert room.store.database["inbox"].count_documents({"member": ben}) == 0
    assert len(room.inbox(cay)) == 1
    assert [id for id in room.nudges.reached if id.endswith(ben)] == []


def test_between_the_leaving_and_the_deletion_nothing_is_shown(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana))
    (name,) = [one.notification for one in room.inbox(ben)]
    room.store.database["places"].update_one({"member": ben}, {"$set": {"role": None}})
    assert room.inbox(ben) == []
    assert room.unread(ben).unread == 0
    assert room.caught_up({ben: 0}).items == ()
    with pytest.raises(NotFound) as refusal:
        room.service.mark_read(MarkRead(caller=Caller(member=ben), notification=name))
    assert refusal.value.community == room.community


def test_who_becomes_a_guest_keeps_only_what_is_shared(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    shared, other = room.thread_opened(ana), room.thread_opened(ana)
    room.hear(shared, other)
    assert len(room.inbox(ben)) == 2
    room.hear(room.thread_shared(shared, ben, ana), room.membership_changed(ben, Role.GUEST, revision=2))
    ids = {one.notification for one in room.inbox(ben)}
    assert ids == {f"post.{shared.post}.{ben}", f"shared.{shared.thread}.{ben}"}


def test_a_guest_hears_of_the_shared_thread_and_of_nothing_else(room: Room) -> None:
    room.start(Visibility.CLOSED)
    ana, guest = room.joins(), room.joins(Role.GUEST)
    opened, other = room.thread_opened(ana), room.thread_opened(ana, mentions=(guest,))
    room.hear(opened, other, room.thread_shared(opened, guest, ana))
    room.hear(room.post_added(opened, ana), room.post_added(other, ana, mentions=(guest,)))
    assert [one.kind for one in room.inbox(guest)] == [
        NotificationKind.POST_ADDED,
        NotificationKind.THREAD_SHARED,
    ]


def test_a_guest_who_came_back_is_told_what_is_shared_with_them_anew(room: Room) -> None:
    room.start(Visibility.CLOSED)
    ana, cay, guest = room.joins(), room.joins(), room.joins(Role.GUEST)
    opened = room.thread_opened(ana)
    room.hear(opened, room.thread_shared(opened, guest, ana))
    room.hear(room.membership_changed(guest, None, revision=2))
    room.hear(room.membership_changed(guest, Role.GUEST, revision=3))
    room.hear(room.post_added(opened, ana))
    assert room.inbox(guest) == []
    room.hear(room.thread_shared(opened, guest, cay).model_copy(update={"shared_by_name": "Cay"}))
    assert [(one.kind, one.by) for one in room.inbox(guest)] == [(NotificationKind.THREAD_SHARED, "Cay")]


def test_a_closed_community_is_not_to_be_found(room: Room) -> None:
    room.start(Visibility.CLOSED)
    stranger = new_id()
    for community in (room.community, new_id()):
        with pytest.raises(NotFound) as refusal:
            room.service.get_inbox(GetInbox(caller=Caller(member=stranger), community=community))
        assert refusal.value.community == community
        with pytest.raises(NotFound):
            room.service.mark_all_read(MarkAllRead(caller=Caller(member=stranger), community=community))


def test_of_an_open_community_one_is_not_in_nothing_can_be_asked(room: Room) -> None:
    room.start()
    with pytest.raises(NotAllowed) as refusal:
        room.service.get_inbox(GetInbox(caller=Caller(member=new_id()), community=room.community))
    assert refusal.value.community == room.community
