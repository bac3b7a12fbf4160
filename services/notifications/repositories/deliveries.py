"""What webhooks are to be told, are being told and were told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifications.domain.delivery import Delivery
from shared.contracts.calls.notifications.webhooks import DeliveryState
from shared.wiring.lease import Lease
from shared.wiring.store import LEASES, Store, Work

DELIVERIES = "deliveries"
LEASE = timedelta(seconds=30)
"""How long after the death of the process that carries a webhook's deliveries another one does."""


class Deliveries:
    """Deliveries; while one waits, its place in the order of its thread is that of its deed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[DELIVERIES]

    def add(self, deliveries: Sequence[Delivery]) -> int:
        """Keep these, each unless it is here; returns how many are new."""
        return len(self.store.insert_new(DELIVERIES, [_row(delivery) for delivery in deliveries]))

    def put(self, was: Delivery, delivery: Delivery) -> None:
        """Write it in the place of what it was made from, unless somebody has changed that meanwhile."""
        which = {"_id": was.id, "state": was.state, "tries": was.tries}
        self.collection.replace_one(which, _row(delivery))

    @staticmethod
    def put_with(work: Work, was: Delivery, delivery: Delivery) -> None:
        """As `put`, by `work`, which is stale when somebody has changed it meanwhile."""
        row = _row(delivery)
        row.pop("_id")
        which = {"_id": was.id, "state": was.state, "tries": was.tries}
        work.update(DELIVERIES, which, {"$set": row}, must_match=True)

    @staticmethod
    def drop_waiting(work: Work, webhook: str, reason: str, at: datetime) -> None:
        """Let `work` end all that waits for a webhook."""
        change = {"$set": {"state": "dropped", "reason": reason, "ended_at": at}}
        work.update_many(DELIVERIES, {"webhook": webhook, "state": "waiting"}, change)

    @staticmethod
    def remove(work: Work, webhook: str) -> None:
        """Let `work` take all of a webhook away."""
        work.delete(DELIVERIES, {"webhook": webhook})

    def get(self, webhook: str, delivery: str) -> Delivery | None:
        """That delivery of that webhook."""
        row = self.collection.find_one({"_id": delivery, "webhook": webhook})
        return _delivery(row) if row else None

    def page(
        self, webhook: str, state: DeliveryState | None, before: tuple[datetime, str] | None, limit: int
    ) -> list[Delivery]:
        """Up to `limit` of a webhook that stand before a position, the newest first."""
        which: dict[str, Any] = {"webhook": webhook}
        if state is not None:
            which["state"] = state
        if before is not None:
            at, id = before
            which |= {"at": {"$lte": at}, "$or": [{"at": {"$lt": at}}, {"_id": {"$lt": id}}]}
        found = self.collection.find(which).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_delivery(row) for row in found]

    # Carrying

    def webhooks_with_due(self, at: datetime) -> list[str]:
        """The webhooks for which something is due."""
        return sorted(self.collection.distinct("webhook", {"state": "waiting", "due": {"$lte": at}}))

    def next_of(self, webhook: str, at: datetime, limit: int) -> list[Delivery]:
        """What is due for a webhook: of each thread the one that waits first, and only if it is due itself."""
        first_of_each = self.collection.aggregate(
            [
                {"$match": {"webhook": webhook, "state": "waiting"}},
                {"$sort": {"webhook": 1, "thread": 1, "number": 1, "at": 1, "_id": 1}},
                {"$group": {"_id": "$thread", "first": {"$first": "$$ROOT"}}},
                {"$match": {"first.due": {"$lte": at}}},
                {"$sort": {"first.at": 1}},
                {"$limit": limit},
            ],
            hint="in_order",
        )
        return [_delivery(row["first"]) for row in first_of_each]

    def carrying(self, webhook: str) -> Lease:
        """The lease of the one that carries a webhook's deliveries."""
        return Lease(self.store.database[LEASES], f"webhook {webhook}", LEASE)

    def waiting(self) -> int:
        """How many wait, counted up to 10,000."""
        return self.collection.count_documents({"state": "waiting"}, limit=10_000, hint="due")


def _row(delivery: Delivery) -> dict[str, Any]:
    row = delivery.model_dump()
    row["event"] = delivery.event.value
    return {"_id": row.pop("id"), **row}


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery.model_validate({"id": row.pop("_id"), **row})
