"""Where exports are kept: whose, how they stand, and their links as digests. What is in them lies in parts."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.export import Export
from services.membership.repositories.rows import Row, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "exports"
OPEN = ["gathering", "ready"]
INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True, partialFilterExpression={"digest": {"$gte": ""}}),
    IndexModel([("member", 1), ("asked_at", -1)], name="newest"),
    IndexModel([("member", 1)], name="one_open", unique=True, partialFilterExpression={"is_open": True}),
    IndexModel([("state", 1), ("ends_at", 1)], name="ended"),
    IndexModel([("asked_at", 1)], name="gathering", partialFilterExpression={"state": "gathering"}),
]


class Exports:
    """The exports of this node."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Export | None:
        """The export, None when there is none."""
        return thing_of(Export, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> Export | None:
        """The export whose link has this digest, None when there is none."""
        return thing_of(Export, self.rows.find_one({"digest": digest}))

    def latest(self, member: str) -> Export | None:
        """A member's latest, None when there is none."""
        return thing_of(Export, self.rows.find_one({"member": member}, sort=[("asked_at", -1)]))

    def ended(self, at: datetime) -> list[Export]:
        """Those that can't be fetched any more, and are to be taken away."""
        which = {"state": {"$in": ["ready", "fetched"]}, "ends_at": {"$lte": at}}
        return things_of(Export, self.rows.find(which).limit(100))

    def gathering_since(self, at: datetime) -> list[Export]:
        """Those that were asked for by then, and are not gathered yet."""
        which = {"state": "gathering", "asked_at": {"$lte": at}}
        return things_of(Export, self.rows.find(which).limit(100))

    def add(self, work: Work, export: Export) -> None:
        """Add a new export to what is to happen."""
        work.insert(COLLECTION, _row(export))

    def put(self, work: Work, was: Export, now: Export) -> None:
        """Add a change of an export to what is to happen."""
        work.replace(COLLECTION, _row(now), was=was.revision)


def _row(export: Export) -> Row:
    return {**row_of(export), "is_open": export.state in OPEN}
