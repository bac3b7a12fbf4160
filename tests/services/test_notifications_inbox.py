"""Inboxes: read, counted, marked, caught up with, and never of what their owner may not see."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from pymongo import MongoClient, monitoring

from services.notifications.domain.inbox import first_position, position_of
from services.notifications.repositories import INDEXES
from services.notifications.service import NotificationsService
from shared.contracts import membership
from shared.contracts.calls.call import Caller, Once
from shared.contracts.calls.notifications import (
    CatchUp,
    CatchUpAnswer,
    GetInbox,
    MarkAllRead,
    MarkRead,
    StreamPosition,
    Unread,
)
from shared.contracts.vocabulary import Level, NotificationKind, Role, Visibility
from shared.errors import Invalid, NotAllowed, NotFound
from shared.wiring.calls import Repeated
from shared.wiring.store import Store, new_id, now
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


# Leaving, guests and closed communities


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
    assert caught_up(room, {ben: 0}).items == ()
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


# Joining


def decided(room: Room, member: str, approved: bool) -> membership.JoinDecided:
    return membership.JoinDecided(
        request=new_id(),
        community=room.community,
        member=member,
        community_title="Falls prevention",
        approved=approved,
        decided_by=new_id(),
        at=room.moment(),
    )


def test_a_declined_request_can_be_read_until_the_community_closes(room: Room) -> None:
    room.start(Visibility.RESTRICTED)
    zoe = new_id()
    room.hear(decided(room, zoe, approved=False))
    (notification,) = room.inbox(zoe)
    assert notification.kind is NotificationKind.JOIN_DECLINED
    assert room.unread(zoe).unread == 1
    room.hear(room.community_changed(Visibility.CLOSED, revision=2))
    assert room.inbox(zoe) == []
    assert room.unread(zoe).unread == 0


@pytest.mark.parametrize("decision_first", [True, False])
def test_an_approved_request_is_told_once_the_member_is_in(room: Room, decision_first: bool) -> None:
    room.start(Visibility.RESTRICTED)
    zoe = new_id()
    decision = decided(room, zoe, approved=True)
    place = room.membership_changed(zoe, since=decision.at)
    room.hear(*([decision, place] if decision_first else [place, decision]))
    assert [one.kind for one in room.inbox(zoe)] == [NotificationKind.JOIN_APPROVED]
    assert room.nudges.reached == [f"decided.{decision.request}.{zoe}"]


def test_a_request_is_told_to_the_facilitators(room: Room) -> None:
    room.start(Visibility.RESTRICTED)
    ana, fay = room.joins(), room.joins(Role.FACILITATOR)
    room.set_level(fay, Level.MENTIONS_AND_ANSWERS)
    request = membership.JoinRequested(
        request=new_id(),
        community=room.community,
        member=new_id(),
        member_name="Zoe",
        community_title="Falls prevention",
        at=room.moment(),
    )
    room.hear(request)
    assert room.inbox(ana) == []
    assert [one.by for one in room.inbox(fay)] == ["Zoe"]


# Mentions by a later edit


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


# Catching up


def caught_up(room: Room, after: dict[str, int]) -> CatchUpAnswer:
    positions = tuple(StreamPosition(member=member, after=place) for member, place in after.items())
    answer: CatchUpAnswer = room.service.catch_up(CatchUp(caller=Caller(), positions=positions))
    return answer


def test_catching_up_gives_each_member_what_came_after_their_position(room: Room) -> None:
    room.start()
    ana, ben, cay = room.joins(), room.joins(), room.joins()
    room.hear(*(room.thread_opened(ana) for _ in range(3)))
    everything = caught_up(room, {ben: 0, cay: 0})
    assert not everything.more
    bens = [item for item in everything.items if item.member == ben]
    assert [item.position for item in bens] == sorted(item.position for item in bens)
    assert [item.notification for item in bens] == list(reversed(room.inbox(ben)))
    middle = bens[1].position
    later = caught_up(room, {ben: middle, cay: first_position(now() + timedelta(minutes=1))})
    assert [(item.member, item.position) for item in later.items] == [(ben, bens[2].position)]
    assert everything.until <= later.until


def test_catching_up_in_parts_misses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifications.service.inbox.MOST_CAUGHT_UP", 7)
    room.start()
    ana, *others = [room.joins() for _ in range(5)]
    for _ in range(6):
        room.hear(room.thread_opened(ana))
    after = dict.fromkeys(others, 0)
    found: list[tuple[str, int]] = []
    for _ in range(50):
        answer = caught_up(room, after)
        found += [(item.member, item.position) for item in answer.items]
        after = dict.fromkeys(others, answer.until)
        if not answer.more:
            break
    assert len(found) == len(set(found)) == 24


def test_only_the_node_itself_catches_up_for_many(room: Room) -> None:
    with pytest.raises(NotAllowed):
        room.service.catch_up(CatchUp(caller=Caller(member=new_id()), positions=()))


# What it costs


NOT_THE_QUESTION = ("lsid", "$clusterTime", "$db", "$readPreference", "txnNumber")


class Commands(monitoring.CommandListener):
    """Keeps the reads that a client makes."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in ("find", "aggregate", "count"):
            self.kept.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


def plan_stages(plan: Any) -> set[str]:
    """Every stage in an explained plan."""
    if isinstance(plan, dict):
        own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
        return own.union(*(plan_stages(value) for value in plan.values()))
    if isinstance(plan, list):
        return set().union(*(plan_stages(value) for value in plan))
    return set()


def test_every_read_has_an_index(room: Room, mongo_url: str) -> None:
    room.start()
    ana, ben, guest = room.joins(), room.joins(), room.joins(Role.GUEST)
    commands = Commands()
    watched: MongoClient[dict[str, Any]] = MongoClient(
        mongo_url, tz_aware=True, w="majority", event_listeners=[commands]
    )
    room.service.store = Store(watched, room.store.database.name, "notifications")
    opened = room.thread_opened(ana, mentions=(ben,))
    room.hear(opened, room.post_added(opened, ben), room.thread_shared(opened, guest, ana))
    room.hear(room.member_changed(ben, revision=2), decided(room, new_id(), approved=False))
    for member in (ana, ben, guest):
        room.inbox(member)
        room.inbox(member, unread=True, community=room.community)
        room.unread(member)
    caught_up(room, {ben: 0, guest: 0})
    room.set_thread_level(ben, opened.thread, Level.NOTHING)
    room.hear(room.membership_changed(ben, None, revision=2))
    database = watched[room.store.database.name]
    asked = {"find", "aggregate", "count"}
    for kept in commands.kept:
        command = {name: value for name, value in kept.items() if name not in NOT_THE_QUESTION}
        if "getMore" in command or not asked & command.keys():
            continue
        explained = database.command("explain", command, verbosity="queryPlanner")
        assert "COLLSCAN" not in plan_stages(explained), command
    assert len(commands.kept) > 40
    watched.close()


def test_a_page_reads_no_more_of_a_large_inbox_than_of_a_small_one(room: Room) -> None:
    room.start()
    ben = room.joins()
    examined = []
    for size in (200, 5_000):
        rows = [
            {
                "_id": f"post.{new_id()}.{ben}",
                "member": ben,
                "community": room.community,
                "unread": number % 3 == 0,
                "position": position_of(str(number), now() + timedelta(milliseconds=number)),
                "deed": "post.x",
                "reasons": ["you follow"],
            }
            for number in range(size)
        ]
        room.store.database["inbox"].insert_many(rows)
        which = {
            "member": ben,
            "community": {"$in": [room.community]},
            "unread": {"$in": [True, False]},
            "position": {"$lt": 2**62},
        }
        command = {"find": "inbox", "filter": which, "sort": {"position": -1}, "limit": 51, "hint": "order"}
        explained = room.store.database.command("explain", command, verbosity="executionStats")
        examined.append(explained["executionStats"]["totalKeysExamined"])
        assert "SORT" not in plan_stages(explained["queryPlanner"]["winningPlan"])
    assert examined[1] <= examined[0] <= 110


def test_counting_the_unread_stops_at_a_thousand(room: Room) -> None:
    room.start()
    ben = room.joins()
    quiet = Room(room.store)
    quiet.start(title="Quiet")
    quiet.hear(quiet.membership_changed(ben))
    for community, size in ((room.community, 1_500), (quiet.community, 2)):
        room.store.database["inbox"].insert_many(
            [
                {
                    "_id": f"post.{new_id()}.{ben}",
                    "member": ben,
                    "community": community,
                    "unread": True,
                    "position": number,
                    "deed": "post.x",
                    "reasons": ["you follow"],
                }
                for number in range(size)
            ]
        )
    counted = room.unread(ben)
    assert counted.unread == 1_000
    assert {one.community_title: one.unread for one in counted.communities} == {
        "Falls prevention": 1_000,
        "Quiet": 2,
    }


def test_the_inbox_has_one_index_beside_its_ids() -> None:
    assert len(INDEXES["inbox"]) == 1
    assert NotificationsService.name == "notifications"
