"""A lease: which one of several copies of a process does what only one needs to do.

A document names who holds it and until when, by the database's clock, so that nobody's own clock
matters. Whoever dies holding it is followed by another when it runs out. A holder that is stopped
and goes on later may not know that it has lost it, so what is done under a lease must be harmless
when two do it.
"""

import secrets
import time
from datetime import timedelta

from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from shared.wiring.work import Document


class Lease:
    """One copy's view of a lease.

    Args:
        leases: the collection that holds it.
        name: what is leased.
        lasts: for how long it is had without being renewed.
    """

    def __init__(self, leases: Collection[Document], name: str, lasts: timedelta) -> None:
        self.leases = leases
        self.name = name
        self.lasts = lasts
        self._me = secrets.token_hex(8)
        self._renew_at = 0.0

    def have(self) -> bool:
        """Take the lease if it is free, renew it when a third has passed; is it ours?

        Raises:
            PyMongoError: the database is away; then it is nobody's.
        """
        began = time.monotonic()
        if began < self._renew_at:
            return True
        self._renew_at = 0.0
        is_ours = {"$or": [{"$lte": ["$until", "$$NOW"]}, {"$eq": ["$holder", self._me]}]}
        until = {"$add": ["$$NOW", self.lasts // timedelta(milliseconds=1)]}
        taking = {
            "holder": {"$cond": [is_ours, self._me, "$holder"]},
            "until": {"$cond": [is_ours, until, "$until"]},
        }
        try:
            lease = self.leases.find_one_and_update(
                {"_id": self.name}, [{"$set": taking}], upsert=True, return_document=ReturnDocument.AFTER
            )
        except DuplicateKeyError:  # two made it at the same moment, and the other was quicker
            return False
        if lease is None or lease["holder"] != self._me:
            return False
        self._renew_at = began + self.lasts.total_seconds() / 3
        return True

    def let_go(self) -> None:
        """Leave it to whoever wants it next, if it is ours."""
        self._renew_at = 0.0
        self.leases.delete_one({"_id": self.name, "holder": self._me})
