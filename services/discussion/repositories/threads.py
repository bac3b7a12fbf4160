"""Threads as they are kept, one document each."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.database import Database

from services.discussion.domain.crossing import Reach
from services.discussion.domain.thread import Thread
from services.discussion.repositories.reach import threads_within
from shared.wiring.store import Work

COLLECTION = "threads"
MOST_SHARED = 1_000

_LATEST_FIRST = [("last_post_at", DESCENDING), ("_id", DESCENDING)]
_NEWEST_FIRST = [("opened_at", DESCENDING), ("_id", DESCENDING)]
INDEXES = [
    IndexModel([("community", 1), *_LATEST_FIRST], name="latest"),
    IndexModel([("community", 1), *_NEWEST_FIRST], name="newest"),
    IndexModel([("community", 1), ("kind", 1), *_LATEST_FIRST], name="latest_of_kind"),
    IndexModel([("community", 1), ("state", 1), *_LATEST_FIRST], name="latest_in_state"),
    IndexModel(
        [("guests", 1), *_LATEST_FIRST],
        name="shared_in_stay",
        partialFilterExpression={"guests": {"$exists": True}},
    ),
    IndexModel(
        [("community", 1), ("opened_at", 1), ("_id", 1)],
        name="waiting",
        partialFilterExpression={"waiting": True},
    ),
]


class Threads:
    """The threads of all communities.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def find(self, thread: str) -> Thread | None:
        """The thread, if there is one."""
        row = self._rows.find_one({"_id": thread})
        return _thread(row) if row else None

    def among(self, threads: Iterable[str]) -> dict[str, Thread]:
        """Those of `threads` that are there, by id."""
        return {row["_id"]: _thread(row) for row in self._rows.find({"_id": {"$in": list(threads)}})}

    def shared_in(self, stays: Iterable[str]) -> list[str]:
        """The ids of threads shared in these stays of a guest, latest first and within reason."""
        which = {"guests": {"$in": list(stays)}}
        rows = self._rows.find(which, {"_id": 1}).sort(_LATEST_FIRST).limit(MOST_SHARED)
        return [row["_id"] for row in rows]

    def latest(
        self,
        community: str,
        *,
        kind: str | None,
        state: str | None,
        stay: str | None,
        reach: Reach | None = None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Thread]:
        """Threads of a community, latest post first.

        Args:
            stay: of those shared in that stay of a guest only.
            reach: of those a partner's system may know of only, the newest first: when others have posted
                in a thread may be nothing it may know.
        """
        which: dict[str, Any] = {"community": community}
        if kind is not None:
            which["kind"] = kind
        if state is not None:
            which["state"] = state
        if stay is not None:
            which["guests"] = stay
        by, order = ("last_post_at", _LATEST_FIRST) if reach is None else ("opened_at", _NEWEST_FIRST)
        if after is not None:
            moment, id = after
            which["$or"] = [{by: {"$lt": moment}}, {by: moment, "_id": {"$lt": id}}]
            which[by] = {"$lte": moment}
        within = {"$and": [which, *threads_within(reach)]} if reach else which
        return [_thread(row) for row in self._rows.find(within).sort(order).limit(limit)]

    def waiting(
        self,
        communities: Iterable[str],
        *,
        stay: str | None,
        reach: Reach | None = None,
        after: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Thread]:
        """Unanswered questions of these communities, longest wait first; for `stay` and `reach` see `latest`."""
        which: dict[str, Any] = {"waiting": True, "community": {"$in": list(communities)}}
        if stay is not None:
            which["guests"] = stay
        if after is not None:
            moment, id = after
            which["$or"] = [{"opened_at": {"$gt": moment}}, {"opened_at": moment, "_id": {"$gt": id}}]
            which["opened_at"] = {"$gte": moment}
        within = {"$and": [which, *threads_within(reach)]} if reach else which
        found = self._rows.find(within).sort([("opened_at", 1), ("_id", 1)]).hint("waiting").limit(limit)
        return [_thread(row) for row in found]

    @staticmethod
    def add(work: Work, thread: Thread) -> None:
        """Keep a new thread."""
        work.insert(COLLECTION, document(thread))

    @staticmethod
    def change(work: Work, before: Thread, after: Thread) -> None:
        """Keep a changed thread, unless it was changed meanwhile; posts may come in at the same time."""
        old, new = document(before), document(after)
        changes: dict[str, Any] = {
            "$set": {name: value for name, value in new.items() if old.get(name) != value}
        }
        if gone := [name for name in old if name not in new]:
            changes["$unset"] = dict.fromkeys(gone, True)
        # `waiting` rests on `answered`, which a post may set without changing the revision.
        which = {"_id": before.id, "revision": before.revision, "answered": before.answered}
        if before.title_revision != after.title_revision:
            which |= _of_title(before)
        if after.told != before.told:
            which |= _told_so_far(before)
        work.update(COLLECTION, which, changes, must_match=True)

    @staticmethod
    def doubt(work: Work, before: Thread, after: Thread) -> None:
        """Keep whether a thread's title is doubted, which is no change of the thread."""
        change = {"$set": {"doubted": after.doubted, "title_revision": after.title_revision}}
        work.update(COLLECTION, {"_id": before.id, **_of_title(before)}, change, must_match=True)

    @staticmethod
    def count_post(work: Work, thread: Thread, *, author: str, at: datetime) -> None:
        """Count one more post by `author`, if the thread is still open by the time it is written.

        It names no revision, so that a change may be decided upon while others post; a closing that was
        quicker makes the work stale, and so does another post, whose number this one cannot have.
        """
        change: dict[str, Any] = {"$inc": {"posts": 1, "told": 1}, "$max": {"last_post_at": at}}
        if author != thread.author and not thread.answered:
            change |= {"$set": {"answered": True}, "$unset": {"waiting": True}}
        which = {"_id": thread.id, "state": "open"} | _told_so_far(thread)
        work.update(COLLECTION, which, change, must_match=True)

    @staticmethod
    def share(work: Work, before: Thread, after: Thread) -> None:
        """Let the guests of `after` see the thread, unless it was shared with others meanwhile."""
        as_read: Any = list(before.guests) if before.guests else {"$exists": False}
        change = {"$set": {"guests": list(after.guests)}}
        work.update(COLLECTION, {"_id": before.id, "guests": as_read}, change, must_match=True)


def _of_title(before: Thread) -> dict[str, Any]:
    """What a thread must be like of whose title something is decided; 0 is also what has no number yet."""
    return {"title_revision": before.title_revision or {"$in": [0, None]}}


def _told_so_far(thread: Thread) -> dict[str, Any]:
    """The condition that nothing more was told of a thread; one that is older than numbers has no count yet."""
    return {"told": thread.told or {"$in": [0, None]}}


def document(thread: Thread) -> dict[str, Any]:
    """The thread as MongoDB keeps it; what does not hold of it is left out where an index leaves it out."""
    row = thread.model_dump(mode="python", exclude={"id"})
    row["kind"] = thread.kind.value
    row["professions"], row["interests"] = list(thread.professions), list(thread.interests)
    row["marks"] = thread.marks.model_dump(mode="json") if thread.marks else None
    if thread.guests:
        row["guests"] = list(thread.guests)
    else:
        del row["guests"]
    if thread.waiting:
        row["waiting"] = True
    return {"_id": thread.id, **row}


def _thread(row: dict[str, Any]) -> Thread:
    return Thread(id=row.pop("_id"), **row)
