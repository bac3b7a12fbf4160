"""What discussion erases of a member, and what it keeps, and why."""

from collections.abc import Mapping
from typing import Any

from services.discussion.repositories import cases, copies, held_posts, posts, taken_out, threads
from services.discussion.repositories.copies import Copies
from shared.contracts import former
from shared.contracts.membership import MemberChanged
from shared.wiring.erasing import Step, changing, in_answers, of_answers_to, removing
from shared.wiring.gathering import GATHERING, PARTS
from shared.wiring.store import Store, Work, now

ERASED = {
    "copies": "name, handle, profession and organisation, from the copy that every post is shown with",
    "posts": "when texts go too: text, title and whom it mentions; the place in its thread stays",
    "post_versions": "when texts go too: all earlier versions",
    "threads": "when texts go too: the titles of those they opened, their professions and interests",
    "taken_out": "when texts go too: what their posts said that moderation took out",
    "reports": "what they wrote in theirs; that something was reported stays",
    "cases": "what they wrote in their appeals",
    "held_posts": "those that wait are taken back",
    "held_texts": "what was to be said in them",
    "gathering": "a copy of theirs that is being made",
    "export_parts": "a copy of theirs that waits to be fetched",
    "answers": "those to them; what names them in others'",
}
KEPT = {
    "moderation_log": "what was decided, and as what; names no member",
    "reactions": "an id that stands for nobody: what helped keeps its number",
    "history_parts": "which parts of an archive were brought in; names no member",
    "erasing": "an id that stands for nobody, so that what comes late is erased too",
    "outbox": "facts on their way, for seconds",
    "heard": "ids of facts",
    "leases": "names no member",
}


def steps(store: Store, erasing: Mapping[str, Any]) -> list[Step]:
    """What is to be erased of whom a row of `erasing` names."""
    member, texts = erasing["_id"], erasing["remove_texts"]
    return [
        _copy(store, member, erasing["revision"]),
        *([_texts(store, member)] if texts else []),
        changing(
            store,
            cases.REPORTS,
            {"by": member, "note": {"$ne": None}},
            {"$set": {"note": None}},
        ),
        changing(
            store,
            cases.CASES,
            {"appeal.member": member, "appeal.reason": {"$ne": former.TEXT}},
            {"$set": {"appeal.reason": former.TEXT}, "$inc": {"revision": 1}},
        ),
        _held(store, member),
        removing(store, GATHERING, {"member": member}),
        removing(store, PARTS, {"member": member}),
        of_answers_to(store, member),
        in_answers(store, [member], lambda answer: former.without(answer, member, texts=texts)),
    ]


def _copy(store: Store, member: str, revision: int) -> Step:
    """What all their posts are shown with; at the revision from which on they are nobody, so that no older one returns."""
    id = f"member:{member}"

    def find(_limit: int) -> list[Any]:
        which = {"_id": id, "erased": True}
        return [] if store.database[copies.COLLECTION].find_one(which, {"_id": 1}) else [id]

    def erase(work: Work, _ids: list[Any]) -> Mapping[str, int]:
        nobody = MemberChanged(
            member=member,
            name=former.NAME,
            handle=former.handle(member),
            profession=former.PROFESSION,
            organisation=None,
            active=False,
            revision=revision,
        )
        Copies.keep_member(work, nobody)
        work.update(copies.COLLECTION, {"_id": id}, {"$set": {"erased": True}})
        return {}

    return Step(copies.COLLECTION, find, erase)


def _texts(store: Store, member: str) -> Step:
    """What they wrote, its versions with it, and the titles of the threads they opened."""
    rows, versions = store.database[posts.COLLECTION], store.database[posts.VERSIONS]
    kept = store.database[taken_out.COLLECTION]
    said: dict[str, Any] = {
        "text": former.TEXT,
        "html": f"<p>{former.TEXT}</p>",
        "mentions": [],
        "once_mentioned": [],
        "marks": None,
        "moderation": None,
    }

    def find(limit: int) -> list[Any]:
        which = {"author": member, "text": {"$ne": former.TEXT}}
        return [row["_id"] for row in rows.find(which, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        these = {"_id": {"$in": ids}}
        opened = [row["thread"] for row in rows.find({**these, "title": {"$ne": None}}, {"thread": 1})]
        earlier = {"post": {"$in": [*ids, *map(posts.versions_of_taken_out, ids)]}}
        counts = {
            posts.VERSIONS: versions.count_documents(earlier),
            threads.COLLECTION: len(opened),
            taken_out.COLLECTION: kept.count_documents(these),
        }
        work.delete(taken_out.COLLECTION, these)
        work.update_many(posts.COLLECTION, these, {"$set": said, "$inc": {"revision": 1}})
        work.delete(posts.VERSIONS, earlier)
        cases.Cases.post_changed(work, ids)
        if opened:
            work.update_many(
                posts.COLLECTION, {**these, "title": {"$ne": None}}, {"$set": {"title": former.TITLE}}
            )
            titled: dict[str, Any] = {
                "title": former.TITLE,
                "professions": [],
                "interests": [],
                "marks": None,
            }
            work.update_many(
                threads.COLLECTION, {"_id": {"$in": opened}}, {"$set": titled, "$inc": {"revision": 1}}
            )
        return counts

    return Step(posts.COLLECTION, find, erase)


def _held(store: Store, member: str) -> Step:
    """What waits for a facilitator and will not be said."""
    rows = store.database[held_posts.COLLECTION]

    def find(limit: int) -> list[Any]:
        which = {"author": member, **held_posts.WAITING}
        return [row["_id"] for row in rows.find(which, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        change = {"$set": {"state": "withdrawn", "decided_at": now()}, "$inc": {"revision": 1}}
        work.update_many(held_posts.COLLECTION, {"_id": {"$in": ids}}, change)
        work.delete(held_posts.TEXTS, {"_id": {"$in": ids}})
        return {held_posts.TEXTS: len(ids)}

    return Step(held_posts.COLLECTION, find, erase)
