"""Whom a deed concerns: the rules of `domain.audience`, asked of everybody they may reach."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.notifications.domain.audience import concerns_everybody, named, reasons_for, reasons_for_crowd
from services.notifications.domain.deed import Deed, naming
from services.notifications.domain.tie import Tie
from services.notifications.repositories import Repositories
from services.notifications.repositories.places import OUT, Key
from shared.contracts.vocabulary import Reason


class Telling(NamedTuple):
    """A deed to tell: to everybody concerned, or to those of `only` who are."""

    deed: Deed
    only: frozenset[str] | None = None


@dataclass
class Told:
    """Members who are told of a deed for the same reasons.

    Args:
        deed, reasons, members: what, why and who.
        news: those of the members to whom it was new, once their rows are written.
        position: where their rows stand in the inboxes, once they are written.
        home: the organisation of the deed's doer.
        organisations: of members of the community, by member.
    """

    deed: Deed
    reasons: tuple[Reason, ...]
    members: list[str]
    home: str | None
    organisations: Mapping[str, str | None]
    news: Sequence[str] = ()
    position: int = 0

    @property
    def across(self) -> int:
        """How many of those to whom it was new are of another organisation than the doer."""
        home, organisations = self.home, self.organisations
        return sum(1 for member in self.news if organisations.get(member) != home)


class Audience:
    """Finds whom deeds concern, many deeds with few queries.

    Args:
        repositories: of the notifications service.
    """

    def __init__(self, repositories: Repositories) -> None:
        self.repositories = repositories

    def of(self, tellings: Sequence[Telling], versions: dict[str, int]) -> Iterator[Told]:
        """Everybody concerned, grouped; `versions` are those of the communities' crowds.

        Nobody is told twice of one deed here.
        """
        by_handle = self.repositories.places.by_handle(
            handle for telling in tellings for handle in telling.deed.unknown_handles
        )
        tellings = [telling._replace(deed=naming(telling.deed, by_handle)) for telling in tellings]
        ties = self.repositories.ties.of_threads(
            telling.deed.thread for telling in tellings if telling.deed.thread
        )
        bound = [_bound(telling, ties) for telling in tellings]
        keys: set[Key] = set()
        for (deed, _), members in zip(tellings, bound, strict=True):
            keys.update((deed.community, member) for member in members)
            if deed.by:
                keys.add((deed.community, deed.by))
        standings = self.repositories.places.standings(keys)
        for telling, members in zip(tellings, bound, strict=True):
            deed = telling.deed
            home = standings.get((deed.community, deed.by or ""), OUT).organisation
            tied = ties.get(deed.thread or "", {})
            organisations = {}
            singly: dict[tuple[Reason, ...], list[str]] = defaultdict(list)
            for member in members:
                standing = standings.get((deed.community, member), OUT)
                organisations[member] = standing.organisation
                if reasons := reasons_for(deed, member, standing, tied.get(member)):
                    singly[reasons].append(member)
            for reasons, alike in singly.items():
                yield Told(deed, reasons, alike, home, organisations)
            if telling.only is None and concerns_everybody(deed):
                crowd = self.repositories.crowds.crowd(deed.community, versions.get(deed.community, 0))
                apart = members.union(deed.parties, () if deed.by is None else (deed.by,))
                for reasons, alike in reasons_for_crowd(deed, crowd, apart):
                    yield Told(deed, reasons, alike, home, crowd.organisations)


def _bound(telling: Telling, ties: dict[str, dict[str, Tie]]) -> frozenset[str]:
    """Those whom a telling names or restricts itself to, or who are tied to its thread."""
    if telling.only is not None:
        return telling.only
    return named(telling.deed) | ties.get(telling.deed.thread or "", {}).keys()
