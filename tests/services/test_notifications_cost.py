"""What an inbox costs: every read has an index, and a large inbox costs no more than a small one."""

from datetime import timedelta
from typing import Any

from pymongo import MongoClient, monitoring

from services.notifications.domain.inbox import position_of
from services.notifications.repositories import INDEXES
from services.notifications.service import NotificationsService
from shared.contracts.vocabulary import Level, Role
from shared.wiring.store import Store, new_id, now
from tests.services.notifications_room import Room, room

__all__ = ["room"]


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
    room.hear(room.member_changed(ben, revision=2), room.join_decided(new_id(), approved=False))
    for member in (ana, ben, guest):
        room.inbox(member)
        room.inbox(member, unread=True, community=room.community)
        room.unread(member)
    room.caught_up({ben: 0, guest: 0})
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
