"""Where memberships are kept, with everything that is counted by them."""

from collections.abc import Iterable
from typing import NamedTuple

from pymongo import IndexModel

from services.membership.domain.member import Member
from services.membership.domain.membership import Membership, counted, place_id, role_of
from services.membership.repositories.communities import Communities
from services.membership.repositories.headcounts import Headcounts
from services.membership.repositories.members import Members
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
from shared.contracts.vocabulary import Role
from shared.wiring.store import Store, Work

COLLECTION = "memberships"
IS_IN: Row = {"role": {"$gte": ""}}
BY_NAME = [("name_key", 1), ("_id", 1)]
INDEXES = [
    IndexModel([("community", 1), *BY_NAME], name="by_name", partialFilterExpression=IS_IN),
    IndexModel([("community", 1), ("role", 1), *BY_NAME], name="by_role"),
    IndexModel([("member", 1), ("role", 1)], name="by_member"),
]


class Listed(NamedTuple):
    """A place in a listing by the members' names, and the key by which it stands there.

    The key is the row's own: the member may have another name by the time they are read.
    """

    place: Membership
    name_key: str


class Memberships:
    """The places of members in communities, those they left too."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.rows = store.database[COLLECTION]

    def get(self, community: str, member: str | None) -> Membership | None:
        """A member's place in a community, None when they never had one or `member` is None."""
        if member is None:
            return None
        return thing_of(Membership, self.rows.find_one({"_id": place_id(community, member)}))

    def revision(self, community: str, member: str) -> int:
        """The revision of a member's place, 0 when they never had one."""
        row = self.rows.find_one({"_id": place_id(community, member)}, {"_id": 0, "revision": 1})
        return row["revision"] if row else 0

    def roles(self, member: str | None) -> dict[str, Role]:
        """The roles a member has now, by community."""
        if member is None:
            return {}
        rows = self.rows.find({"member": member, **IS_IN}, {"_id": 0, "community": 1, "role": 1})
        return {row["community"]: Role(row["role"]) for row in rows}

    def roles_in(self, member: str, communities: Iterable[str]) -> dict[str, Role]:
        """The roles a member has now in some communities."""
        ids = [place_id(community, member) for community in communities]
        rows = self.rows.find({"_id": {"$in": ids}, **IS_IN}, {"_id": 0, "community": 1, "role": 1})
        return {row["community"]: Role(row["role"]) for row in rows}

    def all_of(self, member: str) -> list[Membership]:
        """All places a member has now."""
        return things_of(Membership, self.rows.find({"member": member, **IS_IN}))

    def facilitators(self, communities: Iterable[str]) -> set[str]:
        """Who facilitates one of these communities."""
        which = {"community": {"$in": list(communities)}, "role": Role.FACILITATOR.value}
        return {row["member"] for row in self.rows.find(which, {"member": 1}).limit(500)}

    def has_any(self, member: str) -> bool:
        """Whether a member was ever in a community."""
        return self.rows.find_one({"member": member}, {"_id": 1}) is not None

    def taken(self, community: str, members: Iterable[str]) -> set[str]:
        """The ids of those places of `members` in a community that exist, of those who left too."""
        ids = [place_id(community, member) for member in members]
        return {row["_id"] for row in self.rows.find({"_id": {"$in": ids}}, {"_id": 1})}

    def page(self, community: str, position: NamePosition, limit: int) -> list[Listed]:
        """At most `limit` places in a community by the members' names, after a position `[name key, id]`."""
        return self._page({"community": community, **IS_IN}, position, limit)

    def page_for_guest(self, own: Membership, position: NamePosition, limit: int) -> list[Listed]:
        """As `page`, as far as a guest may see it: the facilitators and `own`, the guest's own place."""
        which = {"community": own.community, "role": {"$in": [Role.FACILITATOR, Role.GUEST]}}
        only = {"$or": [{"role": Role.FACILITATOR}, {"_id": own.id}]}
        return self._page({"$and": [which, only]}, position, limit)

    def _page(self, which: Row, position: NamePosition, limit: int) -> list[Listed]:
        rows = list(self.rows.find({"$and": [which, after("name_key", position)]}).sort(BY_NAME).limit(limit))
        keys = [row["name_key"] for row in rows]
        return [Listed(*each) for each in zip(things_of(Membership, rows), keys, strict=True)]

    def rename(self, work: Work, member: Member) -> None:
        """Let a member stand under their new name in every community's listing."""
        for row in self.rows.find({"member": member.id}, {"_id": 1}):
            work.update(COLLECTION, {"_id": row["_id"]}, {"$set": {"name_key": sort_key(member.name)}})

    def put(
        self,
        work: Work,
        was: Membership | None,
        now: Membership,
        member: Member,
        *,
        leaves_everything: bool = False,
    ) -> None:
        """Add a change of a place to what is to happen, with all that is counted by it.

        Args:
            leaves_everything: the member's own row is changed by whoever says so, and a community may
                lose its last facilitator.
        """
        if was is None:
            work.insert(COLLECTION, {**row_of(now), "name_key": sort_key(member.name)})
        else:
            which = {"_id": was.id, "revision": was.revision}
            change = {"$set": {**fields_of(now), "name_key": sort_key(member.name)}}
            work.update(COLLECTION, which, change, must_match=True)
        people, facilitators = counted(role_of(was), now.role)
        if facilitators:
            Communities(self.store).count_facilitators(
                work, now.community, facilitators, spare_last=not leaves_everything
            )
        if people:
            if not leaves_everything:
                Members(self.store).move(work, now.member, people)
            Headcounts(self.store).count(work, now.community, [now.member], people)

    def add_many(self, work: Work, places: list[Membership], names: dict[str, str]) -> None:
        """Add new places in one community to what is to happen; the members' rows are the caller's to change.

        Args:
            names: the members' names by id.
        """
        work.insert(
            COLLECTION,
            *({**row_of(place), "name_key": sort_key(names[place.member])} for place in places),
        )
        if places:
            Headcounts(self.store).count(work, places[0].community, [place.member for place in places], 1)
