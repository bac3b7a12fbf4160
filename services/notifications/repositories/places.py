"""Who is in which community: a copy of memberships that carries each member's profile and level with it.

The audience of a question is read from here alone. Profile and place come by different facts, in
any order and at two processes at once: each writes its own part first and looks for the other's
afterwards, so that whoever is later sees both.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pymongo import UpdateMany, UpdateOne

from services.notifications.domain.audience import FULL_ROLES, Standing
from services.notifications.domain.preference import DEFAULT_LEVEL
from shared.contracts.membership import MemberChanged, MembershipChanged
from shared.contracts.vocabulary import Level, Role
from shared.wiring.store import Store, Work

PLACES = "places"
MEMBERS = "members"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
OUT = Standing(role=None, since=LONG_AGO, level=DEFAULT_LEVEL)
"""How somebody stands in a community of which no place of theirs was ever heard."""

Key = tuple[str, str]
"""Community and member."""


class Place(NamedTuple):
    """A member's place in a community.

    Args:
        revision: of the fact last heard of it; 0 when there was none.
        came: the revision with which they came to see what they see now, as far as was heard.
        is_declined: they asked to be let in and were not.
    """

    community: str
    member: str
    standing: Standing
    revision: int
    came: int
    is_declined: bool

    @property
    def is_in(self) -> bool:
        """Whether they are in, in whatever role."""
        return self.standing.role is not None and self.standing.is_active


def place_id(community: str, member: str) -> str:
    """The id that membership gives to a place."""
    return f"{community}:{member}"


def standing_of(row: dict[str, Any]) -> Standing:
    """How the member of a place row stands in its community."""
    role, level = row.get("role"), row.get("level")
    return Standing(
        role=Role(role) if role else None,
        since=row.get("since", LONG_AGO),
        level=Level(level) if level else DEFAULT_LEVEL,
        profession=row.get("profession", ""),
        interests=frozenset(row.get("interests", ())),
        organisation=row.get("organisation"),
        is_active=row.get("active", True),
    )


class Places:
    """The places this service has heard of."""

    def __init__(self, store: Store) -> None:
        self.database = store.database
        self.collection = store.database[PLACES]

    # What is heard

    def write(self, facts: Sequence[MembershipChanged]) -> list[Place]:
        """Keep what was heard, each unless a later revision is here; returns the places as they now are."""
        self.collection.bulk_write([_placing(fact) for fact in facts], ordered=False)
        members = {fact.member for fact in facts}
        profiles = list(self.database[MEMBERS].find({"_id": {"$in": sorted(members)}}))
        places = [place_id(fact.community, fact.member) for fact in facts]
        self._wear(profiles, {"_id": {"$in": places}})
        return self._find({"_id": {"$in": places}})

    def write_profiles(self, facts: Sequence[MemberChanged]) -> list[Place]:
        """Keep members' profiles, on all their places too.

        Returns:
            the places that had no profile until now, as they now are.
        """
        copying = Work()
        for fact in facts:
            copying.copy(
                MEMBERS,
                {
                    "_id": fact.member,
                    "handle": fact.handle,
                    "profession": fact.profession.lower(),
                    "interests": [interest.lower() for interest in fact.interests],
                    "organisation": fact.organisation,
                    "active": fact.active,
                    "revision": fact.revision,
                },
            )
        members = sorted({fact.member for fact in facts})
        self.database[MEMBERS].bulk_write([write.operation for write in copying.writes], ordered=False)
        bare = {"member": {"$in": members}, "profile_revision": None}
        late = [row["_id"] for row in self.collection.find(bare, {"_id": 1})]
        self._wear(list(self.database[MEMBERS].find({"_id": {"$in": members}})), {})
        return self._find({"_id": {"$in": late}})

    def communities_of(self, members: Iterable[str]) -> set[str]:
        """Every community in which one of these members has, or had, a place."""
        found = self.collection.find({"member": {"$in": sorted(set(members))}}, {"_id": 0, "community": 1})
        return {row["community"] for row in found}

    def decline(self, community: str, member: str, at: datetime) -> None:
        """Remember that a member may read why they were not let in, unless their place has changed since."""
        declined = {"$lt": [{"$ifNull": ["$since", LONG_AGO]}, at]}
        change = {
            "community": community,
            "member": member,
            "declined_at": {"$cond": [declined, at, "$declined_at"]},
        }
        self.collection.update_one({"_id": place_id(community, member)}, [{"$set": change}], upsert=True)

    @staticmethod
    def set_level(place: Place, level: Level, work: Work) -> None:
        """Let `work` keep the level a member chose; the place must not have changed meanwhile."""
        which = {
            "_id": place_id(place.community, place.member),
            "revision": place.revision,
        }
        work.update(PLACES, which, {"$set": {"level": level.value}}, must_match=True)

    def _wear(self, profiles: Iterable[dict[str, Any]], which: dict[str, Any]) -> None:
        # Only where an older profile is worn, so that this may run twice, late or beside another.
        changes = [
            UpdateMany(
                {
                    **which,
                    "member": profile["_id"],
                    "profile_revision": {"$not": {"$gte": profile["revision"]}},
                },
                {
                    "$set": {
                        "profession": profile["profession"],
                        "interests": profile["interests"],
                        "organisation": profile["organisation"],
                        "active": profile["active"],
                        "profile_revision": profile["revision"],
                    }
                },
            )
            for profile in profiles
        ]
        if changes:
            self.collection.bulk_write(changes, ordered=False)

    # What is asked

    def again(self, places: Iterable[Place]) -> list[Place]:
        """These places as they are now."""
        ids = [place_id(place.community, place.member) for place in places]
        return self._find({"_id": {"$in": ids}}) if ids else []

    def by_handle(self, handles: Iterable[str]) -> dict[str, str]:
        """Members of whom was heard, by handle; nothing is asked when there are no handles."""
        wanted = sorted(set(handles))
        if not wanted:
            return {}
        found = self.database[MEMBERS].find({"handle": {"$in": wanted}}, {"handle": 1})
        return {row["handle"]: row["_id"] for row in found}

    def get(self, community: str, member: str) -> Place | None:
        """That place, None when it was never heard of."""
        found = self._find({"_id": place_id(community, member)})
        return found[0] if found else None

    def of_member(self, member: str) -> list[Place]:
        """Every place of a member that was heard of, by community."""
        return self.of_members([member])

    def of_members(self, members: Sequence[str]) -> list[Place]:
        """Every place of these members, by community."""
        return sorted(
            self._find({"member": {"$in": list(members)}}),
            key=lambda place: place.community,
        )

    def standings(self, keys: Iterable[Key]) -> dict[Key, Standing]:
        """How these members stand in these communities, where a place of theirs was heard of."""
        ids = [place_id(*key) for key in keys]
        return {
            (place.community, place.member): place.standing for place in self._find({"_id": {"$in": ids}})
        }

    def of_organisation(self, organisation: str, communities: Iterable[str]) -> dict[str, list[Standing]]:
        """How an organisation's members stand in these communities, by community; guests are left out."""
        which = {
            "community": {"$in": sorted(set(communities))},
            "organisation": organisation,
            "role": {"$in": [role.value for role in FULL_ROLES]},
        }
        found: dict[str, list[Standing]] = {}
        for row in self.collection.find(which):
            found.setdefault(row["community"], []).append(standing_of(row))
        return found

    def is_active_member(self, member: str, organisation: str) -> bool:
        """Whether that is an active member of the organisation."""
        which = {"_id": member, "organisation": organisation, "active": True}
        return self.database[MEMBERS].find_one(which, {"_id": 1}) is not None

    def profile_revision(self, member: str) -> int:
        """How far this copy of a member's profile is, 0 when they were never heard of."""
        row = self.database[MEMBERS].find_one({"_id": member}, {"revision": 1})
        return int(row["revision"]) if row else 0

    def homes(self, members: Iterable[str | None]) -> dict[str, str | None]:
        """The organisations that these members are in now, of those of whom was heard."""
        wanted = sorted({member for member in members if member})
        if not wanted:
            return {}
        found = self.database[MEMBERS].find({"_id": {"$in": wanted}}, {"organisation": 1})
        return {row["_id"]: row["organisation"] for row in found}

    def _find(self, which: dict[str, Any]) -> list[Place]:
        return [
            Place(
                community=row["community"],
                member=row["member"],
                standing=standing_of(row),
                revision=row.get("revision", 0),
                came=row.get("came", 0),
                is_declined=bool(row.get("declined_at")),
            )
            for row in self.collection.find(which)
        ]


def _placing(fact: MembershipChanged) -> UpdateOne:
    """Take over a place when the fact is newer than what is here.

    Somebody who saw the whole community just before keeps the day they came; where a revision was not
    heard, they may have been out between. Who leaves, leaves their level behind.
    """
    is_newer = {"$gt": [fact.revision, {"$ifNull": ["$revision", -1]}]}
    since: Any = fact.since
    came: Any = fact.revision
    if fact.role in FULL_ROLES:
        saw_all = {
            "$and": [
                {"$in": [{"$ifNull": ["$role", ""]}, [role.value for role in FULL_ROLES]]},
                {"$eq": ["$revision", fact.revision - 1]},
            ]
        }
        since = {"$cond": [saw_all, {"$min": ["$since", fact.since]}, fact.since]}
        came = {"$cond": [saw_all, "$came", fact.revision]}
    role = None if fact.role is None else fact.role.value
    change = {
        "community": fact.community,
        "member": fact.member,
        "role": {"$cond": [is_newer, role, "$role"]},
        "since": {"$cond": [is_newer, since, "$since"]},
        "came": {"$cond": [is_newer, came, "$came"]},
        "revision": {"$cond": [is_newer, fact.revision, "$revision"]},
        "declined_at": {"$cond": [is_newer, "$$REMOVE", "$declined_at"]},
    }
    if fact.role is None:
        change["level"] = {"$cond": [is_newer, "$$REMOVE", "$level"]}
    return UpdateOne({"_id": place_id(fact.community, fact.member)}, [{"$set": change}], upsert=True)
