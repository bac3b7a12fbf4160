"""Posts that moderation took out of sight, and what their threads are called since: copies of what discussion tells."""

from collections.abc import Iterable

from shared.contracts.discussion import PostVisibilityChanged
from shared.wiring.store import Store, Work

HIDDEN = "hidden_posts"


class Hidden:
    """Every post that was ever taken out, and whether it is now."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[HIDDEN]

    def keep(self, told: Iterable[PostVisibilityChanged]) -> None:
        """Keep these as told, each unless a later revision is here."""
        work = Work()
        for each in told:
            work.copy(
                HIDDEN,
                {
                    "_id": each.post,
                    "thread": each.thread,
                    "hidden": not each.visible,
                    "title": each.title,
                    "revision": each.revision,
                },
            )
        self.store.commit(work)

    def among(self, posts: Iterable[str]) -> set[str]:
        """Those of these posts that are out of sight now."""
        wanted = sorted(set(posts))
        if not wanted:
            return set()
        return {row["_id"] for row in self.collection.find({"_id": {"$in": wanted}, "hidden": True})}

    def titles(self, threads: Iterable[str]) -> dict[str, str]:
        """What those of these threads are called whose opening posts were ever taken out."""
        wanted = sorted(set(threads))
        if not wanted:
            return {}
        rows = self.collection.find({"thread": {"$in": wanted}, "title": {"$ne": None}})
        return {row["thread"]: row["title"] for row in rows}
