"""What was done, once for all the inbox rows that point to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from services.notifications.domain.deed import Deed
from shared.wiring.store import Store

DEEDS = "deeds"
MOST_LOOKED_BACK = 1_000
"""Deeds looked at for those who come late."""


class Deeds:
    """The deeds this service has heard of."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[DEEDS]

    def add(self, deeds: Sequence[Deed]) -> None:
        """Keep these, each unless it is here."""
        self.store.insert_new(
            DEEDS,
            [
                {
                    "_id": deed.id,
                    **deed.model_dump(exclude={"id"}, exclude_defaults=True),
                }
                | {"kind": deed.kind.value}
                for deed in deeds
            ],
        )

    def by_id(self, ids: Iterable[str]) -> dict[str, Deed]:
        """The deeds of these ids."""
        found = self.collection.find({"_id": {"$in": sorted(set(ids))}})
        return {row["_id"]: _deed(row) for row in found}

    def in_threads(self, threads: Iterable[str], since: datetime) -> list[Deed]:
        """What was done in these threads from `since` on, the latest of it."""
        return self._find({"thread": {"$in": sorted(set(threads))}, "at": {"$gte": since}})

    def in_communities(self, communities: Iterable[str], since: datetime) -> list[Deed]:
        """What was done in these communities from `since` on, the latest of it."""
        return self._find({"community": {"$in": sorted(set(communities))}, "at": {"$gte": since}})

    def _find(self, which: dict[str, Any]) -> list[Deed]:
        return [_deed(row) for row in self.collection.find(which).sort("at", -1).limit(MOST_LOOKED_BACK)]


def _deed(row: dict[str, Any]) -> Deed:
    return Deed.model_validate({"id": row.pop("_id"), **row})
