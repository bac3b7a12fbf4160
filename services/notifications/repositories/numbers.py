"""Which of a thread's numbered facts were heard, and have become deliveries: so that webhooks are told in order.

They are kept as long as the thread's deeds: whatever is said in it years later comes after all that was.
"""

from collections.abc import Iterable
from datetime import datetime

from shared.wiring.store import Store, Work

NUMBERS = "numbers"

Number = tuple[str, int]
"""A thread, and the number of a fact of it."""


class Numbers:
    """The numbers that were heard."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.collection = store.database[NUMBERS]

    @staticmethod
    def add(work: Work, numbers: Iterable[Number], at: datetime) -> None:
        """Let `work` remember these, once the deliveries that they lead to are made."""
        for number in numbers:
            work.update(NUMBERS, {"_id": _id(number)}, {"$setOnInsert": {"at": at}}, upsert=True)

    def give_up(self, numbers: Iterable[Number], at: datetime) -> None:
        """Wait for these no more, as if they had been heard."""
        work = Work()
        self.add(work, numbers, at)
        self.store.commit(work)

    def heard_of(self, numbers: Iterable[Number]) -> set[Number]:
        """Those of them that were heard."""
        wanted = {_id(number): number for number in numbers}
        found = self.collection.find({"_id": {"$in": sorted(wanted)}}, {"_id": 1}) if wanted else ()
        return {wanted[row["_id"]] for row in found}


def _id(number: Number) -> str:
    thread, place = number
    return f"{thread}.{place}"
