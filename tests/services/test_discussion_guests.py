"""Guests: they see what is shared with them, while they are guests, and nothing else."""

import pytest

from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    GetPost,
    ListThreads,
    NewShare,
    Search,
    ShareThread,
)
from shared.contracts.discussion import ThreadShared
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import Conflict, NotAllowed, NotFound
from tests.services.discussion_room import Room, handle_of, room
from tests.services.test_discussion_threads import unanswered

__all__ = ["room"]


def share(room: Room, caller: Caller, thread: str, guest: Caller) -> None:
    assert guest.member
    room.service.share_thread(ShareThread(caller=caller, thread=thread, new=NewShare(guest=guest.member)))


def test_a_guest_sees_what_is_shared_with_them_and_may_answer_there(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    member, guest = room.newcomer(community), room.newcomer(community, Role.GUEST)
    shared, hidden = room.open_thread(member, community).thread, room.open_thread(member, community).thread
    for thread in (shared, hidden):
        with pytest.raises(NotFound):
            room.thread(guest, thread)
    share(room, member, shared, guest)
    share(room, member, shared, guest)

    assert [fact.guest for fact in room.told(ThreadShared, shared)] == [guest.member]
    assert room.add_post(guest, shared).author.member == guest.member
    page = room.service.list_threads(ListThreads(caller=guest, community=community))
    assert [item.thread for item in page.items] == [shared]
    with pytest.raises(NotFound):
        room.thread(guest, hidden)
    with pytest.raises(NotAllowed):
        room.open_thread(guest, community)
    with pytest.raises(NotAllowed):
        share(room, guest, shared, guest)
    assert unanswered(room, guest, community) == []


def test_a_guest_who_comes_back_sees_what_is_shared_with_them_again_and_nothing_of_before(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    member, guest = room.newcomer(community), room.newcomer(community, Role.GUEST)
    threads = [room.open_thread(member, community, "Quokkas").thread for _ in range(2)]
    for thread in threads:
        share(room, member, thread, guest)
    posts = [room.thread(guest, thread).first_posts[0].post for thread in threads]
    room.joins(guest, community, None)
    room.joins(guest, community, Role.GUEST)

    assert seen(room, guest, community) == ([], [], [])
    for thread, post in zip(threads, posts, strict=True):
        with pytest.raises(NotFound):
            room.thread(guest, thread)
        with pytest.raises(NotFound):
            room.service.get_post(GetPost(caller=guest, post=post))
        with pytest.raises(NotFound):
            room.add_post(guest, thread)
    assert room.add_post(member, threads[0], f"@{handle_of(guest.member)}").mentions == ()

    share(room, member, threads[0], guest)
    assert len(room.told(ThreadShared, threads[0])) == 2
    assert seen(room, guest, community) == ([threads[0]], [threads[0]], [threads[0]])
    assert room.add_post(guest, threads[0]).author.member == guest.member
    with pytest.raises(NotFound):
        room.thread(guest, threads[1])


def seen(room: Room, guest: Caller, community: str) -> tuple[list[str], list[str], list[str]]:
    """The threads a guest is listed, is asked to answer, and finds by the word in them."""
    listed = room.service.list_threads(ListThreads(caller=guest, community=community))
    found = room.service.search(Search(caller=guest, words="quokkas"))
    threads = [item.thread for item in listed.items]
    return threads, unanswered(room, guest, community), [item.thread for item in found.items]


def test_a_thread_is_shared_with_guests_only(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    member, stranger = room.newcomer(community), room.member()
    thread = room.open_thread(member, community).thread
    for other in (stranger, room.newcomer(community)):
        with pytest.raises(Conflict) as refused:
            share(room, member, thread, other)
        assert refused.value.code == "not-a-guest"
    with pytest.raises(NotFound):
        room.thread(stranger, thread)
