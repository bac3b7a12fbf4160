"""The collections of the notifications service, behind small classes, and the indexes their queries need.

The inbox has a single index beside its ids, because every row pays for each: member, community,
unread, position. It serves a page (of all communities, one, or only the unread), the count of the
unread, marking as read, catching up, and forgetting what a member who left had of a community.
"""

from pymongo import ASCENDING, DESCENDING, IndexModel

from services.notifications.repositories.communities import Communities
from services.notifications.repositories.crowds import CrowdMemory, Crowds
from services.notifications.repositories.deeds import Deeds
from services.notifications.repositories.deliveries import Deliveries
from services.notifications.repositories.grants import Grants
from services.notifications.repositories.hidden import HIDDEN, Hidden
from services.notifications.repositories.inbox import ORDER, Inbox
from services.notifications.repositories.numbers import NUMBERS, Numbers
from services.notifications.repositories.places import Place, Places
from services.notifications.repositories.ties import Ties
from services.notifications.repositories.titles import TITLES, Titles
from services.notifications.repositories.webhooks import Webhooks
from shared.wiring.erasing import ERASING
from shared.wiring.erasing import INDEXES as ERASING_INDEXES
from shared.wiring.gathering import INDEXES as GATHERING_INDEXES
from shared.wiring.store import Store

__all__ = ["INDEXES", "CrowdMemory", "Place", "Repositories"]

DELIVERIES_KEPT = 30 * 24 * 3600
"""Seconds for which what was delivered, or was not, can be looked at and replayed."""

INDEXES = {
    "communities": [],
    "grants": [IndexModel([("parties", ASCENDING)], name="parties")],
    "members": [IndexModel([("handle", ASCENDING)], name="handle", sparse=True)],
    "crowds": [],
    "places": [
        IndexModel([("community", ASCENDING), ("role", ASCENDING)], name="crowd"),
        IndexModel([("member", ASCENDING)], name="member"),
        IndexModel([("organisation", ASCENDING), ("community", ASCENDING)], name="organisation"),
    ],
    "ties": [
        IndexModel([("thread", ASCENDING)], name="thread"),
        IndexModel([("member", ASCENDING), ("thread", ASCENDING)], name="member"),
    ],
    "deeds": [
        IndexModel([("community", ASCENDING), ("at", ASCENDING)], name="community"),
        IndexModel([("thread", ASCENDING), ("at", ASCENDING)], name="thread"),
        IndexModel([("by", ASCENDING)], name="by", partialFilterExpression={"by": {"$gte": ""}}),
        IndexModel(
            [("lapses_at", ASCENDING)],
            name="lapse",
            expireAfterSeconds=0,
            partialFilterExpression={"lapses_at": {"$exists": True}},
        ),
    ],
    "inbox": [
        IndexModel(
            [
                ("member", ASCENDING),
                ("community", ASCENDING),
                ("unread", ASCENDING),
                ("position", DESCENDING),
            ],
            name=ORDER,
        )
    ],
    HIDDEN: [IndexModel([("thread", ASCENDING)], name="thread")],
    TITLES: [IndexModel([("opened_by", ASCENDING)], name="opened_by")],
    NUMBERS: [],
    "webhooks": [
        IndexModel([("organisation", ASCENDING), ("_id", ASCENDING)], name="organisation"),
        IndexModel([("client", ASCENDING)], name="client"),
        IndexModel([("contact", ASCENDING)], name="contact"),
        IndexModel([("state", ASCENDING)], name="state"),
    ],
    "receivers": [],
    "ended_clients": [],
    ERASING: ERASING_INDEXES,
    **GATHERING_INDEXES,
    "deliveries": [
        IndexModel(
            [
                ("webhook", ASCENDING),
                ("thread", ASCENDING),
                ("number", ASCENDING),
                ("at", ASCENDING),
                ("_id", ASCENDING),
            ],
            name="in_order",
            partialFilterExpression={"state": "waiting"},
        ),
        IndexModel([("due", ASCENDING)], name="due", partialFilterExpression={"state": "waiting"}),
        IndexModel([("webhook", ASCENDING), ("at", DESCENDING), ("_id", DESCENDING)], name="newest"),
        IndexModel([("ended_at", ASCENDING)], name="kept", expireAfterSeconds=DELIVERIES_KEPT),
    ],
}


class Repositories:
    """All of them, for one store.

    Args:
        store: the service's database.
        memory: where crowds are remembered between handlers; one for a process.
    """

    def __init__(self, store: Store, memory: CrowdMemory) -> None:
        self.communities = Communities(store, memory.titles)
        self.places = Places(store)
        self.crowds = Crowds(store, memory)
        self.ties = Ties(store)
        self.deeds = Deeds(store)
        self.inbox = Inbox(store)
        self.hidden = Hidden(store)
        self.titles = Titles(store)
        self.grants = Grants(store)
        self.webhooks = Webhooks(store)
        self.deliveries = Deliveries(store)
        self.numbers = Numbers(store)
