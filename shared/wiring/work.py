"""What a handler wants to happen, collected before any of it does."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pymongo import DeleteMany, InsertOne, ReplaceOne, UpdateMany, UpdateOne

from shared.contracts.envelope import Contract

Document = dict[str, Any]


class Stale(Exception):
    """Somebody else changed it meanwhile; read again and decide again."""


class Duplicate(Exception):
    """An insert met what is already there.

    Args:
        collection: where.
        index: the name of the unique index, `_id_` for the id itself.
    """

    def __init__(self, collection: str, index: str) -> None:
        super().__init__(collection, index)
        self.collection = collection
        self.index = index


class Write(NamedTuple):
    """One write of a work; `must_match` makes the work `Stale` when it changes nothing that is there."""

    collection: str
    operation: Any
    must_match: bool = False


class Work:
    """What is to happen together: writes, facts to tell, and what to do once it has happened."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.facts: list[Contract] = []
        self.after: list[Callable[[], None]] = []

    def insert(self, collection: str, *documents: Document) -> None:
        """Add new documents; one that is already there refuses the whole work (`Duplicate`)."""
        self.writes += [Write(collection, InsertOne(document)) for document in documents]

    def replace(self, collection: str, document: Document, *, was: int) -> None:
        """Put `document` in the place of its revision `was`; anything else there makes the work `Stale`."""
        self.writes.append(
            Write(collection, ReplaceOne({"_id": document["_id"], "revision": was}, document), True)
        )

    def update(
        self,
        collection: str,
        which: Document,
        change: Document,
        *,
        upsert: bool = False,
        must_match: bool = False,
    ) -> None:
        """Change one document in place; with `must_match`, finding none makes the work `Stale`."""
        self.writes.append(Write(collection, UpdateOne(which, change, upsert=upsert), must_match))

    def update_many(self, collection: str, which: Document, change: Document) -> None:
        """Change every document that matches, by one operation however many they are."""
        self.writes.append(Write(collection, UpdateMany(which, change)))

    def copy(self, collection: str, document: Document) -> None:
        """Keep a local copy of what another service told, unless a later revision is here already."""
        is_newer = {"$gt": [{"$literal": document["revision"]}, {"$ifNull": ["$revision", -1]}]}
        # All fields in one $set, because its parts see the document as it was before the stage.
        changes = {
            name: {"$cond": [is_newer, {"$literal": value}, f"${name}"]}
            for name, value in document.items()
            if name != "_id"
        }
        self.writes.append(
            Write(collection, UpdateOne({"_id": document["_id"]}, [{"$set": changes}], upsert=True))
        )

    def delete(self, collection: str, which: Document) -> None:
        """Remove every document that matches."""
        self.writes.append(Write(collection, DeleteMany(which)))

    def tell(self, *facts: Contract) -> None:
        """Tell these facts, in this order, once the work is done."""
        self.facts += facts

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do `action` once the work is committed; it is lost if the process dies between, and must not raise."""
        self.after.append(action)
