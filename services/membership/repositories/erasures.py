"""Where erasures are kept, with their receipts; of whom they are says only an id that stands for nobody afterwards."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.erasure import Erasure
from services.membership.repositories.rows import Row, TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "erasures"
NEWEST = [("asked_at", -1), ("_id", -1)]
INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("member", 1)], name="one_open", unique=True, partialFilterExpression={"is_open": True}),
    IndexModel([("state", 1), ("due_at", 1)], name="due"),
    IndexModel(NEWEST, name="newest"),
]


class Erasures:
    """The erasures of this node."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Erasure | None:
        """The erasure, None when there is none."""
        return thing_of(Erasure, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> Erasure | None:
        """The erasure whose number has this digest, None when there is none."""
        return thing_of(Erasure, self.rows.find_one({"digest": digest}))

    def open_of(self, member: str) -> Erasure | None:
        """A member's erasure that is neither cancelled nor complete."""
        return thing_of(Erasure, self.rows.find_one({"member": member, "is_open": True}))

    def due(self, at: datetime) -> list[Erasure]:
        """Those that may begin, longest due first."""
        which = {"state": "waiting", "due_at": {"$lte": at}}
        return things_of(Erasure, self.rows.find(which).sort("due_at", 1).limit(20))

    def page(self, position: TimePosition, limit: int) -> list[Erasure]:
        """At most `limit` erasures, newest first, after a position."""
        return things_of(Erasure, self.rows.find(before("asked_at", position)).sort(NEWEST).limit(limit))

    def waits_since(self) -> datetime | None:
        """Since when the one has been due that has lacked a receipt, or a beginning, for longest."""
        row = self.rows.find_one(
            {"state": {"$in": ["waiting", "begun"]}}, {"due_at": 1}, sort=[("due_at", 1)]
        )
        return row["due_at"] if row else None

    def add(self, work: Work, erasure: Erasure) -> None:
        """Add a new erasure to what is to happen."""
        work.insert(COLLECTION, _row(erasure))

    def put(self, work: Work, was: Erasure, now: Erasure) -> None:
        """Add a change of an erasure to what is to happen."""
        work.replace(COLLECTION, _row(now), was=was.revision)


def _row(erasure: Erasure) -> Row:
    return {**row_of(erasure), "is_open": erasure.is_open}
