"""Where the letters about outsiders are kept: the digests of their secrets only."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.outsider_letter import OutsiderLetter
from services.membership.repositories.rows import row_of, thing_of
from shared.wiring.store import Store, Work

COLLECTION = "outsider_letters"
INDEXES = [
    IndexModel(
        [("digests", 1)], name="digest", unique=True, partialFilterExpression={"digests": {"$gte": ""}}
    ),
    IndexModel([("to", 1), ("written_at", 1)], name="by_sponsor"),
    *(
        IndexModel([(field, 1)], name=name, partialFilterExpression={field: {"$gte": ""}})
        for field, name in (("outsider", "about"), ("invited.email", "invited"))
    ),
    IndexModel([("good_until", 1)], name="ended", expireAfterSeconds=0),
]


class OutsiderLetters:
    """The letters whose links are good, or were until a moment ago."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> OutsiderLetter | None:
        """The letter, None when there is none."""
        return thing_of(OutsiderLetter, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> OutsiderLetter | None:
        """The letter with a secret of this digest, None when there is none."""
        return thing_of(OutsiderLetter, self.rows.find_one({"digests": digest}))

    def invited_since(self, sponsor: str, since: datetime, most: int) -> int:
        """How many a sponsor has invited since a moment; counted up to `most`."""
        which = {"to": sponsor, "written_at": {"$gte": since}, "outsider": None}
        return self.rows.count_documents(which, limit=most)

    def add(self, work: Work, letter: OutsiderLetter) -> None:
        """Add a new letter to what is to happen."""
        row = row_of(letter)
        work.insert(COLLECTION, {**row, "invited": letter.invited and letter.invited.model_dump(mode="json")})

    def put(self, work: Work, changed: OutsiderLetter) -> None:
        """Add a letter's next revision to what is to happen."""
        row = row_of(changed)
        row["invited"] = changed.invited and changed.invited.model_dump(mode="json")
        work.replace(COLLECTION, row, was=changed.revision - 1)
