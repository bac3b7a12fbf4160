"""The crowd of a community: everybody who sees the whole of it, grouped by how they stand.

Ten thousand places are slow to read for every question and change seldom, so a process remembers
crowds, each with its version. Whoever changes a place, a profile or a level turns the version
*after* the change: a crowd read under the present version lacks nothing that was changed before it.
The version is also how a fan-out notices that somebody left while it was writing.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pymongo import UpdateOne

from services.notifications.domain.audience import FULL_ROLES, Cohort, Standing
from services.notifications.repositories.places import LONG_AGO, PLACES, standing_of
from shared.wiring.store import Store, Work

CROWDS = "crowds"
MOST_REMEMBERED = 100_000
"""Places that a process remembers at most: some 40 MB."""


class _Remembered(NamedTuple):
    version: int
    cohorts: tuple[Cohort, ...]
    size: int


class CrowdMemory:
    """The crowds a process remembers, those used last."""

    def __init__(self) -> None:
        self._crowds: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    def recall(self, key: tuple[str, str], version: int) -> tuple[Cohort, ...] | None:
        """The crowd remembered under that key, unless it is of another version."""
        remembered = self._crowds.get(key)
        if remembered is None or remembered.version != version:
            return None
        self._crowds.move_to_end(key)
        return remembered.cohorts

    def remember(self, key: tuple[str, str], version: int, cohorts: tuple[Cohort, ...]) -> None:
        """Keep this crowd, and forget those that were not used for longest when there are too many."""
        self._crowds[key] = _Remembered(version, cohorts, sum(len(cohort.members) for cohort in cohorts))
        self._crowds.move_to_end(key)
        while len(self._crowds) > 1 and sum(one.size for one in self._crowds.values()) > MOST_REMEMBERED:
            self._crowds.popitem(last=False)


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

    def crowd(self, community: str, version: int) -> tuple[Cohort, ...]:
        """Everybody who sees the whole community, at `version` or later."""
        key = (self.name, community)
        cohorts = self.memory.recall(key, version)
        if cohorts is None:
            cohorts = self._read(community)
            self.memory.remember(key, version, cohorts)
        return cohorts

    def _read(self, community: str) -> tuple[Cohort, ...]:
        roles = [role.value for role in FULL_ROLES]
        alike: dict[Standing, tuple[list[str], list[datetime]]] = {}
        for row in self.places.find({"community": community, "role": {"$in": roles}}):
            standing = standing_of(row)
            if not standing.is_active:
                continue
            members, sinces = alike.setdefault(standing._replace(since=LONG_AGO), ([], []))
            members.append(row["member"])
            sinces.append(standing.since)
        return tuple(
            Cohort(standing._replace(since=max(sinces)), tuple(members), tuple(sinces))
            for standing, (members, sinces) in alike.items()
        )
