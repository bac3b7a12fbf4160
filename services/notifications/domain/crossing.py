"""What may go to which organisation's systems: decided here and nowhere else.

Asked when a delivery is made and again at the moment it is sent, because a member may have left, and a
community may have closed, in between.
"""

from collections.abc import Iterable
from typing import Literal

from services.notifications.domain.audience import FULL_ROLES, Standing
from services.notifications.domain.deed import Deed

Refused = Literal["nobody-there"]


def why_not(deed: Deed, standings: Iterable[Standing]) -> Refused | None:
    """Why an organisation's systems may not be told of a deed; None when they may.

    They may know what one of its members may know of the whole community: somebody who is active there, is
    more than a guest, and was in by the time of the deed.

    Args:
        deed: what was done.
        standings: of the organisation's members in the deed's community.
    """
    for standing in standings:
        if standing.is_active and standing.role in FULL_ROLES and standing.since <= deed.at:
            return None
    return "nobody-there"
