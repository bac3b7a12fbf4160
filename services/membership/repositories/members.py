"""Where members are kept."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pymongo import IndexModel

from services.membership.domain.member import Member
from services.membership.repositories.rows import after_id, fields_of, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "members"
IS_OUTSIDER = {"sponsorship.organisation": {"$gte": ""}}
INDEXES = [
    IndexModel([("handle", 1)], name="handle", unique=True),
    IndexModel(
        [("organisation", 1), ("external_id", 1)],
        name="external_id",
        unique=True,
        partialFilterExpression={"external_id": {"$gte": ""}},
    ),
    *(
        IndexModel(
            [(f"sponsorship.{field}", 1), ("active", 1), ("_id", 1)],
            name=f"sponsorship_{field}",
            partialFilterExpression=IS_OUTSIDER,
        )
        for field in ("sponsor", "organisation", "next_at")
    ),
    IndexModel([("organisation", 1), ("_id", 1)], name="of_organisation"),
    IndexModel([("became", 1)], name="became", partialFilterExpression={"became": {"$gte": ""}}),
    IndexModel([("email", 1)], name="email", partialFilterExpression={"email": {"$gte": ""}}),
]


class Members:
    """The members of all organisations, those who left too.

    Every coming to a community and going from it changes the member's row (`move`), and every change
    of a member names the state it was made from, moves included (`put`). So a member who leaves their
    organisation leaves every community, also one that they join at the same moment.
    """

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> Member | None:
        """The member, None when there is none."""
        return thing_of(Member, self.rows.find_one({"_id": id}))

    def known_as(self, organisation: str, external_id: str) -> Member | None:
        """The member whom an organisation's directory calls so, None when there is none."""
        return thing_of(
            Member, self.rows.find_one({"organisation": organisation, "external_id": external_id})
        )

    def that_became(self, member: str) -> list[Member]:
        """The accounts that were made one with a member when they moved, and those made one with these before."""
        found: list[Member] = []
        known, latest = {member}, [member]
        while latest:
            further = [one for one in self._became(latest) if one.id not in known]
            found += further
            latest = [one.id for one in further]
            known.update(latest)
        return [one for one in found if not one.erased]

    def _became(self, members: list[str]) -> list[Member]:
        return things_of(Member, self.rows.find({"became": {"$in": members, "$gte": ""}}))

    def active_with(self, email: str) -> list[Member]:
        """The active members with an e-mail address, two at most: nobody needs to know how many more there are."""
        return things_of(Member, self.rows.find({"email": email, "active": True}).limit(2))

    def outsiders_of(
        self, field: Literal["sponsor", "organisation"], whose: str, after: str, limit: int
    ) -> list[Member]:
        """At most `limit` outsiders of one sponsor or organisation who are here, by id after one."""
        which = {**IS_OUTSIDER, f"sponsorship.{field}": whose, "active": True, "_id": {"$gt": after}}
        return things_of(Member, self.rows.find(which).sort("_id", 1).limit(limit))

    def outsiders_due(self, at: datetime, limit: int) -> list[Member]:
        """At most `limit` outsiders about whose stay there is something to do."""
        which = {"sponsorship.next_at": {"$lte": at}, **IS_OUTSIDER, "active": True}
        return things_of(Member, self.rows.find(which).limit(limit))

    def lose_sponsor(self, work: Work, sponsor: str, at: datetime) -> None:
        """Let somebody look soon at those for whom this member has answered."""
        which = {"sponsorship.sponsor": sponsor, **IS_OUTSIDER, "active": True}
        work.update_many(COLLECTION, which, {"$set": {"sponsorship.next_at": at}, "$inc": {"moves": 1}})

    def page(
        self, organisation: str | None, handle: str | None, position: str | None, limit: int
    ) -> list[Member]:
        """At most `limit` members in the order of their ids, after a position; None means whatever it may be."""
        named = {"organisation": organisation, "handle": handle}
        which = {name: value for name, value in named.items() if value is not None}
        return things_of(Member, self.rows.find({**which, **after_id(position)}).sort("_id", 1).limit(limit))

    def by_id(self, ids: Iterable[str]) -> dict[str, Member]:
        """Those that are there, by id."""
        found = things_of(Member, self.rows.find({"_id": {"$in": list(ids)}}))
        return {member.id: member for member in found}

    def whose(self, handles: Iterable[str]) -> dict[str, str]:
        """The ids of those who have these handles, by handle."""
        rows = self.rows.find({"handle": {"$in": list(handles)}}, {"handle": 1})
        return {row["handle"]: row["_id"] for row in rows}

    def add(self, work: Work, *members: Member) -> None:
        """Add new members to what is to happen."""
        work.insert(COLLECTION, *(row_of(member) for member in members))

    def put(self, work: Work, was: Member, now: Member) -> None:
        """Add a change of a member to what is to happen."""
        which = {"_id": was.id, "revision": was.revision, "moves": was.moves}
        work.update(COLLECTION, which, {"$set": fields_of(now)}, must_match=True)

    def hold(self, work: Work, member: Member) -> None:
        """Let whatever else `work` holds happen only while the member is active, and where they are at home now."""
        which = {"_id": member.id, "active": True, "organisation": member.organisation}
        work.update(COLLECTION, which, {"$inc": {"moves": 1}}, must_match=True)

    def move(self, work: Work, member: str, by: int) -> None:
        """Count that a member comes to `by` communities more, or goes from as many."""
        which = {"_id": member, "active": True} if by > 0 else {"_id": member}
        work.update(COLLECTION, which, {"$inc": {"communities": by, "moves": 1}}, must_match=True)
