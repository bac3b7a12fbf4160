"""Where communities are kept, and how they are found."""

from collections.abc import Collection, Iterable

from pymongo import IndexModel

from services.membership.domain.community import Community
from services.membership.domain.similarity import described, findable_terms
from services.membership.repositories.rows import (
    NamePosition,
    Row,
    after,
    fields_of,
    row_of,
    sort_key,
    thing_of,
    things_of,
)
from shared.contracts.vocabulary import Visibility
from shared.wiring.store import Store, Work

COLLECTION = "communities"
BY_TITLE = [("title_key", 1), ("_id", 1)]
INDEXES = [
    IndexModel([("listed", 1), *BY_TITLE], name="by_title"),
    IndexModel(BY_TITLE, name="all_by_title"),
    IndexModel([("terms", 1), *BY_TITLE], name="by_terms"),
]
MOST_CONSIDERED = 1000
MOST_CANDIDATES = 100
KEPT_BY_THE_STORE = {"facilitators"}


class Communities:
    """The communities, closed and archived ones too; `own` are the ids of those the caller is in."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Community | None:
        """The community, None when there is none."""
        return thing_of(Community, self.rows.find_one({"_id": id}))

    def by_id(self, ids: Iterable[str]) -> dict[str, Community]:
        """Those of these communities that are there, by id."""
        rows = self.rows.find({"_id": {"$in": list(ids)}})
        return {community.id: community for community in things_of(Community, rows)}

    def revision(self, id: str) -> int:
        """Its revision, 0 when there is none."""
        row = self.rows.find_one({"_id": id}, {"_id": 0, "revision": 1})
        return row["revision"] if row else 0

    def all(self, terms: Collection[str], position: NamePosition, limit: int) -> list[Community]:
        """At most `limit` of all communities that have all `terms`, by title, after a position `[title key, id]`."""
        return self._page({}, terms, position, limit)

    def own(
        self, own: Collection[str], terms: Collection[str], position: NamePosition, limit: int
    ) -> list[Community]:
        """As `all`, of the caller's own only."""
        return self._page({"_id": {"$in": list(own)}}, terms, position, limit) if own else []

    def known(
        self, own: Collection[str], terms: Collection[str], position: NamePosition, limit: int
    ) -> list[Community]:
        """As `all`, of those the caller may know of: what is not closed, and their own."""
        listed = self._page({"listed": True}, terms, position, limit)
        closed = (
            self._page({"_id": {"$in": list(own)}, "listed": False}, terms, position, limit) if own else []
        )
        both = {community.id: community for community in (*listed, *closed)}
        return sorted(both.values(), key=lambda one: (sort_key(one.title), one.id))[:limit]

    def candidates(self, own: Collection[str] | None, terms: Collection[str]) -> list[Community]:
        """Those that share most of `terms`, `MOST_CANDIDATES` at most, which the caller may know of.

        Args:
            own: None for the operator, who may know of all.
        """
        which: Row = {"terms": {"$in": list(terms)}}
        if own is not None:
            which["$or"] = [{"listed": True}, {"_id": {"$in": list(own)}}]
        shared = {"$size": {"$setIntersection": ["$terms", list(terms)]}}
        rows = self.rows.aggregate(
            [
                {"$match": which},
                {"$limit": MOST_CONSIDERED},
                {"$set": {"shared": shared}},
                {"$sort": {"shared": -1, "_id": 1}},
                {"$limit": MOST_CANDIDATES},
            ],
        )
        return things_of(Community, rows)

    def add(self, work: Work, community: Community) -> None:
        """Add a new community to what is to happen."""
        work.insert(COLLECTION, {**row_of(community), **_found_by(community)})

    def put(self, work: Work, was: Community, now: Community) -> None:
        """Add a change of a community to what is to happen."""
        fields = {name: value for name, value in fields_of(now).items() if name not in KEPT_BY_THE_STORE}
        work.update(
            COLLECTION,
            {"_id": was.id, "revision": was.revision},
            {"$set": {**fields, **_found_by(now)}},
            must_match=True,
        )

    def count_facilitators(self, work: Work, community: str, by: int, *, spare_last: bool = True) -> None:
        """Count that a facilitator has come or gone.

        Args:
            spare_last: the last one can't go; who tries, because another went meanwhile, is asked to look again.
        """
        which: Row = {"_id": community}
        if by < 0 and spare_last:
            which["facilitators"] = {"$gt": 1}
        work.update(COLLECTION, which, {"$inc": {"facilitators": by}}, must_match=True)

    def _page(
        self, which: Row, terms: Collection[str], position: NamePosition, limit: int
    ) -> list[Community]:
        narrowed = {**which, **({"terms": {"$all": list(terms)}} if terms else {})}
        rows = self.rows.find({"$and": [narrowed, after("title_key", position)]})
        return things_of(Community, rows.sort(BY_TITLE).limit(limit))


def _found_by(community: Community) -> Row:
    return {
        "title_key": sort_key(community.title),
        "listed": community.visibility is not Visibility.CLOSED,
        "terms": findable_terms(described(community)),
    }
