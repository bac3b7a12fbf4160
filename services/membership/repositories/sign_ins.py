"""Where sign-ins are kept, who is who at the providers, and who may connect an account: secrets as digests only."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.sign_in import Identity, SignIn, SignInInvitation
from services.membership.repositories.rows import TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

SIGN_INS = "sign_ins"
IDENTITIES = "identities"
INVITATIONS = "sign_in_invitations"
NEWEST = [("signed_in_at", -1), ("_id", -1)]
SIGN_IN_INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("member", 1), *NEWEST], name="newest"),
    IndexModel([("provider", 1)], name="by_provider", partialFilterExpression={"provider": {"$gte": ""}}),
    IndexModel([("ends_at", 1)], name="ended", expireAfterSeconds=0),
]
IDENTITY_INDEXES = [IndexModel([("member", 1)], name="by_member")]
INVITATION_INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("member", 1)], name="by_member"),
    IndexModel([("expires_at", 1)], name="ended", expireAfterSeconds=0),
]


class SignIns:
    """The sign-ins; one that has ended is removed, by whoever ends it or by the database when its time is up."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[SIGN_INS]

    def get(self, id: str) -> SignIn | None:
        """The sign-in, None when there is none."""
        return thing_of(SignIn, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> SignIn | None:
        """The sign-in whose secret has this digest, None when there is none."""
        return thing_of(SignIn, self.rows.find_one({"digest": digest}))

    def page(self, member: str, seen_after: datetime, position: TimePosition, limit: int) -> list[SignIn]:
        """At most `limit` of a member's sign-ins that were seen after a moment, newest first, after a position."""
        which = {"member": member, "seen_at": {"$gt": seen_after}, **before("signed_in_at", position)}
        return things_of(SignIn, self.rows.find(which).sort(NEWEST).limit(limit))

    def add(self, work: Work, sign_in: SignIn) -> None:
        """Add a new sign-in to what is to happen."""
        work.insert(SIGN_INS, row_of(sign_in))

    def saw(self, work: Work, sign_in: SignIn, at: datetime) -> None:
        """Remember when somebody was last seen."""
        work.update(SIGN_INS, {"_id": sign_in.id}, {"$max": {"seen_at": at}})

    def end(self, work: Work, sign_in: str) -> None:
        """Let a sign-in end."""
        work.delete(SIGN_INS, {"_id": sign_in})

    def end_all_of(self, work: Work, member: str) -> None:
        """Let all sign-ins of a member end."""
        work.delete(SIGN_INS, {"member": member})

    def end_all_of_by(self, work: Work, member: str, provider: str) -> None:
        """Let all sign-ins of a member by a provider end."""
        work.delete(SIGN_INS, {"member": member, "provider": provider})

    def count_of(self, member: str) -> int:
        """How many a member has."""
        return self.rows.count_documents({"member": member})

    def end_all_by(self, work: Work, provider: str) -> None:
        """Let all sign-ins by a provider end."""
        work.delete(SIGN_INS, {"provider": provider})


class Identities:
    """Who is who at the providers."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[IDENTITIES]

    def get(self, key: str) -> Identity | None:
        """The identity, None when there is none."""
        return thing_of(Identity, self.rows.find_one({"_id": key}))

    def all_of(self, member: str) -> list[Identity]:
        """A member's, at most a hundred."""
        return things_of(Identity, self.rows.find({"member": member}).limit(100))

    def end(self, work: Work, key: str) -> None:
        """Let somebody at a provider be nobody here."""
        work.delete(IDENTITIES, {"_id": key})

    def add(self, work: Work, identity: Identity) -> None:
        """Add a new identity to what is to happen."""
        work.insert(IDENTITIES, row_of(identity))

    def end_all_of(self, work: Work, member: str) -> None:
        """Let nobody at a provider be this member any more."""
        work.delete(IDENTITIES, {"member": member})

    def give(self, work: Work, member: str, to: str) -> None:
        """Let whoever is the one member at a provider be the other."""
        work.update_many(IDENTITIES, {"member": member}, {"$set": {"member": to}})


class SignInInvitations:
    """Who may connect an account with which member."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[INVITATIONS]

    def by_digest(self, digest: str) -> SignInInvitation | None:
        """The invitation whose secret has this digest, None when there is none."""
        return thing_of(SignInInvitation, self.rows.find_one({"digest": digest}))

    def add(self, work: Work, invitation: SignInInvitation) -> None:
        """Add a new invitation to what is to happen."""
        work.insert(INVITATIONS, row_of(invitation))

    def put(self, work: Work, changed: SignInInvitation) -> None:
        """Add an invitation's next revision to what is to happen."""
        work.replace(INVITATIONS, row_of(changed), was=changed.revision - 1)

    def end_all_of(self, work: Work, member: str) -> None:
        """Let nobody connect an account with this member by an invitation that was made before."""
        work.delete(INVITATIONS, {"member": member})
