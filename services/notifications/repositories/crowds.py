"""The crowd of a community: everybody who sees the whole of it.

Ten thousand places are slow to read for every question and change seldom, so a process remembers
crowds, each with its version. Whoever changes a place, a profile or a level turns the version
*after* the change: a crowd read under the present version lacks nothing that was changed before it.
The version is also how a fan-out notices that somebody left while it was writing.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pymongo import UpdateOne

from services.notifications.domain.audience import FULL_ROLES, Cohort, Crowd
from services.notifications.repositories.communities import TitleMemory
from services.notifications.repositories.places import PLACES, standing_of
from shared.contracts.vocabulary import Level, Role
from shared.wiring.store import Store, Work

CROWDS = "crowds"
MOST_REMEMBERED = 100_000
"""Places that a process remembers at most: some tens of megabytes."""


class _Remembered(NamedTuple):
    version: int
    crowd: Crowd


class CrowdMemory:
    """The crowds a process remembers, those used last, and their communities' titles."""

    def __init__(self) -> None:
        self.titles = TitleMemory()
        self._crowds: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    def recall(self, key: tuple[str, str], version: int) -> Crowd | None:
        """The crowd remembered under that key, unless it is of another version."""
        remembered = self._crowds.get(key)
        if remembered is None or remembered.version != version:
            return None
        self._crowds.move_to_end(key)
        return remembered.crowd

    def remember(self, key: tuple[str, str], version: int, crowd: Crowd) -> None:
        """Keep this crowd, and forget those that were not used for longest when there are too many."""
        self._crowds[key] = _Remembered(version, crowd)
        self._crowds.move_to_end(key)
        while len(self._crowds) > 1 and self._size() > MOST_REMEMBERED:
            self._crowds.popitem(last=False)

    def _size(self) -> int:
        return sum(len(remembered.crowd.organisations) for remembered in self._crowds.values())


class Crowds:
    """The crowds of all communities."""

    def __init__(self, store: Store, memory: CrowdMemory) -> None:
        self.versions_held = store.database[CROWDS]
        self.places = store.database[PLACES]
        self.name = store.database.name
        self.memory = memory

    def turn(self, communities: Iterable[str]) -> None:
        """Say that somebody's place, profile or level in these communities has changed."""
        changes = [
            UpdateOne({"_id": community}, {"$inc": {"version": 1}}, upsert=True)
            for community in sorted(set(communities))
        ]
        if changes:
            self.versions_held.bulk_write(changes, ordered=False)

    @staticmethod
    def turn_with(work: Work, community: str) -> None:
        """As `turn`, in the transaction that makes the change."""
        work.update(CROWDS, {"_id": community}, {"$inc": {"version": 1}}, upsert=True)

    def versions(self, communities: Iterable[str]) -> dict[str, int]:
        """The present version of each crowd; those that never changed are left out."""
        found = self.versions_held.find({"_id": {"$in": sorted(set(communities))}})
        return {row["_id"]: row["version"] for row in found}

    def crowd(self, community: str, version: int) -> Crowd:
        """Everybody who sees the whole community, at `version` or later."""
        key = (self.name, community)
        crowd = self.memory.recall(key, version)
        if crowd is None:
            crowd = self._read(community)
            self.memory.remember(key, version, crowd)
        return crowd

    def _read(self, community: str) -> Crowd:
        alike: dict[tuple[Role, Level], list[tuple[str, datetime]]] = defaultdict(list)
        by_profession: dict[str, list[str]] = defaultdict(list)
        by_interest: dict[str, list[str]] = defaultdict(list)
        organisations: dict[str, str | None] = {}
        which = {"community": community, "role": {"$in": [role.value for role in FULL_ROLES]}}
        for row in self.places.find(which):
            member, standing = row["member"], standing_of(row)
            if standing.role is None or not standing.is_active:
                continue
            alike[standing.role, standing.level].append((member, standing.since))
            by_profession[standing.profession].append(member)
            for interest in standing.interests:
                by_interest[interest].append(member)
            organisations[member] = standing.organisation
        cohorts = []
        for (role, level), places in alike.items():
            members, sinces = zip(*places, strict=True)
            cohorts.append(Cohort(role, level, members, sinces, max(sinces)))
        return Crowd(tuple(cohorts), _frozen(by_profession), _frozen(by_interest), organisations)


def _frozen(groups: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(members) for name, members in groups.items()}
