"""Where the links to sign in are kept: the digests of their secrets only."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.sign_in_link import SignInLink
from services.membership.repositories.rows import row_of, thing_of
from shared.wiring.store import Store, Work

COLLECTION = "sign_in_links"
KEPT = 3_600
INDEXES = [
    IndexModel(
        [("digests", 1)], name="digest", unique=True, partialFilterExpression={"digests": {"$gte": ""}}
    ),
    IndexModel([("address", 1), ("asked_at", 1)], name="by_address"),
    IndexModel([("member", 1)], name="by_member", partialFilterExpression={"member": {"$gte": ""}}),
    IndexModel([("asked_at", 1)], name="kept", expireAfterSeconds=KEPT),
]


class SignInLinks:
    """The links of the last hour, those for addresses that nobody has among them."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> SignInLink | None:
        """The link, None when there is none."""
        return thing_of(SignInLink, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> SignInLink | None:
        """The link with a secret of this digest, None when there is none."""
        return thing_of(SignInLink, self.rows.find_one({"digests": digest}))

    def count(self, address: str, since: datetime, most: int) -> int:
        """How many were asked for one address since a moment; counted up to `most`."""
        return self.rows.count_documents({"address": address, "asked_at": {"$gte": since}}, limit=most)

    def add(self, work: Work, link: SignInLink) -> None:
        """Add a new link to what is to happen."""
        work.insert(COLLECTION, row_of(link))

    def end_all_for(self, work: Work, address: str) -> None:
        """Let every link that was sent to an address end."""
        work.delete(COLLECTION, {"address": address})

    def put(self, work: Work, changed: SignInLink) -> None:
        """Add a link's next revision to what is to happen."""
        work.replace(COLLECTION, row_of(changed), was=changed.revision - 1)
