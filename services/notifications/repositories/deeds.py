"""What was done, once for all the inbox rows that point to it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.deed import Deed, titled
from services.notifications.repositories.titles import Titles
from shared.contracts.vocabulary import NotificationKind
from shared.wiring.store import Store

DEEDS = "deeds"
NAMES_NOBODY = timedelta(days=60)
"""For how long an edit is kept in which only unknown handles stand: as long as any news may come late."""
ABOUT_POSTS = ("post", "mention", "answer", "reacted")
"""What the ids of deeds begin with that are about a post; see `domain.fact`."""


class Deeds:
    """The deeds this service has heard of."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[DEEDS]
        self.titles = Titles(store)

    def add(self, deeds: Sequence[Deed]) -> None:
        """Keep these, each unless it is here."""
        self.store.insert_new(DEEDS, [_row(deed) for deed in deeds])

    def keep_for_good(self, deeds: Iterable[str]) -> None:
        """Keep these as long as what points to them: they have named somebody after all."""
        if wanted := sorted(set(deeds)):
            self.collection.update_many({"_id": {"$in": wanted}}, {"$unset": {"lapses_at": ""}})

    def about_posts(self, posts: Iterable[str]) -> list[Deed]:
        """All that was done about these posts: their adding, or the opening of their threads, mentions by edits, answers, reactions.

        Their ids begin with what was done and the post, so that they stand together.
        """
        beginnings = [f"{kind}.{post}" for post in sorted(set(posts)) for kind in ABOUT_POSTS]
        ids = [{"_id": {"$gte": beginning, "$lt": f"{beginning}/"}} for beginning in beginnings]
        return self._titled(self.collection.find({"$or": ids})) if ids else []

    def by_id(self, ids: Iterable[str]) -> dict[str, Deed]:
        """The deeds of these ids, with the titles that their threads have now."""
        found = self._titled(self.collection.find({"_id": {"$in": sorted(set(ids))}}))
        return {deed.id: deed for deed in found}

    def _titled(self, rows: Iterable[dict[str, Any]]) -> list[Deed]:
        found = [_deed(row) for row in rows]
        titles = self.titles.of(deed.thread for deed in found)
        return [titled(deed, titles) for deed in found]

    def community_of(self, thread: str) -> str | None:
        """Where a thread is in which something was done."""
        row = self.collection.find_one({"thread": thread}, {"community": 1})
        return str(row["community"]) if row else None

    def first_in(self, threads: Iterable[str]) -> dict[str, Deed]:
        """The earliest deed that was kept of each of these threads, by thread; none of those that have none."""
        stages: list[dict[str, Any]] = [
            {"$match": {"thread": {"$in": sorted(set(threads))}}},
            {"$sort": {"thread": 1, "at": 1}},
            {"$group": {"_id": "$thread", "first": {"$first": "$$ROOT"}}},
        ]
        return {row["_id"]: _deed(row["first"]) for row in self.collection.aggregate(stages)}

    def in_threads(self, threads: Iterable[str], since: datetime) -> Iterator[Deed]:
        """What was done in these threads from `since` on."""
        for row in self.collection.find({"thread": {"$in": sorted(set(threads))}, "at": {"$gte": since}}):
            yield _deed(row)

    def in_community(self, community: str, since: datetime) -> Iterator[Deed]:
        """What was done in a community from `since` on, oldest first; read as it is asked for."""
        which = {"community": community, "at": {"$gte": since}}
        for row in self.collection.find(which).sort("at", 1):
            yield _deed(row)


def _row(deed: Deed) -> dict[str, Any]:
    row = {"_id": deed.id, **deed.model_dump(exclude={"id"}, exclude_defaults=True), "kind": deed.kind.value}
    if deed.kind is NotificationKind.MENTIONED and not deed.mentions:
        row["lapses_at"] = deed.at + NAMES_NOBODY
    return row


def _deed(row: dict[str, Any]) -> Deed:
    return Deed.model_validate({"id": row.pop("_id"), **row})
