"""A copy of what membership tells of communities: their titles, and whether they may be known of."""

from collections.abc import Iterable
from typing import NamedTuple

from shared.contracts.membership import CommunityChanged
from shared.contracts.vocabulary import Visibility
from shared.wiring.store import Store, Work

COMMUNITIES = "communities"


class CommunityCopy(NamedTuple):
    """A community as it was last heard of."""

    title: str
    visibility: Visibility
    revision: int


class Communities:
    """The communities this service has heard of."""

    def __init__(self, store: Store) -> None:
        self.collection = store.database[COMMUNITIES]

    @staticmethod
    def copy(fact: CommunityChanged, work: Work) -> None:
        """Let `work` keep what was heard, unless something later is here already."""
        work.copy(
            COMMUNITIES,
            {
                "_id": fact.community,
                "title": fact.title,
                "visibility": fact.visibility.value,
                "revision": fact.revision,
            },
        )

    def get(self, community: str) -> CommunityCopy | None:
        """That community, None when it was not heard of."""
        return self.by_id([community]).get(community)

    def by_id(self, communities: Iterable[str]) -> dict[str, CommunityCopy]:
        """Those of `communities` that have been heard of."""
        found = self.collection.find({"_id": {"$in": sorted(set(communities))}})
        return {
            row["_id"]: CommunityCopy(row["title"], Visibility(row["visibility"]), row["revision"])
            for row in found
        }
