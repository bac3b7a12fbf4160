"""Where invitations are kept."""

from pymongo import IndexModel

from services.membership.domain.invitation import Invitation
from services.membership.repositories.rows import TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "invitations"
NEWEST = [("invited_at", -1), ("_id", -1)]
INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("community", 1), *NEWEST], name="newest"),
    IndexModel([("email", 1)], name="by_email"),
    IndexModel([("invited_by", 1)], name="by_inviter"),
    IndexModel(
        [("accepted_by", 1)], name="by_accepter", partialFilterExpression={"accepted_by": {"$gte": ""}}
    ),
]


class Invitations:
    """The invitations to communities."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Invitation | None:
        """The invitation, None when there is none."""
        return thing_of(Invitation, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> Invitation | None:
        """The invitation whose secret has this digest, None when there is none."""
        return thing_of(Invitation, self.rows.find_one({"digest": digest}))

    def page(self, community: str, position: TimePosition, limit: int, by: str | None) -> list[Invitation]:
        """At most `limit` invitations to a community, newest first, after a position; only those `by` one, if given.

        A partner's system sees those only that its own member has made: whom others invite is no affair of it.
        """
        which = {"community": community, **before("invited_at", position)}
        rows = self.rows.find(which if by is None else {**which, "invited_by": by})
        return things_of(Invitation, rows.sort(NEWEST).limit(limit))

    def add(self, work: Work, invitation: Invitation) -> None:
        """Add a new invitation to what is to happen."""
        work.insert(COLLECTION, row_of(invitation))

    def put(self, work: Work, was: Invitation, now: Invitation) -> None:
        """Add a change of an invitation to what is to happen."""
        work.replace(COLLECTION, row_of(now), was=was.revision)
