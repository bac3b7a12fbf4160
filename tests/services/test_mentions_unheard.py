"""A mention of somebody of whom discussion has not heard yet: they are told, once all is heard, and once."""

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from services.discussion.repositories import INDEXES
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import EditPost, NewPost
from shared.contracts.calls.notifications import MarkRead
from shared.contracts.discussion import PostAdded, PostEdited, ThreadOpened
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.vocabulary import Level, NotificationKind, Reason, Role, Visibility
from shared.wiring.store import Store, connect, new_id
from tests.services import discussion_room
from tests.services.notifications_room import Room, handle_of, room, wrapped

__all__ = ["room"]

MENTIONED = (Reason.YOU_WERE_MENTIONED,)


@pytest.fixture
def discussion(mongo_url: str, database_prefix: str) -> Iterator[discussion_room.Room]:
    """A discussion service that has heard of nobody, in a database of this test's own."""
    client = connect(mongo_url)
    store = Store(client, f"{database_prefix}_discussion_{new_id()[-8:]}", "discussion")
    store.ensure(INDEXES)
    yield discussion_room.Room(store)
    client.drop_database(store.database.name)
    client.close()


def told_by(discussion: discussion_room.Room) -> list[Envelope[Any]]:
    """What discussion has told so far, as it goes to the broker."""
    kinds: dict[str, type[Contract]] = {kind.type(): kind for kind in (ThreadOpened, PostAdded, PostEdited)}
    rows = discussion.store.database["outbox"].find({"type": {"$in": list(kinds)}}).sort("_id", 1)
    return [Envelope[kinds[row["type"]]].read(row["body"]) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_who_is_heard_of_late_is_told_once_in_whatever_order(
    room: Room, discussion: discussion_room.Room, order: tuple[int, ...]
) -> None:
    discussion.community(Visibility.CLOSED, id=room.community)
    author = discussion.newcomer(room.community)
    room.start(Visibility.CLOSED)
    eve = new_id()
    came = [wrapped(room.member_changed(eve)), wrapped(room.membership_changed(eve))]
    opened = discussion.open_thread(author, room.community)
    post = discussion.add_post(author, opened.thread, f"Have you tried it, @{handle_of(eve).upper()}.")
    assert post.mentions == ()
    news = told_by(discussion)[-1]

    facts = [news, *came]
    for position in order:
        assert room.inbox(eve) == []
        room.hear_envelopes([facts[position], facts[position]])
    room.hear_envelopes(facts)
    (one,) = room.inbox(eve)
    assert (one.kind, one.reasons) == (NotificationKind.POST_ADDED, MENTIONED)
    assert room.nudges.reached == [one.notification]


def test_an_edit_of_a_post_that_has_told_them_already_is_no_news(
    room: Room, discussion: discussion_room.Room
) -> None:
    discussion.community(id=room.community)
    author = discussion.newcomer(room.community)
    eve = room.joins()
    room.set_level(eve, Level.MENTIONS_AND_ANSWERS)
    post = discussion.open_thread(author, room.community, f"@{handle_of(eve)}?").first_posts[0]
    room.hear_envelopes(told_by(discussion))
    (one,) = room.inbox(eve, unread=True)
    room.service.mark_read(MarkRead(caller=Caller(member=eve), notification=one.notification))

    def edit(text: str, revision: int) -> None:
        new = NewPost(text=text)
        discussion.service.edit_post(EditPost(caller=author, post=post.post, new=new, revision=revision))
        room.hear_envelopes(told_by(discussion))

    edit(f"@{handle_of(eve)}, please?", 1)  # not heard of by discussion to this day
    discussion.hear(room.member_changed(eve))
    discussion.hear(room.membership_changed(eve))
    edit(f"Perhaps @{handle_of(eve)}?", 2)
    assert told_by(discussion)[-1].data.newly_mentioned == (eve,)
    assert [row.notification for row in room.inbox(eve)] == [one.notification]
    assert room.inbox(eve, unread=True) == []


def test_an_edit_that_names_somebody_unheard_tells_them(room: Room) -> None:
    room.start()
    ana, eve = room.joins(), new_id()
    opened = room.thread_opened(ana)
    room.hear(opened)
    room.hear(room.member_changed(eve), edited := room.membership_changed(eve))
    assert edited.role is Role.MEMBER and room.inbox(eve) == []
    room.hear(room.post_edited(opened, opened.post, ana, (), 2, (handle_of(eve),)))
    assert [(one.kind, one.reasons) for one in room.inbox(eve)] == [(NotificationKind.MENTIONED, MENTIONED)]


def test_who_may_not_see_the_thread_is_told_nothing(room: Room) -> None:
    room.start(Visibility.CLOSED)
    ana = room.joins()
    guest, welcome, stranger, late, gone = (new_id() for _ in range(5))
    came = [room.membership_changed(one, Role.GUEST) for one in (guest, welcome)]
    came += [room.membership_changed(gone), room.membership_changed(gone, None, revision=2)]
    everybody = (ana, guest, welcome, stranger, late, gone)
    opened = room.thread_opened(ana)
    shared = room.thread_shared(opened, welcome, ana)
    post = room.post_added(opened, ana, unknown_handles=tuple(handle_of(one) for one in everybody))
    came.append(room.membership_changed(late))
    room.hear(opened, shared, post, *came, *(room.member_changed(one) for one in everybody))
    told = {one: [row.kind for row in room.inbox(one)] for one in everybody}
    assert told.pop(welcome) == [NotificationKind.POST_ADDED, NotificationKind.THREAD_SHARED]
    assert not any(told.values())


def test_a_level_that_asks_for_silence_is_kept(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    opened = room.thread_opened(ana)
    room.hear(opened)
    room.set_thread_level(ben, opened.thread, Level.NOTHING)
    before = room.inbox(ben)
    room.hear(room.post_added(opened, ana, unknown_handles=(handle_of(ben),)))
    assert room.inbox(ben) == before


def test_the_handles_are_found_by_their_index(room: Room) -> None:
    eve = room.joins()
    found = room.store.database["members"].find({"handle": {"$in": [handle_of(eve)]}})
    assert found.explain()["queryPlanner"]["winningPlan"]["inputStage"]["indexName"] == "handle"
