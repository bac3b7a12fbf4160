"""Levels: what a member chose for a community or a thread, and what it changes."""

import pytest

from shared.contracts.calls.call import Caller, Heard
from shared.contracts.calls.notifications import (
    LevelChange,
    ListCommunityLevels,
    ListThreadLevels,
    SetCommunityLevel,
    SetThreadLevel,
)
from shared.contracts.discussion import HistoryImported
from shared.contracts.vocabulary import Level, NotificationKind, Role, Visibility
from shared.errors import NotAllowed, NotFound
from shared.wiring.store import new_id
from tests.services.notifications_room import Room, room

__all__ = ["room"]


def community_levels(room: Room, member: str) -> dict[str, Level]:
    levels, after = {}, None
    while True:
        page = room.service.list_community_levels(
            ListCommunityLevels(caller=Caller(member=member), limit=1, after=after)
        )
        levels.update({one.community: one.level for one in page.items})
        if (after := page.next) is None:
            return levels


def thread_levels(room: Room, member: str) -> dict[str, Level]:
    levels, after = {}, None
    while True:
        page = room.service.list_thread_levels(
            ListThreadLevels(caller=Caller(member=member), limit=1, after=after)
        )
        levels.update({one.thread: one.level for one in page.items})
        if (after := page.next) is None:
            return levels


def test_the_level_is_all_until_one_chooses(room: Room) -> None:
    room.start()
    ben = room.joins()
    assert community_levels(room, ben) == {room.community: Level.ALL}
    room.set_level(ben, Level.NOTHING)
    assert community_levels(room, ben) == {room.community: Level.NOTHING}


@pytest.mark.parametrize(
    ("level", "told"), [(Level.ALL, 2), (Level.MENTIONS_AND_ANSWERS, 1), (Level.NOTHING, 0)]
)
def test_a_level_decides_what_gets_through(room: Room, level: Level, told: int) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.hear(room.thread_opened(ana))  # the crowd is remembered from here on
    room.set_level(ben, level)
    before = len(room.inbox(ben))
    room.hear(room.thread_opened(ana), room.thread_opened(ana, mentions=(ben,)))
    assert len(room.inbox(ben)) - before == told


def test_choosing_all_for_a_thread_follows_it_and_nothing_silences_it(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened, room.post_added(opened, ana))
    room.set_level(ben, Level.NOTHING)
    room.set_thread_level(ben, opened.thread, Level.ALL)
    later = room.post_added(opened, ana, at=room.moment(3600))
    room.hear(later)
    assert room.inbox(ben)[0].notification == f"post.{later.post}.{ben}"
    room.set_thread_level(ben, opened.thread, Level.NOTHING)
    count = len(room.inbox(ben))
    room.hear(room.post_added(opened, ana, mentions=(ben,), at=room.moment(3600)))
    assert len(room.inbox(ben)) == count
    assert thread_levels(room, ben) == {opened.thread: Level.NOTHING}


def test_levels_of_many_threads_come_in_pages_and_go_with_the_community(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    threads = [room.thread_opened(ana) for _ in range(3)]
    room.hear(*threads)
    for opened in threads:
        room.set_thread_level(ben, opened.thread, Level.ALL)
    assert set(thread_levels(room, ben)) == {opened.thread for opened in threads}
    room.hear(room.membership_changed(ben, None, revision=2, since=room.moment(3600)))
    assert thread_levels(room, ben) == {}
    assert community_levels(room, ben) == {}
    room.hear(room.membership_changed(ben, revision=3))
    assert thread_levels(room, ben) == {}
    assert community_levels(room, ben) == {room.community: Level.ALL}


def test_of_what_one_may_not_know_no_level_can_be_set(room: Room) -> None:
    room.start(Visibility.CLOSED)
    ana, guest, stranger = room.joins(), room.joins(Role.GUEST), new_id()
    opened, shared = room.thread_opened(ana), room.thread_opened(ana)
    room.hear(opened, shared, room.thread_shared(shared, guest, ana))
    for member, thread in ((stranger, opened.thread), (guest, opened.thread), (ana, new_id())):
        with pytest.raises(NotFound) as refusal:
            room.set_thread_level(member, thread, Level.ALL)
        assert refusal.value.sentence == "There is no such thread."
        assert refusal.value.community
    with pytest.raises(NotFound):
        room.set_level(stranger, Level.ALL)
    room.set_thread_level(guest, shared.thread, Level.NOTHING)
    with pytest.raises(NotAllowed):
        room.service.set_community_level(
            SetCommunityLevel(
                caller=Caller(client=new_id()),
                community=room.community,
                change=LevelChange(level=Level.ALL),
            )
        )


def test_a_thread_whose_author_left_still_has_levels(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened, room.membership_changed(ana, None, revision=2))
    room.set_thread_level(ben, opened.thread, Level.NOTHING)
    assert thread_levels(room, ben) == {opened.thread: Level.NOTHING}


def test_in_an_open_community_one_has_to_join_first(room: Room) -> None:
    room.start()
    opened = room.thread_opened(room.joins())
    room.hear(opened)
    with pytest.raises(NotAllowed):
        room.service.set_thread_level(
            SetThreadLevel(
                caller=Caller(member=new_id()), thread=opened.thread, change=LevelChange(level=Level.ALL)
            )
        )


def test_imported_threads_notify_nobody_and_are_followed_by_their_writers(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    opened = room.thread_opened(ana)
    history = HistoryImported(
        thread=opened.thread,
        community=room.community,
        title=opened.title,
        opened_by=ana,
        participants=(ana, ben),
        posts=2,
        at=opened.at,
    )
    room.hear(history)
    assert [room.inbox(member) for member in (ana, ben, cay)] == [[], [], []]
    room.hear(room.post_added(opened, cay))
    assert [one.kind for one in room.inbox(ben)] == [NotificationKind.POST_ADDED]
    room.set_thread_level(cay, opened.thread, Level.NOTHING)


def test_the_copy_says_how_far_it_is(room: Room) -> None:
    member = new_id()
    heard = Heard(
        community=room.community,
        community_revision=2,
        membership=f"{room.community}:{member}",
        membership_revision=1,
    )
    assert not room.service.has_heard(heard)
    room.hear(room.membership_changed(member), room.community_changed(revision=1))
    assert not room.service.has_heard(heard)
    room.hear(room.community_changed(revision=2))
    assert room.service.has_heard(heard)
    assert not room.service.has_heard(heard.model_copy(update={"membership_revision": 2}))
    opened = room.thread_opened(member)
    of_thread = heard.model_copy(update={"thread": opened.thread})
    assert room.service.has_heard(of_thread), "a member sees every thread: discussion's word will do"
    nowhere = Heard(community="0" * 24, community_revision=0)
    assert room.service.has_heard(nowhere)


def test_the_copy_says_whether_a_thread_shared_with_a_guest_was_heard_of(room: Room) -> None:
    room.start()
    ana, guest = room.joins(), room.joins(Role.GUEST)
    opened = room.thread_opened(ana)
    heard = Heard(
        community=room.community,
        community_revision=1,
        membership=f"{room.community}:{guest}",
        membership_revision=1,
        thread=opened.thread,
    )
    room.hear(opened)
    assert not room.service.has_heard(heard)
    room.hear(room.thread_shared(opened, guest, ana))
    assert room.service.has_heard(heard)
    reader = heard.model_copy(update={"membership": f"{room.community}:{new_id()}", "membership_revision": 0})
    assert room.service.has_heard(reader)
