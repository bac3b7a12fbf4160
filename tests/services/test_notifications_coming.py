"""Who comes, comes back, or changes roles: what they should know, once, and nothing of yesterday again."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.envelope import Envelope
from shared.contracts.vocabulary import Level, Role, ThreadKind, Visibility
from shared.wiring.store import Store, new_id, now
from tests.services.notifications_room import Room, room, wrapped

__all__ = ["room"]


def rows(room: Room, member: str) -> list[str]:
    """The ids of a member's rows, as they are kept."""
    return [row["_id"] for row in room.store.database["inbox"].find({"member": member})]


def told_days_ago(fact: Any, days: float) -> Envelope[Any]:
    return wrapped(fact).model_copy(update={"time": now() - timedelta(days=days)})


@pytest.mark.parametrize("gone_as", [None, Role.GUEST])
def test_a_deletion_that_comes_after_the_coming_back_takes_nothing_for_good(
    room: Room, gone_as: Role | None
) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    leaving = room.membership_changed(ben, gone_as, revision=2)
    back = room.membership_changed(ben, revision=3)
    opened = room.thread_opened(ana)
    neighbour = Room(Store(room.store.client, room.store.database.name, "notifications"))
    crowds = type(room.service.repositories.crowds)
    turn = crowds.turn

    def turn_and_be_overtaken(self: Any, communities: Any) -> None:
        turn(self, communities)
        monkeypatch.undo()
        neighbour.hear(back, opened)  # by another process, whole, before the deletion here

    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(crowds, "turn", turn_and_be_overtaken)
    room.hear(leaving)
    assert rows(room, ben) == [f"post.{opened.post}.{ben}"]


def test_another_role_tells_nothing_of_before(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.set_level(ben, Level.NOTHING)
    room.hear(room.thread_opened(ana))
    room.set_level(ben, Level.ALL)
    room.hear(room.membership_changed(ben, Role.FACILITATOR, revision=2))
    assert rows(room, ben) == []
    room.hear(room.thread_opened(ana))
    assert len(rows(room, ben)) == 1


def test_where_a_revision_was_not_heard_one_may_have_been_out(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    room.moment()
    between = room.thread_opened(ana, at=room.moment())
    back = room.membership_changed(ben, revision=3, since=room.moment(60))
    after = room.thread_opened(ana)
    room.hear(back, between, after)
    assert rows(room, ben) == [f"post.{after.post}.{ben}"]


def test_a_leaving_heard_late_undoes_no_tie_of_the_time_after(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), room.joins()
    left = room.membership_changed(ben, None, revision=2)
    back = room.membership_changed(ben, revision=3)
    opened = room.thread_opened(ben, ThreadKind.DISCUSSION)
    for fact in (opened, left, back):
        room.hear(fact)
    room.hear(answered := room.post_added(opened, ana, at=room.moment()))
    assert rows(room, ben) == [f"post.{answered.post}.{ben}"]


def test_who_comes_back_as_a_guest_sees_nothing_of_before_though_the_leaving_was_not_heard(
    room: Room,
) -> None:
    room.start(Visibility.CLOSED)
    ana, ben = room.joins(), room.joins()
    opened, shared = room.thread_opened(ana), room.thread_opened(ana)
    room.hear(opened, shared)
    assert len(room.inbox(ben)) == 2
    room.hear(room.thread_shared(shared, ben, ana))
    room.hear(room.membership_changed(ben, Role.GUEST, revision=3, since=room.moment(-1)))
    assert {one.link for one in room.inbox(ben)} == {f"/v1/threads/{shared.thread}"}
    assert f"post.{opened.post}.{ben}" not in rows(room, ben)


def test_a_coming_heard_again_after_a_failure_looks_back_again(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), new_id()
    coming = room.membership_changed(ben)
    room.hear(room.thread_opened(ana))
    room.service.repositories.places.write([coming])  # and there the process died
    room.hear(coming)
    assert len(rows(room, ben)) == 1


def test_a_coming_heard_days_late_looks_back_to_when_it_was(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), new_id()
    coming = room.membership_changed(ben, since=now() - timedelta(days=3))
    opened = room.thread_opened(ana, at=now() - timedelta(days=2))
    room.hear(room.membership_changed(ana, revision=2, since=now() - timedelta(days=4)), opened)
    room.hear_envelopes([told_days_ago(coming, 3)])
    assert rows(room, ben) == [f"post.{opened.post}.{ben}"]


def test_who_is_told_of_as_having_come_long_ago_hears_of_a_day(room: Room) -> None:
    room.start()
    ana, ben = room.joins(), new_id()
    old = room.thread_opened(ana, at=now() - timedelta(days=2))
    recent = room.thread_opened(ana, at=now() - timedelta(hours=2))
    room.hear(old, recent, room.membership_changed(ben, since=now() - timedelta(days=300)))
    assert rows(room, ben) == [f"post.{recent.post}.{ben}"]


def test_a_busy_community_hides_nothing_of_a_quiet_one(room: Room) -> None:
    """As many deeds as there are: of each community, back to the coming."""
    room.start()
    ana, ben = room.joins(), new_id()
    quiet, coming = room.community, room.membership_changed(ben)
    first = room.thread_opened(ana)
    room.hear(first)
    room.community = new_id()
    room.start()
    cay = room.joins()
    busy = room.membership_changed(ben)
    room.hear(*(room.thread_opened(cay, at=room.moment(0.01)) for _ in range(1_050)))
    room.hear(coming, busy)
    assert len(rows(room, ben)) == 1_051
    assert room.store.database["inbox"].count_documents({"member": ben, "community": quiet}) == 1
