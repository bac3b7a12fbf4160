"""What discussion tells a member of themselves: what they wrote, in all its versions, and what they said of others' posts."""

import re
from collections.abc import Mapping
from typing import Any

from services.discussion.repositories import cases, held_posts, posts, reactions, taken_out
from shared.wiring.gathering import Read, Section, documents, fields
from shared.wiring.store import Store

POST = (
    "thread", "community", "title", "text", "html", "posted_at", "edited_at", "revision", "reactions", "organisation",
)  # fmt: skip
VERSION = ("post", "revision", "text", "html", "written_at")
HELD = ("community", "of", "thread", "post", "found", "state", "held_at", "decided_at", "reason", "made")
REPORT = ("community", "thread", "post", "seen", "reason", "note", "at")
CASE = ("community", "thread", "post", "state", "reasons", "opened_at")

_KNOWN = {"$or": [{"decision": {"$ne": None}}, {"withheld": True}, {"for_member": {"$ne": None}}]}
"""Cases that their author knows of: something is done. Before, that there is one would tell of a report."""


def sections(store: Store, member: str) -> list[Section]:
    """The files, in their order."""
    theirs = {"author": member}
    said = {"_id": {"$regex": f":{re.escape(member)}:"}}
    return [
        Section("posts", documents(store, posts.COLLECTION, theirs, _post(store))),
        Section("post-versions", _versions(store, member)),
        Section("held-posts", documents(store, held_posts.COLLECTION, theirs, _held(store))),
        Section("reports", documents(store, cases.REPORTS, {"by": member}, fields(*REPORT))),
        Section("cases", documents(store, cases.CASES, {**theirs, **_KNOWN}, _case(member))),
        Section("reactions", _reactions(store, said)),
    ]


def _versions(store: Store, member: str) -> Any:
    rows, versions = store.database[posts.COLLECTION], store.database[posts.VERSIONS]
    shown = fields(*VERSION)

    def read(after: Any, limit: int) -> list[Read]:
        which: dict[str, Any] = (
            {"author": member} if after is None else {"author": member, "_id": {"$gt": after}}
        )
        ids = [row["_id"] for row in rows.find(which, {"_id": 1}).sort("_id", 1).limit(limit)]
        found: dict[str, list[dict[str, Any]]] = {id: [] for id in ids}
        for row in versions.find({"post": {"$in": ids}}).sort([("post", 1), ("revision", -1)]):
            found[row["post"]].append(shown(row))
        return list(found.items())

    return read


def _post(store: Store) -> Any:
    kept = store.database[taken_out.COLLECTION]
    shown = fields(*POST, "moderation")

    def as_written(row: Mapping[str, Any]) -> dict[str, Any]:
        """With what it said, also when moderation has taken that out."""
        said = kept.find_one({"_id": row["_id"]}) if row.get("moderation") else None
        return {
            **shown(dict(row)),
            **({name: said[name] for name in ("title", "text", "html")} if said else {}),
        }

    return as_written


def _case(member: str) -> Any:
    """As its author may know it: what was decided and why, and their own appeal; not who reported or decided."""
    shown = fields(*CASE)

    def of_author(row: Mapping[str, Any]) -> dict[str, Any]:
        appeal = row.get("appeal") or {}
        decisions = [one for one in (row.get("decision"), appeal.get("ruling")) if one]
        told = [{name: one[name] for name in ("outcome", "reason", "decided_as", "at")} for one in decisions]
        own = (
            {"appeal": {"reason": appeal["reason"], "at": appeal["at"]}}
            if appeal.get("member") == member
            else {}
        )
        return {**shown(dict(row)), "decisions": told, **own}

    return of_author


def _held(store: Store) -> Any:
    texts = store.database[held_posts.TEXTS]
    shown = fields(*HELD)

    def with_text(row: Mapping[str, Any]) -> dict[str, Any]:
        text = texts.find_one({"_id": row["_id"]})
        return {**shown(dict(row)), **({"text": text["new"]} if text else {})}

    return with_text


def _reactions(store: Store, said: Mapping[str, Any]) -> Any:
    rows = store.database[reactions.COLLECTION]

    def read(after: Any, limit: int) -> list[Read]:
        """By the index of ids alone: there is none by member, and an export is rare."""
        which = dict(said) if after is None else {"$and": [dict(said), {"_id": {"$gt": after}}]}
        found = []
        for row in rows.find(which).sort("_id", 1).limit(limit):
            post, _, word = row["_id"].split(":", 2)
            thing = {"post": post, "reaction": word, "standing": row["standing"], "at": row["at"]}
            found.append((row["_id"], [thing]))
        return found

    return read
