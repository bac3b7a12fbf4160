"""How many people are in a community.

Counted in the transaction that lets somebody in or out, so that the number is always right; spread over
up to `STRIPES` rows a community, because of two transactions that change one row at once only one succeeds,
and hundreds may join on the day a community is announced. A small community has as many rows as people
at most, and counting is a read of the index alone.
"""

from collections import Counter
from collections.abc import Iterable
from zlib import crc32

from pymongo import IndexModel

from shared.wiring.store import Store, Work

COLLECTION = "headcounts"
STRIPES = 256
INDEXES = [IndexModel([("community", 1), ("people", 1)], name="by_community")]


class Headcounts:
    """The number of people in each community, guests too."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def of(self, communities: Iterable[str]) -> Counter[str]:
        """How many people are in each; 0 where nobody is."""
        rows = self.rows.find(
            {"community": {"$in": list(communities)}}, {"_id": 0, "community": 1, "people": 1}
        )
        counts: Counter[str] = Counter()
        for row in rows:
            counts[row["community"]] += row["people"]
        return counts

    def count(self, work: Work, community: str, members: Iterable[str], by: int) -> None:
        """Count that each of `members` has come (`by` 1) or gone (-1)."""
        stripes = Counter(crc32(member.encode()) % STRIPES for member in members)
        for stripe, people in stripes.items():
            work.update(
                COLLECTION,
                {"_id": f"{community}:{stripe}"},
                {"$inc": {"people": by * people}, "$setOnInsert": {"community": community}},
                upsert=True,
            )
