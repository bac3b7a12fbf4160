"""Where an organisation's directory entries and directory tokens are kept."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from services.membership.domain import directory as directories
from services.membership.domain.directory import Entry
from services.membership.domain.directory_token import DirectoryToken
from services.membership.domain.group_document import members_in
from services.membership.repositories.rows import Row, row_of, thing_of, things_of
from shared.contracts.calls.membership import EntryKind
from shared.wiring.store import Store, Work, now

ENTRIES = "directory_entries"
TOKENS = "directory_tokens"
IS_THERE: Row = {"removed_at": None}
UNREAD: Row = {"kind": "group", "removed_at": None, "members": None}
"""A group that was written before it was kept beside its document whom it names."""
ENTRY_INDEXES = [
    IndexModel([("organisation", 1), ("removed_at", 1), ("kind", 1), ("_id", 1)], name="by_id"),
    IndexModel(
        [("organisation", 1), ("user_key", 1)],
        name="user_name",
        unique=True,
        partialFilterExpression={"user_key": {"$gte": ""}},
    ),
    IndexModel(
        [("organisation", 1), ("external_id", 1)],
        name="external_id",
        partialFilterExpression={"external_id": {"$gte": ""}},
    ),
    IndexModel([("member", 1)], name="by_member", partialFilterExpression={"member": {"$gte": ""}}),
    IndexModel(
        [("organisation", 1), ("members", 1)],
        name="groups",
        partialFilterExpression={"members": {"$gte": ""}},
    ),
    IndexModel([("forgotten_at", 1)], name="forgotten", expireAfterSeconds=0),
    IndexModel([("leaving_since", 1)], name="leaving"),
    IndexModel([("kind", 1)], name="unread", partialFilterExpression=UNREAD),
]
TOKEN_INDEXES = [
    IndexModel([("digest", 1)], name="digest", unique=True),
    IndexModel([("organisation", 1), ("slot", 1)], name="slot", unique=True),
]


class DirectoryEntries:
    """The users and groups of all directories; every reading names the organisation."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[ENTRIES]

    def get(self, organisation: str, id: str) -> Entry | None:
        """The entry, also one that was removed; None when that organisation has none of this id."""
        return thing_of(Entry, self.rows.find_one({"_id": id, "organisation": organisation}))

    def of_member(self, organisation: str, member: str) -> Entry | None:
        """The entry that is there for a member, None when the directory has none for them."""
        return thing_of(
            Entry, self.rows.find_one({"member": member, "organisation": organisation, **IS_THERE})
        )

    def known_as(self, organisation: str, external_id: str) -> Entry | None:
        """The user of this external id who is there; None when there is none, or more than one claims it."""
        which = {
            "organisation": organisation,
            "external_id": external_id,
            "kind": EntryKind.USER,
            **IS_THERE,
        }
        found = things_of(Entry, self.rows.find(which).limit(2))
        return found[0] if len(found) == 1 else None

    def removed(self, organisation: str, external_id: str | None) -> Entry | None:
        """The user of this external id whom the directory let go of last, None when there is none."""
        if external_id is None:
            return None
        which = {
            "organisation": organisation,
            "external_id": external_id,
            "kind": EntryKind.USER,
            "removed_at": {"$ne": None},
        }
        return thing_of(Entry, self.rows.find_one(which, sort=[("removed_at", -1)]))

    def there(self, organisation: str, entries: Sequence[str]) -> set[str]:
        """Those of these entries that are there."""
        if not entries:
            return set()
        which = {"_id": {"$in": list(entries)}, "organisation": organisation, **IS_THERE}
        return {row["_id"] for row in self.rows.find(which, {"_id": 1})}

    def find(
        self,
        which: Row,
        *,
        skip: int,
        limit: int,
        after: str | None = None,
        before: str | None = None,
    ) -> list[Entry]:
        """At most `limit` entries by id: after one, or the last before one."""
        if not limit:
            return []
        bounds = {**({"$gt": after} if after else {}), **({"$lt": before} if before else {})}
        query = {"$and": [which, {"_id": bounds}]} if bounds else which
        order = -1 if before and not after else 1
        found = things_of(Entry, self.rows.find(query).sort("_id", order).skip(skip).limit(limit))
        return found[::order]

    def count(self, which: Row) -> int:
        """How many entries there are."""
        return self.rows.count_documents(which)

    def add(self, work: Work, entry: Entry) -> None:
        """Add a new entry to what is to happen."""
        work.insert(ENTRIES, row_of(entry))

    def put(self, work: Work, was: Entry, now: Entry) -> None:
        """Add a change of an entry to what is to happen."""
        work.replace(ENTRIES, row_of(now), was=was.revision)

    def let_go(self, work: Work, gone: Entry, at: datetime) -> None:
        """Let an entry go; the groups of its directory, which may be many and long, are cleaned of it afterwards."""
        self.put(work, gone, directories.remove(gone, at))

    def unread(self, limit: int) -> list[Entry]:
        """At most `limit` groups of which it is not kept yet whom they name."""
        return things_of(Entry, self.rows.find(UNREAD).limit(limit))

    def read(self, work: Work, group: Entry) -> None:
        """Let it be kept of a group whom it names."""
        there = self.there(group.organisation, members_in(group.document))
        self.put(work, group, directories.read(group, there, now()))

    def leaving(self, limit: int) -> list[Entry]:
        """Those that groups may name still, the first to go first."""
        which = {"leaving_since": {"$lte": now()}}
        return things_of(Entry, self.rows.find(which).sort("leaving_since", 1).limit(limit))

    def leaving_from(self, organisation: str) -> set[str]:
        """The ids of those whom a directory's groups may name still."""
        which = {"leaving_since": {"$lte": now()}, "organisation": organisation}
        return {row["_id"] for row in self.rows.find(which, {"_id": 1}).hint("leaving")}

    def naming(self, organisation: str, entries: Sequence[str]) -> list[str]:
        """The ids of a directory's groups that name any of these entries."""
        which = {"organisation": organisation, "members": {"$in": list(entries)}}
        return [row["_id"] for row in self.rows.find(which, {"_id": 1})]

    def have_left(self, work: Work, entries: Sequence[str]) -> None:
        """Let it be over with these: no group names them."""
        work.update_many(ENTRIES, {"_id": {"$in": list(entries)}}, {"$set": {"leaving_since": None}})


def among(organisation: str, kinds: Sequence[EntryKind], by: str | None, value: str | None) -> Row:
    """The condition for the entries of some kinds that are there, or for those among them with a certain value."""
    which: Row = {"organisation": organisation, "kind": {"$in": list(kinds)}, **IS_THERE}
    match by:
        case "user_name":
            which["user_key"] = (value or "").casefold()
        case "external_id":
            which["external_id"] = value or ""
        case "entry":
            which["_id"] = value or ""
    return which


class DirectoryTokens:
    """The directories' tokens; one that has ended is removed."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[TOKENS]

    def by_digest(self, digest: str) -> DirectoryToken | None:
        """The token whose secret has this digest, None when there is none."""
        return thing_of(DirectoryToken, self.rows.find_one({"digest": digest}))

    def of(self, organisation: str) -> list[DirectoryToken]:
        """An organisation's tokens, those that have expired too."""
        return things_of(DirectoryToken, self.rows.find({"organisation": organisation}).sort("_id", 1))

    def add(self, work: Work, token: DirectoryToken) -> None:
        """Add a new token to what is to happen."""
        work.insert(TOKENS, row_of(token))

    def end(self, work: Work, organisation: str, token: str) -> None:
        """Let a token end."""
        work.delete(TOKENS, {"_id": token, "organisation": organisation})

    def clear(self, work: Work, organisation: str, at: datetime) -> None:
        """Remove an organisation's tokens that have expired."""
        work.delete(TOKENS, {"organisation": organisation, "expires_at": {"$lte": at}})
