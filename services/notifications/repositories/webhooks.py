"""The webhooks of all organisations, and how their receivers are doing.

What is decided and what is observed are two rows: a change of the webhook never collides with
what a delivery has just found out.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from services.notifications.domain.webhook import Webhook
from shared.wiring.store import Store, Work

WEBHOOKS = "webhooks"
RECEIVERS = "receivers"
ENDED_CLIENTS = "ended_clients"


class Receiver(NamedTuple):
    """How a webhook's receiver is doing.

    Args:
        failing_since: when an attempt first failed since one was last taken; None when all is well.
        held_until: before when it asked not to be called.
    """

    failing_since: datetime | None = None
    held_until: datetime | None = None


class Webhooks:
    """Webhooks."""

    def __init__(self, store: Store) -> None:
        self.collection = store.database[WEBHOOKS]
        self.receivers = store.database[RECEIVERS]
        self.ended_clients = store.database[ENDED_CLIENTS]

    # What is decided

    @staticmethod
    def add(work: Work, webhook: Webhook) -> None:
        """Let `work` keep a new one."""
        work.insert(WEBHOOKS, _row(webhook))

    @staticmethod
    def put(work: Work, was: Webhook, webhook: Webhook) -> None:
        """Let `work` put it in the place of what it was made from; `Stale` when that has changed."""
        work.replace(WEBHOOKS, _row(webhook), was=was.revision)

    @staticmethod
    def remove(work: Work, webhook: str) -> None:
        """Let `work` take it away, with what was observed of it."""
        work.delete(WEBHOOKS, {"_id": webhook})
        work.delete(RECEIVERS, {"_id": webhook})

    def get(self, webhook: str) -> Webhook | None:
        """That webhook, whoever's it is."""
        row = self.collection.find_one({"_id": webhook})
        return _webhook(row) if row else None

    def page(self, organisation: str, after: str, limit: int) -> list[Webhook]:
        """Up to `limit` of an organisation, by id from `after` on."""
        which = {"organisation": organisation, "_id": {"$gt": after}}
        return [_webhook(row) for row in self.collection.find(which).sort("_id", 1).limit(limit)]

    def count(self, organisation: str) -> int:
        """How many an organisation has."""
        return self.collection.count_documents({"organisation": organisation})

    def that_listen(self) -> list[Webhook]:
        """All that are not disabled."""
        return [_webhook(row) for row in self.collection.find({"state": {"$in": ["active", "paused"]}})]

    def of_client(self, client: str) -> list[Webhook]:
        """Those that a system has set going."""
        return [_webhook(row) for row in self.collection.find({"client": client})]

    # Whose system is no more

    @staticmethod
    def end_client(work: Work, client: str, at: datetime) -> None:
        """Let `work` remember that a system has ended."""
        work.update(ENDED_CLIENTS, {"_id": client}, {"$set": {"at": at}}, upsert=True)

    def has_ended(self, client: str) -> bool:
        """Whether that system has ended."""
        return self.ended_clients.find_one({"_id": client}, {"_id": 1}) is not None

    # What is observed

    def receiver(self, webhook: str) -> Receiver:
        """How that one's receiver is doing."""
        return self.receivers_of([webhook]).get(webhook, Receiver())

    def receivers_of(self, webhooks: Iterable[str]) -> dict[str, Receiver]:
        """How these are doing, where anything was observed."""
        found = self.receivers.find({"_id": {"$in": list(webhooks)}})
        return {row["_id"]: Receiver(row.get("failing_since"), row.get("held_until")) for row in found}

    def observe_taken(self, webhook: str) -> None:
        """All is well from now on."""
        self.receivers.delete_one({"_id": webhook})

    def observe_failed(self, webhook: str, at: datetime, held_until: datetime | None) -> None:
        """An attempt has failed."""
        change: dict[str, Any] = {"$min": {"failing_since": at}}
        if held_until is not None:
            change["$max"] = {"held_until": held_until}
        self.receivers.update_one({"_id": webhook}, change, upsert=True)


def _row(webhook: Webhook) -> dict[str, Any]:
    row = webhook.model_dump()
    row["events"] = [event.value for event in webhook.events]
    return {"_id": row.pop("id"), **row}


def _webhook(row: dict[str, Any]) -> Webhook:
    return Webhook.model_validate({"id": row.pop("_id"), **row})
