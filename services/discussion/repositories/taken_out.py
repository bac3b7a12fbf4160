"""What posts said that moderation has taken out, to be put back."""

from typing import Any

from pymongo.database import Database

from services.discussion.domain.tombstone import Kept
from shared.wiring.store import Work

COLLECTION = "taken_out"


class TakenOut:
    """What was taken out of posts, one row for each.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def find(self, post: str) -> Kept | None:
        """What a post said, when it was taken out."""
        row = self._rows.find_one({"_id": post})
        return Kept(post=row.pop("_id"), **row) if row else None

    @staticmethod
    def keep(work: Work, kept: Kept) -> None:
        """Keep what a post said."""
        work.insert(COLLECTION, {"_id": kept.post, **kept.model_dump(exclude={"post"})})

    @staticmethod
    def hand_over(work: Work, kept: Kept, case: str) -> None:
        """Keep it for another case, unless somebody has decided about it since it was read."""
        work.update(
            COLLECTION, _as_read(kept), {"$set": {"case": case}, "$inc": {"turns": 1}}, must_match=True
        )

    @staticmethod
    def forget(work: Work, kept: Kept) -> None:
        """Keep it no longer, unless somebody has decided about it since it was read: the post says it again."""
        work.update(COLLECTION, _as_read(kept), {"$inc": {"turns": 1}}, must_match=True)
        work.delete(COLLECTION, {"_id": kept.post})


def _as_read(kept: Kept) -> dict[str, Any]:
    """What the row must be like of which something is decided; it was kept without turns once."""
    return {"_id": kept.post, "case": kept.case, "turns": kept.turns or {"$in": [0, None]}}
