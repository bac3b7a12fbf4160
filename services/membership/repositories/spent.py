"""What may be used once and has been: remembered until it would have ended by itself."""

from datetime import datetime

from pymongo import IndexModel

from shared.wiring.store import Store, Work

COLLECTION = "spent"
INDEXES = [IndexModel([("until", 1)], name="ended", expireAfterSeconds=60)]


class Spent:
    """Things that count once; using one a second time refuses the whole work (`Duplicate`)."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def use(self, work: Work, thing: str, until: datetime) -> None:
        """Use a thing up.

        Args:
            thing: what it is and which, such as `assertion:<client>:<digest>`.
            until: when it ends by itself, so that nobody need remember it any more.
        """
        work.insert(COLLECTION, {"_id": thing, "until": until})
