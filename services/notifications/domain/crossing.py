"""Which notifications a partner's system may read for one of its members, and what of them.

A member reads their inbox as a person. Their organisation's system reads of it what its own people did
among themselves; what others did crosses to it by a grant, which is looked up here and nowhere made.
"""

from datetime import datetime
from typing import NamedTuple

from services.notifications.domain.deed import Deed
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import ContentKind, CrossingReason, MemberField, NotificationKind

ABOUT_THEMSELVES = frozenset({NotificationKind.JOIN_APPROVED, NotificationKind.JOIN_DECLINED})
"""News that tells a member what became of their own request, and of nobody else."""


class Reach(NamedTuple):
    """How far one organisation's systems see at a moment; `grants` are those to it."""

    receiver: str
    grants: tuple[Grant, ...]
    at: datetime

    def why(self, deed: Deed) -> CrossingReason:
        """Why the news of a deed crosses, or why it does not: both the deed and its thread must be let."""
        if deed.kind in ABOUT_THEMSELVES:
            return CrossingReason.OWN
        done_by = self._why_done_by(deed)
        if deed.thread is None or done_by not in LETTING:
            return done_by
        titled_by = self._why_titled_by(deed)
        return titled_by if titled_by is not CrossingReason.OWN else done_by

    def as_seen(self, deed: Deed) -> Deed:
        """A deed that crosses, without the name of who did it when that is not disclosed."""
        return deed if self._knows_name(deed) else deed.model_copy(update={"by": None, "by_name": None})

    def _why_done_by(self, deed: Deed) -> CrossingReason:
        if deed.organisation == self.receiver:
            return CrossingReason.OWN
        for grant in self.grants:
            if grant.tells(deed.organisation or "", deed.community, deed.kind, deed.at, self.at):
                return self._by(grant)
        return CrossingReason.NO_AGREEMENT

    def _why_titled_by(self, deed: Deed) -> CrossingReason:
        source = deed.thread_organisation
        if source == self.receiver:
            return CrossingReason.OWN
        for grant in self.grants:
            if grant.lets(source or "", deed.community, ContentKind.TITLES, deed.at, self.at):
                return self._by(grant)
        return CrossingReason.NO_AGREEMENT

    def _by(self, grant: Grant) -> CrossingReason:
        return CrossingReason.READ_ON if self.at >= grant.crosses_until else CrossingReason.IN_FORCE

    def _knows_name(self, deed: Deed) -> bool:
        return deed.organisation == self.receiver or any(
            grant.source == deed.organisation
            and deed.community in grant.communities
            and MemberField.NAME in grant.fields
            for grant in self.grants
        )


LETTING = frozenset({CrossingReason.OWN, CrossingReason.IN_FORCE, CrossingReason.READ_ON})
