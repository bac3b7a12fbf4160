"""Gathering what a service keeps of a member into parts, for them to take away: bounded, and gone on with after a death.

Whoever hears that it is wanted remembers it (`begin`). A piece is read, laid down as parts and noted as read in
one transaction, so that nothing is in it twice or missing, whichever copy of the service goes on. Parts end by
themselves if nobody fetches them.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pymongo import ASCENDING, IndexModel

from shared.wiring import erasing
from shared.wiring.store import Store, now
from shared.wiring.work import Document, Stale, Work

GATHERING = "gathering"
PARTS = "export_parts"
_ENDS = IndexModel([("until", ASCENDING)], name="ended", expireAfterSeconds=0)
_MEMBER = IndexModel([("member", ASCENDING)], name="member")
INDEXES = {
    GATHERING: [
        IndexModel([("begins", ASCENDING)], name="begins", sparse=True),
        _MEMBER,
        _ENDS,
    ],
    PARTS: [_MEMBER, _ENDS],
}
AT_ONCE = 100
"""Documents read at a time."""
LARGEST = 200_000
"""Characters that a part holds at most, unless a single thing is larger."""
ASKED_LATE = timedelta(days=60)
"""For how long it is remembered that an export has ended: longer than a fact that asks for one may be on its way."""
AT_A_TIME = 10.0
"""Seconds after which the rest is left to the next time."""

Read = tuple[Any, list[dict[str, Any]]]
"""The id of a document, and what is told of it."""


class Section(NamedTuple):
    """A file of what is gathered.

    Args:
        file: its name, without ending.
        read: at most so many documents after an id, in the order of their ids.
    """

    file: str
    read: Callable[[Any, int], list[Read]]


def begin(work: Work, export: str, member: str, until: datetime) -> None:
    """Let `work` remember that a member's data are to be gathered here.

    Args:
        until: when parts that nobody has fetched end.
    """
    row = {"member": member, "until": until, "begins": now(), "section": 0, "after": None}
    row |= {"parts": 0, "pieces": 0}
    work.update(GATHERING, {"_id": export}, {"$setOnInsert": row}, upsert=True)


def due(store: Store) -> list[Document]:
    """What there is to gather now, longest due first; nothing of members who are or were to be erased here."""
    found = list(store.database[GATHERING].find({"begins": {"$lte": now()}}).sort("begins", 1).limit(20))
    gone = erasing.among(store, [row["member"] for row in found])
    if late := [row["_id"] for row in found if row["member"] in gone]:
        work = Work()
        for export in late:
            drop(work, export)
        store.commit(work)
    return [row for row in found if row["member"] not in gone]


def gather(
    store: Store, row: Document, sections: Sequence[Section], finish: Callable[[Work, int], None]
) -> None:
    """Gather piece by piece; what there is no time for is left to the next time.

    Args:
        row: as `due` gave it.
        sections: one file after the other, always in the same order.
        finish: adds to the last work what follows once all is there, from the number of parts.
    """
    until = time.monotonic() + AT_A_TIME
    try:
        while row["section"] < len(sections):
            if time.monotonic() > until:
                return
            row = _piece(store, row, sections[row["section"]])
        work = Work()
        _note(work, row, {"$unset": {"begins": ""}})
        finish(work, row["parts"])
        store.commit(work)
    except Stale:
        return  # another copy of the service is at it too


def _piece(store: Store, row: Document, section: Section) -> Document:
    found = section.read(row["after"], AT_ONCE)
    things = [thing for _, some in found for thing in some]
    is_first, is_last = row["after"] is None, len(found) < AT_ONCE
    # A file without anything in it is there too, and says so.
    bodies = list(_packed(things)) if things or not is_first else [""]
    place = {"section": row["section"] + 1, "after": None} if is_last else {"after": found[-1][0]}
    changes = {"parts": row["parts"] + len(bodies), **place}
    work = Work()
    # First, so that whoever was slower finds that out before they lay anything down.
    _note(work, row, {"$set": changes})
    about = {"member": row["member"], "file": section.file, "until": row["until"]}
    for number, body in enumerate(bodies, row["parts"]):
        work.insert(PARTS, {"_id": _part_id(row["_id"], number), **about, "body": body})
    store.commit(work)
    return {**row, **changes, "pieces": row["pieces"] + 1}


def _note(work: Work, row: Document, change: Document) -> None:
    which = {"_id": row["_id"], "pieces": row["pieces"]}
    work.update(GATHERING, which, {**change, "$inc": {"pieces": 1}}, must_match=True)


def part(store: Store, export: str, number: int, member: str | None) -> Document | None:
    """A part of a member's own, None when there is none, or when they are to be erased."""
    if member is None or erasing.among(store, [member]):
        return None
    return store.database[PARTS].find_one({"_id": _part_id(export, number), "member": member})


def drop(work: Work, export: str) -> None:
    """Let `work` take away all that was gathered, and nothing be gathered for it any more, also when that is asked late."""
    work.delete(PARTS, {"_id": {"$gte": f"{export}:", "$lt": f"{export};"}})
    ended = {
        "$set": {"until": now() + ASKED_LATE},
        "$unset": dict.fromkeys(("member", "begins", "section", "after", "parts", "pieces"), ""),
    }
    work.update(GATHERING, {"_id": export}, ended, upsert=True)


def documents(
    store: Store, collection: str, which: Document, shown: Callable[[Document], dict[str, Any]]
) -> Callable[[Any, int], list[Read]]:
    """Reads all documents that match, each as `shown` tells it."""

    def read(after: Any, limit: int) -> list[Read]:
        query = which if after is None else {**which, "_id": {"$gt": after}}
        found = store.database[collection].find(query).sort("_id", ASCENDING).limit(limit)
        return [(row["_id"], [shown(row)]) for row in found]

    return read


def fields(*names: str) -> Callable[[Document], dict[str, Any]]:
    """Tells of a document its id and these fields, as far as it has them."""

    def shown(row: Document) -> dict[str, Any]:
        return {"id": row["_id"], **{name: row[name] for name in names if row.get(name) is not None}}

    return shown


def _part_id(export: str, number: int) -> str:
    return f"{export}:{number:08}"


def _packed(things: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The things as JSON, with commas between, in pieces of bounded size."""
    held: list[str] = []
    size = 0
    for text in (json.dumps(thing, ensure_ascii=False, default=_plain, indent=1) for thing in things):
        if held and size + len(text) > LARGEST:
            yield ",\n".join(held)
            held, size = [], 0
        held.append(text)
        size += len(text)
    if held:
        yield ",\n".join(held)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
