"""Where the codes are kept by which members move: the digests of their secrets only."""

from pymongo import IndexModel

from services.membership.domain.move import MoveCode
from services.membership.repositories.rows import row_of, thing_of
from shared.wiring.store import Store, Work

COLLECTION = "move_codes"
INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("expires_at", 1)], name="ended", expireAfterSeconds=0),
]


class MoveCodes:
    """The codes, one for a member at most."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def by_digest(self, digest: str) -> MoveCode | None:
        """The code whose secret has this digest, None when there is none."""
        return thing_of(MoveCode, self.rows.find_one({"digest": digest}))

    def put(self, work: Work, code: MoveCode) -> None:
        """Let a code be the only one of its member."""
        self.end_of(work, code.id)
        work.insert(COLLECTION, row_of(code))

    def end_of(self, work: Work, member: str) -> None:
        """Let a member's code end."""
        work.delete(COLLECTION, {"_id": member})
