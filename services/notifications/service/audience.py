"""Whom a deed concerns: the rules of `domain.audience`, asked of everybody they may reach."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.notifications.domain.audience import concerns_everybody, judge_of_all, named, reasons_for
from services.notifications.domain.deed import Deed
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
    """Members who are told of a deed for the same reasons; `across` when not of its doer's organisation."""

    deed: Deed
    reasons: tuple[Reason, ...]
    across: bool
    members: list[str] = field(default_factory=list)
    position: int = 0


class _Groups:
    """The audience of one deed, grouped."""

    def __init__(self, deed: Deed, home: str | None) -> None:
        self.deed = deed
        self.home = home
        self._groups: dict[tuple[tuple[Reason, ...], bool], Told] = {}

    def add(
        self,
        reasons: tuple[Reason, ...],
        organisation: str | None,
        members: Sequence[str],
    ) -> None:
        """Add members of one organisation; without a reason, or without members, nothing happens."""
        if not reasons or not members:
            return
        across = organisation != self.home
        group = self._groups.setdefault((reasons, across), Told(self.deed, reasons, across))
        group.members.extend(members)

    def all(self) -> Iterator[Told]:
        yield from self._groups.values()


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
            groups = _Groups(deed, home)
            tied = ties.get(deed.thread or "", {})
            for member in members:
                standing = standings.get((deed.community, member), OUT)
                reasons = reasons_for(deed, member, standing, tied.get(member))
                groups.add(reasons, standing.organisation, [member])
            if telling.only is None and concerns_everybody(deed):
                judge = judge_of_all(deed)
                judged_already = members | {deed.by}
                for cohort in self.repositories.crowds.crowd(deed.community, versions.get(deed.community, 0)):
                    if reasons := judge(cohort.standing):
                        there = cohort.members_at(deed.at)
                        others = [member for member in there if member not in judged_already]
                        groups.add(reasons, cohort.standing.organisation, others)
            yield from groups.all()


def _bound(telling: Telling, ties: dict[str, dict[str, Tie]]) -> frozenset[str]:
    """Those whom a telling names or restricts itself to, or who are tied to its thread."""
    if telling.only is not None:
        return telling.only
    return named(telling.deed) | ties.get(telling.deed.thread or "", {}).keys()
