"""Where passkeys are kept, and the challenges that wait for an answer: those as digests only."""

from pymongo import IndexModel

from services.membership.domain.passkey import Passkey, PasskeyChallenge
from services.membership.repositories.rows import TimePosition, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

PASSKEYS = "passkeys"
CHALLENGES = "passkey_challenges"
NEWEST = [("created_at", -1), ("_id", -1)]
PASSKEY_INDEXES = [
    IndexModel([("credential", 1)], name="credential", unique=True),
    IndexModel([("member", 1), *NEWEST], name="newest"),
]
CHALLENGE_INDEXES = [
    IndexModel([("member", 1)], name="by_member", partialFilterExpression={"member": {"$gte": ""}}),
    IndexModel([("expires_at", 1)], name="ended", expireAfterSeconds=0),
]


class Passkeys:
    """The members' passkeys."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[PASSKEYS]

    def get(self, id: str) -> Passkey | None:
        """The passkey, None when there is none."""
        return thing_of(Passkey, self.rows.find_one({"_id": id}))

    def by_credential(self, credential: str) -> Passkey | None:
        """The passkey whose credential has this id, None when there is none."""
        return thing_of(Passkey, self.rows.find_one({"credential": credential}))

    def page(self, member: str, position: TimePosition, limit: int) -> list[Passkey]:
        """At most `limit` of a member's passkeys, newest first, after a position."""
        which = {"member": member, **before("created_at", position)}
        return things_of(Passkey, self.rows.find(which).sort(NEWEST).limit(limit))

    def add(self, work: Work, passkey: Passkey) -> None:
        """Add a new passkey to what is to happen."""
        work.insert(PASSKEYS, row_of(passkey))

    def put(self, work: Work, changed: Passkey) -> None:
        """Add a passkey's next revision to what is to happen."""
        work.replace(PASSKEYS, row_of(changed), was=changed.revision - 1)

    def end(self, work: Work, passkey: str) -> None:
        """Let a passkey end."""
        work.delete(PASSKEYS, {"_id": passkey})

    def end_all_of(self, work: Work, member: str) -> None:
        """Let all passkeys of a member end."""
        work.delete(PASSKEYS, {"member": member})

    def count_of(self, member: str) -> int:
        """How many a member has."""
        return self.rows.count_documents({"member": member})


class PasskeyChallenges:
    """The challenges of the last minutes."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[CHALLENGES]

    def get(self, digest: str) -> PasskeyChallenge | None:
        """The challenge, None when there is none."""
        return thing_of(PasskeyChallenge, self.rows.find_one({"_id": digest}))

    def add(self, work: Work, challenge: PasskeyChallenge) -> None:
        """Add a new challenge to what is to happen."""
        work.insert(CHALLENGES, row_of(challenge))

    def put(self, work: Work, changed: PasskeyChallenge) -> None:
        """Add a challenge's next revision to what is to happen."""
        work.replace(CHALLENGES, row_of(changed), was=changed.revision - 1)
