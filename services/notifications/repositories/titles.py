"""What threads are called now, where that changed after it was told, and who opened those that were imported.

Copies of what discussion tells. Nobody was told of the opening of an imported thread; whoever is erased must be found
as its opener nevertheless.
"""

from collections.abc import Iterable
from typing import Any

from services.notifications.domain.deed import Title
from shared.contracts import former
from shared.contracts.discussion import HistoryImported, PostVisibilityChanged, ThreadTitleChanged
from shared.wiring import erasing
from shared.wiring.store import Store, Work

TITLES = "titles"


class Titles:
    """The titles that were taken out, put back or doubted at any time; a row for each thread, and for each imported.

    They are looked up when a deed is read, so that nothing has to be written into what was kept of the thread.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[TITLES]

    def keep(self, told: Iterable[ThreadTitleChanged]) -> None:
        """Keep these as told, each unless a later revision is here; of who was erased, what texts were replaced by."""
        told = list(told)
        gone = erasing.among(self.store, [each.opened_by for each in told])
        work = Work()
        for each in told:
            is_gone = each.opened_by in gone and gone[each.opened_by]["remove_texts"]
            work.copy(
                TITLES,
                {
                    "_id": each.thread,
                    "opened_by": each.opened_by,
                    "title": former.TITLE if is_gone else each.title,
                    "withheld": each.withheld and not is_gone,
                    "revision": each.revision,
                },
            )
        self.store.commit(work)

    def keep_told_with_posts(self, told: Iterable[PostVisibilityChanged]) -> None:
        """Keep the titles that were told with these, each unless a later one is here; whether it may cross was not told."""
        work = Work()
        for each in told:
            # It grows with the post's revision, and is below 1, the first of the title's own.
            revision = 1 - 1 / (each.revision + 1)
            row = {"_id": each.thread, "title": each.title, "withheld": True, "revision": revision}
            work.copy(TITLES, row)
        self.store.commit(work)

    def keep_openers(self, told: Iterable[HistoryImported]) -> None:
        """Keep who opened these threads."""
        work = Work()
        for each in told:
            work.update(
                TITLES, {"_id": each.thread}, {"$setOnInsert": {"opened_by": each.opened_by}}, upsert=True
            )
        self.store.commit(work)

    def of(self, threads: Iterable[str | None]) -> dict[str, Title]:
        """What those of these threads are called of which a change was heard."""
        wanted = sorted({thread for thread in threads if thread})
        if not wanted:
            return {}
        found = self.collection.find({"_id": {"$in": wanted}, "title": {"$exists": True}})
        return {row["_id"]: title_of(row) for row in found}


def title_of(row: dict[str, Any]) -> Title:
    """The title that a row keeps."""
    return Title(row["title"], row["withheld"])
