"""Where tokens and clients are kept: the digests of their secrets only."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.client import Client
from services.membership.domain.credential import Token
from services.membership.repositories.rows import TimePosition, after_id, before, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

TOKENS = "tokens"
CLIENTS = "clients"
NEWEST = [("issued_at", -1), ("_id", -1)]
TOKEN_INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("member", 1), *NEWEST], name="newest"),
    IndexModel([("client", 1)], name="by_client", partialFilterExpression={"client": {"$gte": ""}}),
    IndexModel([("expires_at", 1)], name="ended", expireAfterSeconds=0),
]
CLIENT_INDEXES = [IndexModel([("organisation", 1), ("_id", 1)], name="of_organisation")]


class Tokens:
    """The members' tokens; one that has ended is removed, by whoever ends it or by the database when its time is up."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[TOKENS]

    def get(self, id: str) -> Token | None:
        """The token, None when there is none."""
        return thing_of(Token, self.rows.find_one({"_id": id}))

    def by_digest(self, digest: str) -> Token | None:
        """The token whose secret has this digest, None when there is none."""
        return thing_of(Token, self.rows.find_one({"digest": digest}))

    def page(self, member: str, at: datetime, position: TimePosition, limit: int) -> list[Token]:
        """At most `limit` of a member's tokens that are good at a moment, newest first, after a position."""
        which = {"member": member, "expires_at": {"$gt": at}, **before("issued_at", position)}
        return things_of(Token, self.rows.find(which).sort(NEWEST).limit(limit))

    def add(self, work: Work, token: Token) -> None:
        """Add a new token to what is to happen."""
        work.insert(TOKENS, row_of(token))

    def end(self, work: Work, token: str) -> None:
        """Let a token end."""
        work.delete(TOKENS, {"_id": token})

    def end_all_of(self, work: Work, member: str) -> None:
        """Let all tokens of a member end."""
        work.delete(TOKENS, {"member": member})

    def count_of(self, member: str) -> int:
        """How many a member has."""
        return self.rows.count_documents({"member": member})

    def end_all_by(self, work: Work, client: str) -> None:
        """Let all tokens that a client issued end."""
        work.delete(TOKENS, {"client": client})


class Clients:
    """The organisations' systems."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[CLIENTS]

    def get(self, id: str) -> Client | None:
        """The client, None when there is none."""
        return thing_of(Client, self.rows.find_one({"_id": id}))

    def page(self, organisation: str | None, position: str | None, limit: int) -> list[Client]:
        """At most `limit` clients, of all organisations when none is named, in the order of their ids after a position."""
        which = {} if organisation is None else {"organisation": organisation}
        return things_of(Client, self.rows.find({**which, **after_id(position)}).sort("_id", 1).limit(limit))

    def add(self, work: Work, client: Client) -> None:
        """Add a new client to what is to happen."""
        work.insert(CLIENTS, row_of(client))

    def put(self, work: Work, was: Client, now: Client) -> None:
        """Add a change of a client to what is to happen."""
        work.replace(CLIENTS, row_of(now), was=was.revision)
