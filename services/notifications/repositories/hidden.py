"""Posts that moderation took out of sight: copies of what discussion tells."""

from collections.abc import Iterable

from services.notifications.domain.deed import Title
from services.notifications.repositories.titles import TITLES, title_of
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

    def with_titles(self, posts: Iterable[str], threads: Iterable[str]) -> tuple[set[str], dict[str, Title]]:
        """Those of these posts that are out of sight now, and what those of these threads are called whose title changed.

        Asked of everything that is told, so both are one question.
        """
        titled = [{"$match": {"_id": {"$in": sorted(set(threads))}}}]
        rows = self.collection.aggregate(
            [
                {"$match": {"_id": {"$in": sorted(set(posts))}, "hidden": True}},
                {"$unionWith": {"coll": TITLES, "pipeline": titled}},
            ]
        )
        hidden, titles = set(), {}
        for row in rows:
            if "withheld" in row:
                titles[row["_id"]] = title_of(row)
            else:
                hidden.add(row["_id"])
        return hidden, titles
