"""What notifications erases of a member, and what it keeps, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.deed import Deed
from services.notifications.repositories.crowds import Crowds
from services.notifications.repositories.deeds import DEEDS
from services.notifications.repositories.hidden import HIDDEN
from services.notifications.repositories.inbox import INBOX
from services.notifications.repositories.places import MEMBERS, PLACES
from services.notifications.repositories.ties import TIES
from services.notifications.repositories.titles import TITLES
from shared.contracts import former
from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import NotificationKind
from shared.wiring import erasing as remembered
from shared.wiring.erasing import Step, changing, in_answers, of_answers_to, removing
from shared.wiring.gathering import GATHERING, PARTS
from shared.wiring.store import Store, Work, now

ERASED = {
    "inbox": "all of theirs",
    "ties": "which threads they followed, and their levels",
    "members": "handle, profession, interests and organisation",
    "places": "the same, where they had a place, and their levels",
    "deeds": "their name, in what others are told of what they did; when texts go too, the titles of their threads",
    "gathering": "a copy of theirs that is being made",
    "export_parts": "a copy of theirs that waits to be fetched",
    "hidden_posts": "when texts go too: the titles of their threads, which were kept here once",
    "titles": "when texts go too: those of their threads that were ever taken out or doubted",
    "answers": "those to them; what names them in others'",
}
KEPT = {
    "webhooks": "an organisation's; a contact is an id that stands for nobody, and is told nothing",
    "receivers": "an organisation's; names no member",
    "deliveries": "what an organisation's system was told: ids",
    "ended_clients": "an organisation's systems",
    "crowds": "numbers",
    "numbers": "threads, and numbers",
    "communities": "names no member",
    "grants": "names no member",
    "erasing": "an id that stands for nobody, so that what comes late is erased too",
    "outbox": "facts on their way, for seconds",
    "heard": "ids of facts",
    "leases": "names no member",
}


LATE = timedelta(seconds=2)
SETTLING = timedelta(seconds=8)
"""How long an erasure waits, so that whatever was told before it is here, or is `LATE` and seen to then."""


def steps(store: Store, erasing: Mapping[str, Any]) -> list[Step]:
    """What is to be erased of whom a row of `erasing` names."""
    member, texts, revision = erasing["_id"], erasing["remove_texts"], erasing["revision"]
    return [
        _copy(store, member, revision),
        _places(store, member, revision),
        removing(store, INBOX, {"member": member}),
        removing(store, TIES, {"member": member}),
        _deeds(store, member, texts),
        *([_titles(store, member), _hidden(store, member)] if texts else []),
        removing(store, GATHERING, {"member": member}),
        removing(store, PARTS, {"member": member}),
        of_answers_to(store, member),
        in_answers(store, [member], lambda answer: former.without(answer, member, texts=texts)),
    ]


def without_erased(
    store: Store, facts: Sequence[Contract], deeds: Sequence[Deed], told_at: datetime
) -> list[Deed]:
    """Deeds as they are kept when some of whom they are, or in whose threads, have been erased meanwhile.

    Nobody is asked about what was told just now: what is erased later is found where it is kept.

    Args:
        facts: what tells of each deed.
        told_at: when the oldest of them was told.
    """
    if now() - told_at < LATE:
        return list(deeds)
    openers = [getattr(fact, "opened_by", None) for fact in facts]
    named = [deed.by for deed in deeds if deed.by] + [opener for opener in openers if opener]
    if not (gone := remembered.among(store, named)):
        return list(deeds)
    kept = []
    for deed, opener in zip(deeds, openers, strict=True):
        changes: dict[str, object] = {}
        if deed.by in gone and deed.by_name is not None:
            changes["by_name"] = former.NAME
        opened_by = opener or (deed.by if deed.kind is NotificationKind.THREAD_OPENED else None)
        if opened_by in gone and gone[opened_by]["remove_texts"]:
            changes["title"] = former.TITLE
        kept.append(deed.model_copy(update=changes) if changes else deed)
    return kept


def _copy(store: Store, member: str, revision: int) -> Step:
    def find(_limit: int) -> list[Any]:
        which = {"_id": member, "erased": True}
        return [] if store.database[MEMBERS].find_one(which, {"_id": 1}) else [member]

    def erase(work: Work, _ids: list[Any]) -> Mapping[str, int]:
        nobody = {"_id": member, "handle": former.handle(member), **_profile(), "revision": revision}
        work.copy(MEMBERS, nobody)
        work.update(MEMBERS, {"_id": member}, {"$set": {"erased": True}})
        return {}

    return Step(MEMBERS, find, erase)


def _places(store: Store, member: str, revision: int) -> Step:
    """Their places, which carry their profile; whoever remembers a crowd with them reads it anew."""
    places = store.database[PLACES]

    def find(limit: int) -> list[Any]:
        open = {"$or": [{"erased": {"$ne": True}}, {"level": {"$exists": True}}]}
        which = {"member": member, **open}
        return [row["_id"] for row in places.find(which, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        worn = {**_profile(), "profile_revision": revision, "erased": True}
        work.update_many(PLACES, {"_id": {"$in": ids}}, {"$set": worn, "$unset": {"level": ""}})
        for row in places.find({"_id": {"$in": ids}}, {"community": 1}):
            Crowds.turn_with(work, row["community"])
        return {}

    return Step(PLACES, find, erase)


def _deeds(store: Store, member: str, texts: bool) -> Step:
    """Their name in what others are told; with their texts, the titles of the threads that they opened."""
    deeds = store.database[DEEDS]
    theirs = {"by": member, "by_name": {"$nin": [former.NAME, None]}}

    def titled() -> dict[str, Any]:
        threads = _opened(store, member) if texts else []
        return {"thread": {"$in": threads}, "title": {"$ne": former.TITLE}}

    def find(limit: int) -> list[Any]:
        which = {"$or": [theirs, titled()]}
        return [row["_id"] for row in deeds.find(which, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        these = {"_id": {"$in": ids}}
        work.update_many(DEEDS, {**these, **theirs}, {"$set": {"by_name": former.NAME}})
        change = {"$set": {"title": former.TITLE}, "$unset": {"professions": "", "interests": ""}}
        work.update_many(DEEDS, {**these, **titled()}, change)
        return {}

    return Step(DEEDS, find, erase)


def _titles(store: Store, member: str) -> Step:
    """What the threads are called that they opened and moderation has touched."""
    titles = store.database[TITLES]

    def find(limit: int) -> list[Any]:
        theirs = {"_id": {"$in": _opened(store, member)}}
        which = {**theirs, "title": {"$nin": [former.TITLE, None]}}
        return [row["_id"] for row in titles.find(which, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        change = {"$set": {"title": former.TITLE, "withheld": False}}
        work.update_many(TITLES, {"_id": {"$in": ids}}, change)
        return {}

    return Step(TITLES, find, erase)


def _hidden(store: Store, member: str) -> Step:
    """What threads are called, where it was kept with their opening posts, before `titles` was."""
    which = {"thread": {"$in": _opened(store, member)}, "title": {"$ne": None}}
    return changing(store, HIDDEN, which, {"$unset": {"title": ""}})


def _opened(store: Store, member: str) -> list[str]:
    """The threads that they opened."""
    opened = {"by": member, "kind": NotificationKind.THREAD_OPENED.value}
    threads = [row["thread"] for row in store.database[DEEDS].find(opened, {"thread": 1})]
    return threads + [row["_id"] for row in store.database[TITLES].find({"opened_by": member}, {"_id": 1})]


def _profile() -> dict[str, Any]:
    return {"profession": former.PROFESSION, "interests": [], "organisation": None, "active": False}
