"""Erasing what a service keeps of a member: in bounded pieces, each counted in the transaction that does it.

Whoever hears that somebody is to be erased remembers it (`begin`), together with having heard it. From
then on every copy of the service can go on where another one died: a piece is what still has to be
erased, so doing it twice finds nothing; and it names how many pieces there were before, so that two
copies never count one piece twice.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, IndexModel

from shared.wiring.answers import ANSWERS
from shared.wiring.store import Store, now
from shared.wiring.work import Document, Stale, Work

ERASING = "erasing"
INDEXES = [IndexModel([("begins", ASCENDING)], name="begins", sparse=True)]
PIECE = 500
AT_A_TIME = 10.0
"""Seconds after which the rest is left to the next time."""


class Step(NamedTuple):
    """What is to be erased in one collection.

    Args:
        collection: which.
        find: the ids of at most so many documents that still have something to be erased.
        erase: lets a work erase it in these documents; returns what else it erased, by collection.
    """

    collection: str
    find: Callable[[int], list[Any]]
    erase: Callable[[Work, list[Any]], Mapping[str, int]]


def begin(work: Work, member: str, settling: timedelta, **told: Any) -> None:
    """Let `work` remember that a member is to be erased here.

    Args:
        settling: how long to wait for what is on its way and names them still.
        told: what the steps need to know.
    """
    row = {**told, "begins": now() + settling, "pieces": 0}
    row.setdefault("counts", {})
    work.update(ERASING, {"_id": member}, {"$setOnInsert": row}, upsert=True)


def due(store: Store) -> list[Document]:
    """Whom there is to erase now, longest due first."""
    return list(store.database[ERASING].find({"begins": {"$lte": now()}}).sort("begins", ASCENDING).limit(20))


def among(store: Store, members: Sequence[str]) -> dict[str, Document]:
    """Those of these members who are or were to be erased here, with what was told of it."""
    if not members:
        return {}
    found = store.database[ERASING].find({"_id": {"$in": sorted(set(members))}})
    return {row["_id"]: row for row in found}


def erase(
    store: Store,
    row: Document,
    steps: Sequence[Step],
    finish: Callable[[Work, Mapping[str, int]], None],
    forget: Sequence[str] = (),
) -> None:
    """Erase somebody piece by piece; what there is no time for is left to the next time.

    Args:
        row: as `due` gave it.
        steps: one after the other.
        finish: adds to the last work what follows once nothing is left, from how much was erased by collection.
        forget: which of what was told is needed no longer then.
    """
    until = time.monotonic() + AT_A_TIME
    counts: Counter[str] = Counter(row["counts"])
    pieces = row["pieces"]
    try:
        for step in steps:
            while ids := step.find(PIECE):
                if time.monotonic() > until:
                    return
                work = Work()
                done = Counter({step.collection: len(ids)}) + Counter(step.erase(work, ids))
                counted = {"pieces": 1, **{f"counts.{name}": some for name, some in done.items()}}
                which = {"_id": row["_id"], "pieces": pieces}
                work.update(ERASING, which, {"$inc": counted}, must_match=True)
                store.commit(work)
                counts += done
                pieces += 1
        work = Work()
        gone = dict.fromkeys(("begins", *forget), "")
        change = {"$unset": gone, "$set": {"ended_at": now()}, "$inc": {"pieces": 1}}
        work.update(ERASING, {"_id": row["_id"], "pieces": pieces}, change, must_match=True)
        finish(work, dict(counts))
        store.commit(work)
    except Stale:
        return  # another copy of the service is at it too


def removing(store: Store, collection: str, which: Document) -> Step:
    """The removal of all documents that match."""
    return Step(collection, _finding(store, collection, which), _removal(collection))


def changing(store: Store, collection: str, which: Document, change: Document) -> Step:
    """A change of all documents that match; those that are changed must match no longer."""

    def erase_some(work: Work, ids: list[Any]) -> Mapping[str, int]:
        work.update_many(collection, {"_id": {"$in": ids}}, change)
        return {}

    return Step(collection, _finding(store, collection, which), erase_some)


def of_answers_to(store: Store, member: str) -> Step:
    """The removal of all that is remembered of answers to a member, whoever asked for them; they ask no more."""
    return removing(store, ANSWERS, {"names": member, "member": member})


def in_answers(store: Store, names: Sequence[str], without: Callable[[str], str]) -> Step:
    """What is remembered, for two days, of answers that name somebody.

    Args:
        names: what they are named by: their id, and addresses; see `former.named_in`.
        without: an answer's JSON without them.
    """
    answers = store.database[ANSWERS]
    which = {"names": {"$in": list(names)}}

    def erase_some(work: Work, ids: list[Any]) -> Mapping[str, int]:
        for row in answers.find({"_id": {"$in": ids}}):
            change = {"$set": {"answer": without(row["answer"])}, "$pull": {"names": {"$in": list(names)}}}
            work.update(ANSWERS, {"_id": row["_id"]}, change)
        return {}

    return Step(ANSWERS, _finding(store, ANSWERS, which), erase_some)


def _finding(store: Store, collection: str, which: Document) -> Callable[[int], list[Any]]:
    def find(limit: int) -> list[Any]:
        return [row["_id"] for row in store.database[collection].find(which, {"_id": 1}).limit(limit)]

    return find


def _removal(collection: str) -> Callable[[Work, list[Any]], Mapping[str, int]]:
    def erase_some(work: Work, ids: list[Any]) -> Mapping[str, int]:
        work.delete(collection, {"_id": {"$in": ids}})
        return {}

    return erase_some
