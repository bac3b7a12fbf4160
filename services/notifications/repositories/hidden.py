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

    def in_threads(self, threads: Iterable[str]) -> tuple[set[str], dict[str, str]]:
        """The posts of these threads that are out of sight now, and what those threads are called whose opening ever was."""
        wanted = sorted(set(threads))
        if not wanted:
            return set(), {}
        rows = list(self.collection.find({"thread": {"$in": wanted}}))
        hidden = {row["_id"] for row in rows if row["hidden"]}
        return hidden, {row["thread"]: row["title"] for row in rows if row["title"] is not None}
