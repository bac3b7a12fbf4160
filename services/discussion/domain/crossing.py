"""What a partner's system may see of what other organisations have said.

A person reads as a member of their communities. An organisation's system, for itself or acting for one
of its members, reads what its own people wrote; everything else crosses to it, and only by a grant.
Membership decides what is granted; here a grant is looked up, and times are compared.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from shared.contracts.grant import Grant
from shared.contracts.vocabulary import ContentKind, CrossingReason, MemberField

EVERY_FIELD = frozenset(MemberField)
LETTING = frozenset({CrossingReason.OWN, CrossingReason.IN_FORCE, CrossingReason.READ_ON})


class Decision(NamedTuple):
    """Whether something crosses, why, and by which grant; None when by none."""

    reason: CrossingReason
    grant: Grant | None = None

    @property
    def lets(self) -> bool:
        """Whether it crosses, or needs not to."""
        return self.reason in LETTING


class Known(NamedTuple):
    """An agreement as last told, as far as it concerns a receiver: the parties, and what it grants."""

    parties: tuple[str, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True)
class Reach:
    """How far one organisation's systems see at a moment; a page of posts asks it many times.

    Args:
        receiver: whose they are.
        agreements: all of its agreements that were heard of.
    """

    receiver: str
    agreements: tuple[Known, ...]
    at: datetime

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """The grants to it that let anything be read now, the longest first."""
        good = (
            grant
            for agreement in self.agreements
            for grant in agreement.grants
            if grant.receiver == self.receiver and grant.is_read_at(self.at)
        )
        return tuple(sorted(good, key=lambda grant: grant.crosses_until, reverse=True))

    def decide(self, source: str | None, community: str, kind: ContentKind, written_at: datetime) -> Decision:
        """Whether this may be seen.

        Args:
            source: whose it is: the author's organisation when they wrote it; None when nobody knows.
            written_at: when it was written last.
        """
        if source == self.receiver:
            return Decision(CrossingReason.OWN)
        giving = [grant for grant in self.grants if grant.source == source]
        for grant in giving:
            if grant.lets(grant.source, community, kind, written_at, self.at):
                over = self.at >= grant.crosses_until
                return Decision(CrossingReason.READ_ON if over else CrossingReason.IN_FORCE, grant)
        return Decision(self._why_not(source, community, kind, giving))

    def _why_not(
        self, source: str | None, community: str, kind: ContentKind, giving: list[Grant]
    ) -> CrossingReason:
        if not any(source in agreement.parties for agreement in self.agreements):
            return CrossingReason.NO_AGREEMENT
        if not giving:
            return CrossingReason.NOT_IN_FORCE
        here = [grant for grant in giving if community in grant.communities]
        if not here:
            return CrossingReason.COMMUNITY_NOT_AGREED
        if not any(grant.holds(kind) for grant in here):
            return CrossingReason.KIND_NOT_AGREED
        return CrossingReason.WRITTEN_TOO_LATE

    def disclosed(self, organisation: str | None, community: str) -> Set[MemberField]:
        """What of this organisation's members may be known here; all of one's own and of those who have left."""
        if organisation in (None, self.receiver):
            return EVERY_FIELD
        return frozenset(
            field
            for grant in self.grants
            if grant.source == organisation and community in grant.communities
            for field in grant.fields
        )

    def disclosed_of_author(
        self, source: str | None, present: str | None, community: str
    ) -> Set[MemberField]:
        """What of an author may be known: what both the organisation they wrote in and their present one let."""
        if source is None:
            return frozenset()
        return self.disclosed(source, community) & self.disclosed(present, community)
