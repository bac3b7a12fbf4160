"""Where agreements are kept, each with all its versions, and the moment at which time moves it on."""

from collections.abc import Iterator
from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.agreement import Agreement, due_at
from services.membership.repositories.rows import Row, TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "agreements"
NEWEST = [("proposed_at", -1), ("_id", -1)]
INDEXES = [
    IndexModel([("parties", 1), *NEWEST], name="newest"),
    IndexModel([("parties", 1), ("in_force", 1)], name="in_force"),
    IndexModel([("due", 1)], name="due", sparse=True),
]


class Agreements:
    """The agreements of this node's organisations."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Agreement | None:
        """The agreement, None when there is none."""
        return thing_of(Agreement, self.rows.find_one({"_id": id}))

    def page(self, party: str, position: TimePosition, limit: int) -> list[Agreement]:
        """At most `limit` of a party's agreements, newest first, after a position."""
        which = {"parties": party, **before("proposed_at", position)}
        return things_of(Agreement, self.rows.find(which).sort(NEWEST).limit(limit))

    def all_of(self, party: str) -> list[Agreement]:
        """All of a party's agreements."""
        return things_of(Agreement, self.rows.find({"parties": party}))

    def in_force_for(self, party: str) -> list[Agreement]:
        """Those of a party's agreements that may let something cross: both have signed them, and nobody has revoked them."""
        which = {"parties": party, "in_force": {"$gte": 1}, "revoked_at": None}
        return things_of(Agreement, self.rows.find(which))

    def due(self, at: datetime) -> Iterator[Agreement]:
        """The agreements that time moves on, longest due first."""
        for row in self.rows.find({"due": {"$lte": at}}).sort("due", 1):
            yield Agreement(id=row.pop("_id"), **row)

    @staticmethod
    def put(work: Work, was: Agreement | None, now: Agreement) -> None:
        """Add a new or changed agreement to what is to happen."""
        row: Row = row_of(now)
        if due := due_at(now):
            row["due"] = due
        if was is None:
            work.insert(COLLECTION, row)
        else:
            work.replace(COLLECTION, row, was=was.revision)
