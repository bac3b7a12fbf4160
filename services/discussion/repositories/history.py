"""The bringing-in of history: many posts at a time, outside transactions, so that a repetition completes it.

Order makes it safe to be killed at any moment: posts first, by ids that are their own; then the
thread; last, in one transaction, the counters, the memory of the part and the fact that it is here.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from services.discussion.repositories import posts, threads
from shared.wiring.store import Store, Work

COLLECTION = "history_parts"
AT_A_TIME = 1_000


class History:
    """The parts of threads that are here, and the way for more.

    Args:
        store: the service's own.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(self, parts: Iterable[str]) -> set[str]:
        """Which of these parts are here whole, and told of."""
        rows = self._store.database[COLLECTION].find({"_id": {"$in": list(parts)}}, {"_id": 1})
        return {row["_id"] for row in rows}

    def add_posts(self, new: Sequence[Post]) -> list[Post]:
        """Keep those of `new` that are not there yet, and return them."""
        added: list[Post] = []
        for begin in range(0, len(new), AT_A_TIME):
            some = new[begin : begin + AT_A_TIME]
            added += [
                some[at] for at in self._store.insert_new(posts.COLLECTION, [posts.document(p) for p in some])
            ]
        return added

    def add_threads(self, new: Sequence[Thread]) -> list[Thread]:
        """Keep those of `new` that are not there yet, and return them."""
        rows = [threads.document(thread) for thread in new]
        return [new[at] for at in self._store.insert_new(threads.COLLECTION, rows)]

    @staticmethod
    def recount(work: Work, before: Thread, after: Thread) -> None:
        """Put the counters right, unless somebody posted in the thread or changed it meanwhile."""
        which = {"_id": before.id, "revision": before.revision, "posts": before.posts}
        counters = {"posts": after.posts, "last_post_at": after.last_post_at, "answered": after.answered}
        change: dict[str, Any] = {"$set": counters}
        if after.waiting:
            counters["waiting"] = True
        else:
            change["$unset"] = {"waiting": True}
        work.update(threads.COLLECTION, which, change, must_match=True)

    @staticmethod
    def remember(work: Work, part: str, at: datetime) -> None:
        """Know this part again; a part that somebody else has brought in meanwhile refuses the work."""
        work.insert(COLLECTION, {"_id": part, "at": at})
