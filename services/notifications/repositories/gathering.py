"""What notifications tells a member of themselves: their inbox, what they follow, their levels, webhooks they answer for."""

from collections.abc import Callable
from typing import Any

from services.notifications.domain.deed import Deed
from services.notifications.domain.inbox import moment_of
from services.notifications.repositories.deeds import Deeds
from services.notifications.repositories.inbox import INBOX
from services.notifications.repositories.places import PLACES
from services.notifications.repositories.ties import TIES
from services.notifications.repositories.webhooks import WEBHOOKS
from shared.wiring.gathering import Read, Section, documents, fields
from shared.wiring.store import Store

WEBHOOK = ("organisation", "name", "url", "events", "communities", "state", "registered_at")


def sections(store: Store, member: str) -> list[Section]:
    """The files, in their order."""
    own = {"member": member}
    return [
        Section("inbox", _inbox(store, member)),
        Section(
            "threads-followed",
            documents(store, TIES, own, fields("thread", "community", "follows_since", "level")),
        ),
        Section(
            "community-levels", documents(store, PLACES, own, fields("community", "role", "since", "level"))
        ),
        Section("webhooks-answered-for", documents(store, WEBHOOKS, {"contact": member}, fields(*WEBHOOK))),
    ]


def _inbox(store: Store, member: str) -> Callable[[Any, int], list[Read]]:
    """As the inbox shows it; who did something is named there by their name, which is theirs and not in here."""
    rows, deeds = store.database[INBOX], Deeds(store)

    def read(after: Any, limit: int) -> list[Read]:
        which: dict[str, Any] = {"member": member}
        if after is not None:
            which["_id"] = {"$gt": after}
        found = list(rows.find(which).sort("_id", 1).limit(limit))
        told = deeds.by_id(row["deed"] for row in found)
        return [(row["_id"], [_shown(row, told.get(row["deed"]))]) for row in found]

    return read


def _shown(row: dict[str, Any], deed: Deed | None) -> dict[str, Any]:
    return {
        "id": row["_id"],
        "community": row["community"],
        "kind": deed.kind.value if deed else None,
        "title": deed.title if deed else None,
        "link": deed.link if deed else None,
        "reasons": row["reasons"],
        "at": moment_of(row["position"]),
        "read_at": row.get("read_at"),
    }
