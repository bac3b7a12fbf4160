"""What was done, once for all the inbox rows that point to it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from services.notifications.domain.deed import Deed, titled
from services.notifications.repositories.titles import Titles
from shared.wiring.store import Store

DEEDS = "deeds"


class Deeds:
    """The deeds this service has heard of."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[DEEDS]
        self.titles = Titles(store)

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

    def about_posts(self, posts: Iterable[str]) -> list[Deed]:
        """The adding of these posts, or of the threads that they open."""
        return list(self.by_id(f"post.{post}" for post in posts).values())

    def by_id(self, ids: Iterable[str]) -> dict[str, Deed]:
        """The deeds of these ids, with the titles that their threads have now."""
        found = [_deed(row) for row in self.collection.find({"_id": {"$in": sorted(set(ids))}})]
        titles = self.titles.of(deed.thread for deed in found)
        return {deed.id: titled(deed, titles) for deed in found}

    def community_of(self, thread: str) -> str | None:
        """Where a thread is in which something was done."""
        row = self.collection.find_one({"thread": thread}, {"community": 1})
        return str(row["community"]) if row else None

    def in_threads(self, threads: Iterable[str], since: datetime) -> Iterator[Deed]:
        """What was done in these threads from `since` on."""
        for row in self.collection.find({"thread": {"$in": sorted(set(threads))}, "at": {"$gte": since}}):
            yield _deed(row)

    def in_community(self, community: str, since: datetime) -> Iterator[Deed]:
        """What was done in a community from `since` on, oldest first; read as it is asked for."""
        which = {"community": community, "at": {"$gte": since}}
        for row in self.collection.find(which).sort("at", 1):
            yield _deed(row)


def _deed(row: dict[str, Any]) -> Deed:
    return Deed.model_validate({"id": row.pop("_id"), **row})
