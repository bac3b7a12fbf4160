"""A copy of what membership tells of communities: their titles, and whether they may be known of."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.contracts.membership import CommunityChanged
from shared.contracts.vocabulary import Visibility
from shared.wiring.store import Store, Work

COMMUNITIES = "communities"
MOST_REMEMBERED = 10_000


class CommunityCopy(NamedTuple):
    """A community as it was last heard of."""

    title: str
    visibility: Visibility
    revision: int


class TitleMemory:
    """The titles a process remembers, each with the version of its community's crowd that it was read under."""

    def __init__(self) -> None:
        self._titles: OrderedDict[tuple[str, str], tuple[int, str]] = OrderedDict()

    def recall(self, key: tuple[str, str], version: int | None) -> str | None:
        """The title remembered under that key, unless it is of another version."""
        known, title = self._titles.get(key, (None, ""))
        return title if known is not None and known == version else None

    def remember(self, key: tuple[str, str], version: int, title: str) -> None:
        """Keep this title, and forget the one that was read first when there are too many."""
        self._titles[key] = (version, title)
        if len(self._titles) > MOST_REMEMBERED:
            self._titles.popitem(last=False)


class Communities:
    """The communities this service has heard of."""

    def __init__(self, store: Store, memory: TitleMemory) -> None:
        self.collection = store.database[COMMUNITIES]
        self.name = store.database.name
        self.memory = memory

    @staticmethod
    def copy(fact: CommunityChanged, work: Work) -> None:
        """Let `work` keep what was heard, unless something later is here already.

        Whoever does so turns the version of the community's crowd as well, for those that remember its title.
        """
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

    def titles(self, versions: Mapping[str, int]) -> dict[str, str]:
        """The titles of these communities, at these versions of their crowds or later; of those heard of."""
        titles = {
            community: title
            for community, version in versions.items()
            if (title := self.memory.recall((self.name, community), version)) is not None
        }
        if unknown := versions.keys() - titles.keys():
            for community, known in self.by_id(unknown).items():
                titles[community] = known.title
                self.memory.remember((self.name, community), versions[community], known.title)
        return titles
