"""Where organisations are kept."""

from collections.abc import Iterable

from pymongo import IndexModel

from services.membership.domain.organisation import Organisation
from services.membership.repositories.rows import NamePosition, after, row_of, sort_key, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "organisations"
INDEXES = [IndexModel([("name_key", 1), ("_id", 1)], name="by_name")]


class Organisations:
    """The organisations of this node and of its partners."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Organisation | None:
        """The organisation, None when there is none."""
        return thing_of(Organisation, self.rows.find_one({"_id": id}))

    def name(self, id: str | None) -> str | None:
        """An organisation's name, None when there is none."""
        return None if id is None else self.names([id]).get(id)

    def names(self, ids: Iterable[str | None]) -> dict[str, str]:
        """The names of those that are there, by id."""
        wanted = list({id for id in ids if id is not None})
        if not wanted:
            return {}
        return {row["_id"]: row["name"] for row in self.rows.find({"_id": {"$in": wanted}}, {"name": 1})}

    def page(self, position: NamePosition, limit: int) -> list[Organisation]:
        """At most `limit` organisations by name, after a position `[name key, id]`."""
        rows = self.rows.find(after("name_key", position))
        return things_of(Organisation, rows.sort([("name_key", 1), ("_id", 1)]).limit(limit))

    def add(self, work: Work, organisation: Organisation) -> None:
        """Add a new organisation to what is to happen."""
        work.insert(COLLECTION, {**row_of(organisation), "name_key": sort_key(organisation.name)})
