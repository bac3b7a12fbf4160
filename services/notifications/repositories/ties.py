"""Who follows which thread, and at which level: one row for a member and a thread."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from services.notifications.domain.tie import Tie
from shared.contracts.vocabulary import Level
from shared.wiring.store import Store, Work

TIES = "ties"


class Ties:
    """The ties of members to threads."""

    def __init__(self, store: Store) -> None:
        self.collection = store.database[TIES]

    def add(self, ties: Sequence[Tie]) -> None:
        """Keep these ties; together with what is there the earliest day of following counts."""
        if ties:
            self.collection.bulk_write([_adding(tie) for tie in ties], ordered=False)

    @staticmethod
    def set_level(tie: Tie, at: datetime, work: Work) -> None:
        """Let `work` keep the level a member chose for a thread; who wants all of it follows from then on."""
        change: dict[str, Any] = {
            "$set": {"level": tie.level.value if tie.level else None},
            "$setOnInsert": {
                "thread": tie.thread,
                "member": tie.member,
                "community": tie.community,
            },
        }
        if tie.level is Level.ALL:
            change["$min"] = {"follows_since": at}
        work.update(TIES, {"_id": _tie_id(tie)}, change, upsert=True)

    def forget(self, member: str, community: str, until: datetime) -> None:
        """Undo the ties a member who left had before they left."""
        self.collection.delete_many(
            {
                "member": member,
                "community": community,
                "follows_since": {"$not": {"$gt": until}},
            }
        )

    def get(self, thread: str, member: str) -> Tie | None:
        """That tie, None when there is none."""
        row = self.collection.find_one({"_id": f"{thread}:{member}"})
        return _tie(row) if row else None

    def community_of(self, thread: str) -> str | None:
        """Where a thread is that somebody is tied to; its author is, unless they left."""
        row = self.collection.find_one({"thread": thread}, {"community": 1})
        return str(row["community"]) if row else None

    def of_threads(self, threads: Iterable[str]) -> dict[str, dict[str, Tie]]:
        """The ties of these threads, by thread and member."""
        wanted = sorted(set(threads))
        found: dict[str, dict[str, Tie]] = defaultdict(dict)
        if wanted:
            for row in self.collection.find({"thread": {"$in": wanted}}):
                found[row["thread"]][row["member"]] = _tie(row)
        return found

    def shared_with(self, members: Sequence[str], threads: Iterable[str]) -> set[tuple[str, str]]:
        """Which of these threads were shared with which of these members: pairs of member and thread."""
        which = {
            "member": {"$in": list(members)},
            "thread": {"$in": sorted(set(threads))},
            "shared": True,
        }
        return {(row["member"], row["thread"]) for row in self.collection.find(which)}

    def chosen_by(self, member: str, after: str, limit: int, communities: Sequence[str]) -> list[Tie]:
        """The threads of these communities for which a member chose a level, by id from `after` on."""
        which = {
            "member": member,
            "thread": {"$gt": after},
            "level": {"$gt": ""},
            "community": {"$in": list(communities)},
        }
        return [_tie(row) for row in self.collection.find(which).sort("thread", 1).limit(limit)]


def _tie_id(tie: Tie) -> str:
    return f"{tie.thread}:{tie.member}"


def _adding(tie: Tie) -> UpdateOne:
    change: dict[str, Any] = {
        "$setOnInsert": {
            "thread": tie.thread,
            "member": tie.member,
            "community": tie.community,
        },
        "$min": {"follows_since": tie.follows_since},
    }
    if marks := {name: True for name in ("asked", "shared") if getattr(tie, name)}:
        change["$set"] = marks
    return UpdateOne({"_id": _tie_id(tie)}, change, upsert=True)


def _tie(row: dict[str, Any]) -> Tie:
    return Tie.model_validate({name: value for name, value in row.items() if name != "_id"})
