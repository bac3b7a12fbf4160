"""Reactions: one row for each reader, post and word, kept when taken back so that it is news only once."""

from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.discussion.domain.reaction import Past
from shared.contracts.vocabulary import Reaction
from shared.wiring.store import Work

COLLECTION = "reactions"


class Reactions:
    """Who said what of which post; found by id alone.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def past(self, post: str, member: str, reaction: Reaction) -> Past:
        """What the member has said of the post in this word before."""
        row = self._rows.find_one({"_id": _id(post, member, reaction)}, {"standing": 1})
        if row is None:
            return "never"
        return "standing" if row["standing"] else "taken back"

    @staticmethod
    def stand(work: Work, post: str, member: str, reaction: Reaction, past: Past, at: datetime) -> None:
        """Let it stand; if it was said meanwhile by the same reader the work is stale, or a duplicate."""
        id = _id(post, member, reaction)
        if past == "never":
            work.insert(COLLECTION, {"_id": id, "standing": True, "at": at})
        else:
            work.update(
                COLLECTION, {"_id": id, "standing": False}, {"$set": {"standing": True}}, must_match=True
            )

    @staticmethod
    def take_back(work: Work, post: str, member: str, reaction: Reaction) -> None:
        """Let it stand no longer."""
        which = {"_id": _id(post, member, reaction), "standing": True}
        work.update(COLLECTION, which, {"$set": {"standing": False}}, must_match=True)


def _id(post: str, member: str, reaction: Reaction) -> str:
    return f"{post}:{member}:{reaction.value}"
