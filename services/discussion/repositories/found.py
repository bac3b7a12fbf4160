"""Full-text search over posts and the titles of threads.

One text index over all communities, filtered by those the caller may see. An index that begins with
the community would be quicker for one community, but MongoDB then takes exactly one community a
query, and the usual search is over everything one may see. The price: words that are in very many
posts are scored in all of them, so a search is given a second and then asks for rarer words.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pymongo
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from services.discussion.domain.crossing import Reach
from services.discussion.repositories.posts import COLLECTION
from services.discussion.repositories.reach import posts_within
from shared.errors import Invalid

SECONDS = 1.2
"""What a search may take, of the two seconds that a call through the gateway has."""
EXCERPTED = 4_000
"""Characters at a post's beginning in which its excerpt is looked for."""


class Hit(NamedTuple):
    """A post that holds the words, and how well."""

    post: str
    score: float


class Found:
    """The searching of posts.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def hits(
        self,
        words: str,
        *,
        communities: Iterable[str],
        threads: Iterable[str],
        after: Hit | None,
        limit: int,
        reach: Reach | None = None,
    ) -> list[Hit]:
        """Posts with any of `words`, best first, in these communities and in these single threads.

        With `reach`, only what a partner's system may read is looked at: finding tells what it says.
        """
        where: list[dict[str, Any]] = [{"community": {"$in": list(communities)}}]
        if threads := list(threads):
            where.append({"thread": {"$in": threads}})
        stages: list[Mapping[str, Any]] = [
            {"$match": {"$text": {"$search": words}, "$and": [{"$or": where}, *posts_within(reach)]}},
            {"$project": {"score": {"$meta": "textScore"}}},
        ]
        if after is not None:
            lower = {"score": {"$lt": after.score}}
            stages.append({"$match": {"$or": [lower, {"score": after.score, "_id": {"$gt": after.post}}]}})
        stages += [{"$sort": {"score": -1, "_id": 1}}, {"$limit": limit}]
        try:
            with pymongo.timeout(SECONDS):
                return [Hit(row["_id"], row["score"]) for row in self._rows.aggregate(stages)]
        except (ExecutionTimeout, NetworkTimeout) as late:
            self._rows.database.command("ping")  # raises when it is the database that is late, not the search
            raise Invalid(
                "These words are in too many posts; give rarer ones.",
                "search-too-broad",
                "words",
            ) from late

    def beginnings(self, posts: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What is shown of posts that were found, by id; `text` is their beginning."""
        rows = self._rows.find(
            {"_id": {"$in": list(posts)}},
            {
                "thread": 1,
                "community": 1,
                "author": 1,
                "organisation": 1,
                "posted_at": 1,
                "edited_at": 1,
                "marks": 1,
                "doubted": 1,
                "text": {"$substrCP": ["$text", 0, EXCERPTED]},
            },
        )
        return {row["_id"]: row for row in rows}
