"""What an inbox tells an organisation's system: no title that is withheld, and no name that is not disclosed."""

from itertools import permutations

import pytest

from services.notifications.domain.crossing import LETTING
from services.notifications.service.inbox import STRETCH
from shared.contracts import discussion
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import CountUnread, GetInbox, MarkAllRead, Notification
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import MemberField
from shared.wiring.store import new_id, now
from tests.services.notifications_room import Room, room
from tests.services.test_notifications_webhooks import home_of

__all__ = ["room"]


def by_system(room: Room, member: str, organisation: str | None = None) -> list[Notification]:
    """A member's inbox as their organisation's system reads it."""
    caller = Caller(member=member, client=new_id(), organisation=organisation or home_of(room, member))
    return list(room.service.get_inbox(GetInbox(caller=caller, unread=False, limit=100)).items)


def title_changed(
    opened: discussion.ThreadOpened, withheld: bool, revision: int
) -> discussion.ThreadTitleChanged:
    return discussion.ThreadTitleChanged(
        thread=opened.thread,
        community=opened.community,
        opened_by=opened.author,
        title=opened.title,
        withheld=withheld,
        at=now(),
        revision=revision,
    )


@pytest.mark.parametrize(("told", "crosses"), [(False, True), (True, False), (None, False)])
def test_a_title_crosses_only_where_it_was_told_that_it_may(
    room: Room, told: bool | None, crosses: bool
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.agree(home_of(room, ben))
    opened = room.thread_opened(ana).model_copy(update={"title_withheld": told})
    added = room.post_added(opened, ana, mentions=(ben,)).model_copy(update={"title_withheld": told})
    room.hear(opened, added)
    seen = opened.title if crosses else WITHHELD_TITLE
    assert [one.title for one in by_system(room, ben)] == [seen, seen]
    assert {one.title for one in room.inbox(ben)} == {opened.title}, "people read it"
    own = by_system(room, ben, organisation=room.origin)
    assert {one.title for one in own} == {opened.title}, "so does the system of whose it is"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_title_that_is_doubted_is_withheld_until_it_is_no_more(room: Room, order: tuple[int, ...]) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.agree(home_of(room, ben))
    opened = room.thread_opened(ana)
    facts = (opened, title_changed(opened, True, 3), title_changed(opened, False, 2))
    room.hear(*(facts[which] for which in order))
    assert [one.title for one in by_system(room, ben)] == [WITHHELD_TITLE]
    room.hear(title_changed(opened, False, 4))
    assert [one.title for one in by_system(room, ben)] == [opened.title]


@pytest.mark.parametrize(
    ("discloses", "named"), [("both", True), ("then", False), ("now", False), ("left", True)]
)
def test_who_has_moved_is_named_as_far_as_both_organisations_let(
    room: Room, discloses: str, named: bool
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    receiver = home_of(room, ben)
    new_home = None if discloses == "left" else new_id()
    room.agree(receiver, fields=() if discloses == "now" else (MemberField.NAME,))
    if new_home and discloses in ("both", "now"):
        room.agree(receiver, fields=(MemberField.NAME,), source=new_home)
    room.hear(room.thread_opened(ana))
    moved = room.member_changed(ana, revision=2).model_copy(update={"organisation": new_home})
    room.hear(moved)
    (told,) = by_system(room, ben)
    assert (told.by is not None) is named
    (deed,) = room.service.repositories.deeds.by_id(
        [row["deed"] for row in room.store.database["inbox"].find({"member": ben})]
    ).values()
    assert room.service.repositories.grants.reach(receiver, now()).why(deed) in LETTING


def test_what_crosses_is_found_beyond_a_stretch_of_what_does_not(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.agree(home_of(room, ben))
    first = room.thread_opened(ana)
    room.hear(first)
    foreign = {"organisation": new_id(), "thread_organisation": new_id()}
    between = room.thread_opened(ana).model_copy(update=foreign)
    room.hear(between)
    posts = [
        room.post_added(between, ana, mentions=(ben,)).model_copy(update=foreign) for _ in range(STRETCH + 3)
    ]
    room.hear(*posts)
    last = room.thread_opened(ana)
    room.hear(last)
    caller = Caller(member=ben, client=new_id(), organisation=home_of(room, ben))
    asking = GetInbox(caller=caller, unread=False, limit=1)
    page = room.service.get_inbox(asking)
    rest = room.service.get_inbox(asking.model_copy(update={"after": page.next}))
    links = [one.link for one in (*page.items, *rest.items)]
    assert links == [f"/v1/threads/{each.thread}" for each in (last, first)]
    assert rest.next is None
    assert room.service.count_unread(CountUnread(caller=caller)).unread == 2
    left = room.service.mark_all_read(MarkAllRead(caller=caller))
    assert (left.unread, room.unread(ben).unread) == (0, STRETCH + 4)
