"""What may go to which organisation's systems: looked up here and nowhere else.

A member reads their inbox as a person. Their organisation's system reads of it, and is told by webhooks,
what its own people did among themselves; what others did crosses to it by a grant, which membership made.
Asked when a delivery is made and again at the moment it is sent, because a member may have left, a
community may have closed, and an agreement may have ended, in between.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from services.notifications.domain.audience import FULL_ROLES, Standing
from services.notifications.domain.deed import Deed
from shared.contracts.grant import WITHHELD_TITLE, Grant
from shared.contracts.vocabulary import ContentKind, CrossingReason, MemberField, NotificationKind

Refused = Literal["nobody-there", "not-agreed", "taken-out"]
FOR_THE_MEMBER_ALONE = frozenset(
    {NotificationKind.CASE_DECIDED, NotificationKind.REPORT_DECIDED, NotificationKind.EXPORT_READY}
)
"""What no system reads, not even that of the member's own organisation: who has reported what, above all."""


class Reach(NamedTuple):
    """How far one organisation's systems see at a moment; `grants` are those to it."""

    receiver: str
    grants: tuple[Grant, ...]
    at: datetime

    def why(self, deed: Deed) -> CrossingReason:
        """Why the news of a deed crosses, or why it does not: both the deed and its thread must be let."""
        if deed.kind in FOR_THE_MEMBER_ALONE:
            return CrossingReason.KIND_NOT_AGREED
        if deed.thread is None and deed.by_name is None and deed.subject is not None:
            return (
                CrossingReason.OWN
            )  # what became of the member's own request or webhook, naming nobody else
        done_by = self._why_done_by(deed)
        if deed.thread is None or done_by not in LETTING:
            return done_by
        titled_by = self._why_titled_by(deed)
        return titled_by if titled_by is not CrossingReason.OWN else done_by

    def knows_thread(self, deed: Deed) -> bool:
        """Whether the thread in which a deed was done may be known of, as far as that deed tells."""
        return self._why_titled_by(deed) in LETTING

    def as_seen(self, deed: Deed, home: str | None) -> Deed:
        """A deed that crosses, without its title, or the name of who did it, when these are withheld.

        Args:
            home: the organisation that who did it is in now; None when in none.
        """
        hidden: dict[str, object] = {} if self._knows_title(deed) else {"title": WITHHELD_TITLE}
        if not self._knows_name(deed, home):
            hidden |= {"by": None, "by_name": None}
        return deed.model_copy(update=hidden) if hidden else deed

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

    def _knows_title(self, deed: Deed) -> bool:
        """Whether a title may be shown: one's own, or one that was told to hold nothing that must not cross."""
        return (
            deed.thread is None or deed.thread_organisation == self.receiver or deed.title_withheld is False
        )

    def _knows_name(self, deed: Deed, home: str | None) -> bool:
        """As of an author in discussion: what both the organisation it was done for and the present one disclose."""
        if deed.organisation is None:
            return False
        return self._discloses_name(deed.organisation, deed.community) and (
            home is None or self._discloses_name(home, deed.community)
        )

    def _discloses_name(self, organisation: str, community: str) -> bool:
        return organisation == self.receiver or any(
            grant.source == organisation
            and community in grant.communities
            and MemberField.NAME in grant.fields
            for grant in self.grants
        )


LETTING = frozenset({CrossingReason.OWN, CrossingReason.IN_FORCE, CrossingReason.READ_ON})


def why_not(deed: Deed, standings: Iterable[Standing], reach: Reach) -> Refused | None:
    """Why an organisation's systems may not be told of a deed; None when they may.

    They may know what one of its members may know of the whole community: somebody who is active there, is
    more than a guest, and was in by the time of the deed. And an agreement must let it cross.

    Args:
        deed: what was done.
        standings: of the organisation's members in the deed's community.
        reach: how far its systems see at this moment.
    """
    for standing in standings:
        if standing.is_active and standing.role in FULL_ROLES and standing.since <= deed.at:
            return None if reach.why(deed) in LETTING else "not-agreed"
    return "nobody-there"
