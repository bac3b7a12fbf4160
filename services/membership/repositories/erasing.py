"""What membership erases of a member in its own database, and what it keeps, and why."""

import json
import re
from collections.abc import Mapping
from typing import Any

from services.membership.repositories.rows import Row, sort_key
from shared.contracts import former
from shared.contracts.calls.membership import EntryKind
from shared.wiring.erasing import Step, changing, in_answers, of_answers_to, removing
from shared.wiring.gathering import GATHERING, PARTS
from shared.wiring.store import Store, Work

ENTRIES = "directory_entries"
WORDS = ("email",)
"""What the steps need to know of a member, and nobody needs to know once they are done."""

ERASED = {
    "members": "name, handle, profession, interests, e-mail address, the directory's name, organisation",
    "memberships": "the name by which it is listed, and a facilitator's reason",
    "join_requests": "the messages",
    "invitations": "those to their address, those they accepted; what they wrote in those they sent",
    "tokens": "all of theirs",
    "identities": "all of theirs",
    "sign_ins": "all of theirs",
    "sign_in_invitations": "all of theirs",
    "sign_in_links": "all of theirs",
    "passkeys": "all of theirs",
    "passkey_challenges": "all of theirs",
    "move_codes": "theirs",
    "outsider_letters": "those to them or about them, and the invitations that they sent",
    "directory_entries": "all of theirs, and their place in groups",
    "answers": "what names them in answers remembered for a repetition",
    "gathering": "a copy of theirs that is being made",
    "export_parts": "a copy of theirs that waits to be fetched",
    "erasing": "their address, which is needed until this is done",
}
KEPT = {
    "audit": "an account of who did what, by ids, each entry sealed by the next; the id stands for nobody afterwards",
    "acts": "what is about to enter the audit log: ids only",
    "erasures": "the receipts themselves: an id that stands for nobody",
    "exports": "that a copy was asked for: an id that stands for nobody",
    "organisations": "names no member",
    "communities": "names no member",
    "headcounts": "numbers",
    "clients": "an organisation's systems; names no member",
    "spent": "digests, until they would have ended by themselves",
    "identity_providers": "an organisation's provider; its help desk is no member",
    "organisation_keys": "an organisation's public keys",
    "agreements": "two organisations' contract; its contact is an id that stands for nobody",
    "directory_tokens": "an organisation's",
    "outbox": "facts on their way, for seconds",
    "heard": "ids of facts",
    "leases": "names no member",
}


def steps(store: Store, erasing: Row) -> list[Step]:
    """What is to be erased of whom a row of `erasing` names."""
    member, email, accounts = erasing["_id"], erasing.get("email"), erasing["accounts"]
    own = {"member": {"$in": [member, *accounts]}}
    key = sort_key(former.NAME)
    said = {"$or": [{"message": {"$ne": None}}, {"decision_message": {"$ne": None}}]}
    theirs: list[Row] = [{"accepted_by": member}, *([{"email": email}] if email else [])]
    words = [email] if email else []
    letters: list[Row] = [
        {"to": member},
        {"outsider": member},
        *([{"invited.email": email}] if email else []),
    ]
    return [
        removing(store, "tokens", own),
        removing(store, "sign_ins", own),
        removing(store, "identities", own),
        removing(store, "sign_in_invitations", own),
        removing(store, "sign_in_links", own),
        removing(store, "passkeys", own),
        removing(store, "passkey_challenges", own),
        removing(store, "move_codes", {"_id": member}),
        *(removing(store, "outsider_letters", which) for which in letters),
        _from_directories(store, own),
        changing(
            store,
            "memberships",
            {**own, "$or": [{"name_key": {"$ne": key}}, {"reason": {"$ne": None}}]},
            {"$set": {"name_key": key, "reason": None}},
        ),
        changing(
            store, "join_requests", {**own, **said}, {"$set": {"message": None, "decision_message": None}}
        ),
        *(removing(store, "invitations", which) for which in theirs),
        changing(
            store,
            "invitations",
            {"invited_by": member, "message": {"$ne": None}},
            {"$set": {"message": None}},
        ),
        removing(store, GATHERING, {"member": member}),
        removing(store, PARTS, {"member": member}),
        *(of_answers_to(store, one) for one in (member, *accounts)),
        *(_answers(store, one, words) for one in (member, *accounts)),
    ]


def _answers(store: Store, member: str, words: list[str]) -> Step:
    named = "|".join(re.escape(word) for word in [member, *words])
    return in_answers(store, named, lambda answer: former.without(answer, member, texts=True, words=words))


def _from_directories(store: Store, own: Row) -> Step:
    """Their entries in their organisations' directories, and the groups there that name those."""
    entries = store.database[ENTRIES]

    def find(limit: int) -> list[Any]:
        return [row["_id"] for row in entries.find(own, {"_id": 1}).limit(limit)]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        groups = 0
        for entry in entries.find({"_id": {"$in": ids}}, {"organisation": 1}):
            which = {
                "organisation": entry["organisation"],
                "removed_at": None,
                "kind": EntryKind.GROUP,
                "document": {"$regex": re.escape(entry["_id"])},
            }
            for group in entries.find(which):
                changed = {**group, "revision": group["revision"] + 1}
                changed["document"] = without_entry(group["document"], entry["_id"])
                work.replace(ENTRIES, changed, was=group["revision"])
                groups += 1
        work.delete(ENTRIES, {"_id": {"$in": ids}})
        return {ENTRIES: groups}

    return Step(ENTRIES, find, erase)


def without_entry(document: str, entry: str) -> str:
    """A group's SCIM resource without one of its members."""
    group = json.loads(document)
    group["members"] = [one for one in group.get("members") or [] if one.get("value") != entry]
    return json.dumps(group, ensure_ascii=False)
