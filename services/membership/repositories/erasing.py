"""What membership erases of a member in its own database, and what it keeps, and why."""

from collections.abc import Mapping
from typing import Any

from services.membership.domain import directory as directories
from services.membership.domain.directory import Entry
from services.membership.repositories.rows import Row, row_of, sort_key, things_of
from shared.contracts import former
from shared.wiring.erasing import Step, changing, in_answers, of_answers_to, removing
from shared.wiring.gathering import GATHERING, PARTS
from shared.wiring.store import Store, Work, now

ENTRIES = "directory_entries"
GROUPS = 20
"""How many groups are changed at a time: one may be half a million characters long."""
WORDS = ("email", "addresses")
"""What the steps need to know of a member, and nobody needs to know once they are done."""

ERASED = {
    "members": "name, handle, profession, interests, e-mail address, the directory's name, organisation",
    "memberships": "the name by which it is listed, and a facilitator's reason",
    "join_requests": "the messages",
    "invitations": "those to their address or, while it was theirs, to one before; those they accepted; what they wrote in those they sent",
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
    "erasing": "their addresses, which are needed until this is done",
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
    before = erasing.get("addresses", [])
    theirs: list[Row] = [
        {"accepted_by": member},
        *([{"email": email}] if email else []),
        *({"email": one["email"], "invited_at": {"$lte": one["until"]}} for one in before),
    ]
    words = [*([email] if email else []), *(one["email"] for one in before)]
    letters: list[Row] = [
        {"to": member},
        {"outsider": member},
        *([{"invited.email": email}] if email else []),
        *({"invited.email": one["email"], "written_at": {"$lte": one["until"]}} for one in before),
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
        _from_groups(store, own),
        removing(store, ENTRIES, own),
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
        removing(store, GATHERING, own),
        removing(store, PARTS, own),
        *(of_answers_to(store, one) for one in (member, *accounts)),
        *(_answers(store, one, words) for one in (member, *accounts)),
    ]


def _answers(store: Store, member: str, words: list[str]) -> Step:
    names = [member, *words]
    return in_answers(store, names, lambda answer: former.without(answer, member, texts=True, words=words))


def _from_groups(store: Store, own: Row) -> Step:
    """Their places in directories' groups: each group is changed once, however many entries of theirs it names."""
    entries = store.database[ENTRIES]

    def gone() -> dict[str, str]:
        return {row["_id"]: row["organisation"] for row in entries.find(own, {"organisation": 1})}

    def find(limit: int) -> list[Any]:
        theirs = gone()
        organisations = sorted(set(theirs.values()))
        which = {"organisation": {"$in": organisations}, "members": {"$in": list(theirs)}}
        return [row["_id"] for row in entries.find(which, {"_id": 1}).limit(min(limit, GROUPS))]

    def erase(work: Work, ids: list[Any]) -> Mapping[str, int]:
        let_go = gone()
        for group in things_of(Entry, entries.find({"_id": {"$in": ids}})):
            changed = directories.let_go(group, let_go, now())
            work.replace(ENTRIES, row_of(changed), was=group.revision)
        return {}

    return Step(ENTRIES, find, erase)
