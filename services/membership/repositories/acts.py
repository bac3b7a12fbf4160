"""Where acts wait for their place in the audit log, and the log: rows that are only ever added."""

from collections.abc import Collection, Sequence
from typing import Any

from pymongo import IndexModel

from services.membership.domain.act import Act, Entry
from shared.wiring import acts as recorded
from shared.wiring.store import Store, Work

WAITING = "acts"
IN_TIME = [("at", 1), ("_id", 1)]
WAITING_INDEXES = [IndexModel(IN_TIME, name="in_time")]
LOG = "audit"
LOG_INDEXES = [
    IndexModel([("id", 1)], name="act", unique=True),
    # In the order in which a member's copy of what is theirs is gathered.
    IndexModel(
        [("member", 1), ("_id", 1)],
        name="of_member_in_order",
        partialFilterExpression={"member": {"$gte": ""}},
    ),
    IndexModel([("organisations", 1), ("_id", -1)], name="of_organisation"),
]


class Acts:
    """The acts of this node."""

    def __init__(self, store: Store) -> None:
        self.waiting = store.database[WAITING]
        self.log = store.database[LOG]

    @staticmethod
    def record(work: Work, act: recorded.Act) -> None:
        """Let `work` keep what is done by it."""
        fields = act._asdict()
        lists = {name: list(fields[name]) for name in ("organisations", "upon", "parties")}
        work.insert(WAITING, {"_id": fields.pop("id"), **fields, **lists})

    def next(self, limit: int) -> list[Act]:
        """Those that have waited longest."""
        return [Act(id=row.pop("_id"), **row) for row in self.waiting.find().sort(IN_TIME).limit(limit)]

    def last(self) -> Entry | None:
        """The newest entry of the log."""
        row = self.log.find_one(sort=[("_id", -1)])
        return _entry(row) if row else None

    def places(self, organisations: Collection[str]) -> dict[str, int]:
        """The place of the last entry of each of these organisations among its own, where there is one."""
        found: dict[str, int] = {}
        for organisation in organisations:
            which = {"organisations": organisation}
            if row := self.log.find_one(which, {"places": 1}, sort=[("_id", -1)]):
                places = row.get("places", {})
                # Entries from before places were recorded are counted, once.
                found[organisation] = places.get(organisation) or self.log.count_documents(which)
        return found

    def position(self, organisation: str, act: str) -> int | None:
        """Where an act of an organisation lies in the log; None when it has none of this id."""
        row = self.log.find_one({"id": act, "organisations": organisation}, {"_id": 1})
        return row["_id"] if row else None

    def seal(self, work: Work, entries: Sequence[Entry]) -> None:
        """Let `work` move these to their places, unless another copy of the service was quicker."""
        for entry in entries:
            row = entry.model_dump()
            work.insert(LOG, {"_id": row.pop("number"), **row})
        work.delete(WAITING, {"_id": {"$in": [entry.id for entry in entries]}})

    def page(self, organisation: str | None, before: int | None, limit: int) -> list[Entry]:
        """Entries of an organisation, or of all, newest first, before a number."""
        which: dict[str, Any] = {}
        if organisation is not None:
            which["organisations"] = organisation
        if before is not None:
            which["_id"] = {"$lt": before}
        return [_entry(row) for row in self.log.find(which).sort("_id", -1).limit(limit)]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(number=row.pop("_id"), **row)
