"""Posts and their earlier versions, one document each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.database import Database

from services.discussion.domain import post as rules
from services.discussion.domain.crossing import Reach
from services.discussion.domain.post import Post
from services.discussion.repositories.reach import posts_within
from shared.contracts.calls.discussion import PostVersion
from shared.contracts.vocabulary import Reaction
from shared.wiring.store import Work

COLLECTION = "posts"
VERSIONS = "post_versions"

_IN_ORDER = [("posted_at", 1), ("place", 1), ("_id", 1)]
INDEXES = [
    IndexModel([("thread", 1), *_IN_ORDER], name="in_order"),
    IndexModel([("author", 1), ("_id", 1)], name="author"),
    IndexModel(
        [("title", "text"), ("text", "text")],
        name="words",
        weights={"title": 5, "text": 1},
        default_language="english",
        language_override="_language",
    ),
]
VERSION_INDEXES = [IndexModel([("post", 1), ("revision", DESCENDING)], name="of_post")]

Position = tuple[datetime, int, str]
"""Where a post stands in its thread."""


class Posts:
    """The posts of all threads.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]
        self._versions = database[VERSIONS]

    def find(self, post: str) -> Post | None:
        """The post, if there is one."""
        row = self._rows.find_one({"_id": post})
        return _post(row) if row else None

    def of_thread(
        self, thread: str, *, after: Position | None, limit: int, reach: Reach | None = None
    ) -> list[Post]:
        """A thread's posts, oldest first; with `reach`, those a partner's system may read."""
        which: dict[str, Any] = {"thread": thread}
        if after is not None:
            moment, place, id = after
            which["posted_at"] = {"$gte": moment}
            which["$or"] = [
                {"posted_at": {"$gt": moment}},
                {"posted_at": moment, "place": {"$gt": place}},
                {"posted_at": moment, "place": place, "_id": {"$gt": id}},
            ]
        within = {"$and": [which, *posts_within(reach)]} if reach else which
        return [_post(row) for row in self._rows.find(within).sort(_IN_ORDER).limit(limit)]

    def seen(self, threads: Sequence[str], reach: Reach) -> dict[str, Mapping[str, Any]]:
        """How many posts of these threads a partner's system may read, and until when they go; by thread."""
        rows = self._rows.aggregate(
            [
                {"$match": {"$and": [{"thread": {"$in": list(threads)}}, *posts_within(reach)]}},
                {"$group": {"_id": "$thread", "posts": {"$sum": 1}, "last_post_at": {"$max": "$posted_at"}}},
            ]
        )
        return {row["_id"]: row for row in rows}

    def within(self, posts: Sequence[str], reach: Reach) -> set[str]:
        """Those of these posts that a partner's system may read."""
        which = {"$and": [{"_id": {"$in": list(posts)}}, *posts_within(reach)]}
        return {row["_id"] for row in self._rows.find(which, {"_id": 1})}

    def versions(self, post: str, *, before: int, limit: int) -> list[PostVersion]:
        """Earlier versions of a post, newest first, from below revision `before`."""
        found = self._versions.find({"post": post, "revision": {"$lt": before}}, {"_id": 0, "post": 0})
        return [PostVersion(**row) for row in found.sort("revision", DESCENDING).limit(limit)]

    def tally(self, threads: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """What the posts themselves say of their threads: how many, by whom, until when; by thread."""
        rows = self._rows.aggregate(
            [
                {"$match": {"thread": {"$in": list(threads)}}},
                {
                    "$group": {
                        "_id": "$thread",
                        "posts": {"$sum": 1},
                        "last_post_at": {"$max": "$posted_at"},
                        "authors": {"$addToSet": "$author"},
                    }
                },
            ]
        )
        return {row["_id"]: row for row in rows}

    @staticmethod
    def add(work: Work, post: Post) -> None:
        """Keep a new post."""
        work.insert(COLLECTION, document(post))

    @staticmethod
    def edit(work: Work, before: Post, after: Post) -> None:
        """Keep an edited post, and beside it the version it had; reactions may come in at the same time."""
        old, new = document(before), document(after)
        changes = {
            name: value for name, value in new.items() if old.get(name) != value and name != "reactions"
        }
        work.update(
            COLLECTION, {"_id": before.id, "revision": before.revision}, {"$set": changes}, must_match=True
        )
        work.insert(
            VERSIONS,
            {
                "_id": f"{before.id}:{before.revision}",
                "post": before.id,
                **rules.version(before).model_dump(),
            },
        )

    @staticmethod
    def moderate(work: Work, before: Post, after: Post) -> None:
        """Keep a post that moderation took out or put back; its versions go and come with it."""
        old, new = document(before), document(after)
        changes = {
            name: value for name, value in new.items() if old.get(name) != value and name != "reactions"
        }
        which = {"_id": before.id, "revision": before.revision}
        work.update(COLLECTION, which, {"$set": changes}, must_match=True)
        was, now = (_versions_of(each) for each in (before, after))
        if was != now:
            work.update_many(VERSIONS, {"post": was}, {"$set": {"post": now}})

    @staticmethod
    def doubt(work: Work, before: Post, is_so: bool) -> None:
        """Keep whether a post is doubted, which is no change of what it says, unless that changed since it was read."""
        was = {"doubted": True if before.doubted else {"$ne": True}}
        work.update(COLLECTION, {"_id": before.id, **was}, {"$set": {"doubted": is_so}}, must_match=True)

    @staticmethod
    def count_reaction(work: Work, post: str, reaction: Reaction, by: int) -> None:
        """Count one reaction more (`by` +1) or less (-1)."""
        work.update(COLLECTION, {"_id": post}, {"$inc": {f"reactions.{reaction.value}": by}}, must_match=True)


def document(post: Post) -> dict[str, Any]:
    """The post as MongoDB keeps it."""
    return {
        "_id": post.id,
        "thread": post.thread,
        "community": post.community,
        "author": post.author,
        "organisation": post.organisation,
        "title": post.title,
        "text": post.text,
        "html": post.html,
        "mentions": list(post.mentions),
        "once_mentioned": list(post.once_mentioned),
        "reactions": {word.value: count for word, count in post.reactions.items()},
        "posted_at": post.posted_at,
        "place": post.place,
        "edited_at": post.edited_at,
        "revision": post.revision,
        "marks": post.marks.model_dump(mode="json") if post.marks else None,
        "moderation": post.moderation,
        "doubted": post.doubted,
    }


def _versions_of(post: Post) -> str:
    """The name under which a post's versions lie: nobody looks for those of one that was taken out."""
    return versions_of_taken_out(post.id) if post.moderation else post.id


def versions_of_taken_out(post: str) -> str:
    """The name under which the versions lie of a post that was taken out."""
    return f"taken-out:{post}"


def _post(row: dict[str, Any]) -> Post:
    return Post(id=row.pop("_id"), **row)
