"""Held posts, and apart from them what is to be said: it is gone with the decision, or after thirty days."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import IndexModel
from pymongo.database import Database

from services.discussion.domain.held_post import KEPT, HeldPost
from shared.wiring.store import Work

COLLECTION = "held_posts"
TEXTS = "held_texts"

WAITING = {"state": "waiting"}
_BY_WAIT = [("held_at", 1), ("_id", 1)]
INDEXES = [
    IndexModel([("community", 1), *_BY_WAIT], name="waiting", partialFilterExpression=WAITING),
    IndexModel([("author", 1)], name="author"),
]
TEXT_INDEXES = [IndexModel([("at", 1)], name="kept", expireAfterSeconds=int(KEPT.total_seconds()))]


class HeldPosts:
    """The held posts of all communities.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]
        self._texts = database[TEXTS]

    def find(self, id: str) -> HeldPost | None:
        """The held post, if there is one."""
        row = self._rows.find_one({"_id": id})
        return _held(row) if row else None

    def text(self, id: str) -> dict[str, Any] | None:
        """What is to be said, as it was sent; None once it is decided or thirty days old."""
        row = self._texts.find_one({"_id": id})
        return row["new"] if row else None

    def waiting(
        self,
        community: str,
        *,
        authors: Iterable[str] | None,
        organisation: str | None,
        since: datetime,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[HeldPost]:
        """Those that wait in a community, longest wait first; of `authors`, or everybody's with None.

        Args:
            organisation: of its members only; of all with None.
            since: what was held before has lapsed.
        """
        held_at: dict[str, Any] = {"$gt": since}
        which: dict[str, Any] = {"community": community, **WAITING, "held_at": held_at}
        if authors is not None:
            which["author"] = {"$in": list(authors)}
        if organisation is not None:
            which["organisation"] = organisation
        if after is not None:
            moment, id = after
            which["$or"] = [{"held_at": {"$gt": moment}}, {"held_at": moment, "_id": {"$gt": id}}]
        return [_held(row) for row in self._rows.find(which).sort(_BY_WAIT).limit(limit)]

    @staticmethod
    def add(work: Work, held: HeldPost, new: dict[str, Any]) -> None:
        """Keep a held post, and apart from it what is to be said."""
        work.insert(COLLECTION, _document(held))
        work.insert(TEXTS, {"_id": held.id, "new": new, "at": held.held_at})

    @staticmethod
    def settle(work: Work, before: HeldPost, after: HeldPost) -> None:
        """Keep that it waits no longer, unless somebody was quicker; what was to be said goes."""
        work.replace(COLLECTION, _document(after), was=before.revision)
        work.delete(TEXTS, {"_id": after.id})


def _document(held: HeldPost) -> dict[str, Any]:
    row = held.model_dump(exclude={"id"})
    row["found"] = {kind.value: count for kind, count in held.found.items()}
    return {"_id": held.id, **row}


def _held(row: dict[str, Any]) -> HeldPost:
    return HeldPost(id=row.pop("_id"), **row)
