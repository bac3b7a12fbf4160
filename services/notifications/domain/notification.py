"""A notification: one thing in one member's inbox, once, with every reason why.

As a row it is small, because one deed may lead to ten thousand: whose it is, of which community,
whether it is unread, where it stands, and the deed it points to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notifications.domain.audience import strongest_first
from services.notifications.domain.deed import Deed
from services.notifications.domain.inbox import moment_of
from shared.contracts.calls.notifications import Notification
from shared.contracts.notifications import Nudge, Reached
from shared.contracts.vocabulary import NotificationKind, Reason

Row = dict[str, Any]


def rows_for(deed: Deed, members: Sequence[str], reasons: Sequence[Reason], position: int) -> list[Row]:
    """The inbox rows that tell `members` of `deed`, all for the same reasons and at the same position.

    Their ids follow from the thing and the member, so that the same thing is in an inbox once,
    however often and by however many processes it is told.
    """
    thing, deed_id, community = deed.thing, deed.id, deed.community
    words = [reason.value for reason in strongest_first(reasons)]
    return [
        {
            "_id": f"{thing}.{member}",
            "member": member,
            "community": community,
            "unread": True,
            "position": position,
            "deed": deed_id,
            "reasons": words,
        }
        for member in members
    ]


def merged(there: Row, late: Row, kind: NotificationKind) -> Row | None:
    """What becomes of the row that is `there` when the same thing concerns its owner again; None for nothing.

    The reasons come together in the one row. Only a mention by a later edit is news to somebody who
    has read it: the row is unread again, at its new place, and tells of the mention.

    Returns:
        the row as it should be.
    """
    missing = [reason for reason in late["reasons"] if reason not in there["reasons"]]
    if not missing:
        return None
    reasons = [Reason(reason) for reason in (*there["reasons"], *missing)]
    result = {**there, "reasons": [reason.value for reason in strongest_first(reasons)]}
    if kind is NotificationKind.MENTIONED and not there["unread"]:
        result.update(unread=True, position=late["position"], deed=late["deed"])
        result.pop("read_at", None)
    return result


def shown(row: Row, deed: Deed, community_title: str) -> Notification:
    """A row as its owner sees it."""
    return Notification(
        notification=row["_id"],
        community=row["community"],
        community_title=community_title,
        kind=deed.kind,
        title=deed.title,
        by=deed.by_name,
        reasons=tuple(Reason(reason) for reason in row["reasons"]),
        link=deed.link,
        at=moment_of(row["position"]),
        read_at=row.get("read_at"),
    )


def nudge_for(
    deed: Deed,
    community_title: str,
    position: int,
    reached: Mapping[tuple[Reason, ...], Sequence[str]],
) -> Nudge:
    """What the open streams are told of rows just written; `reached` holds the members by their reasons."""
    return Nudge(
        thing=deed.thing,
        community=deed.community,
        community_title=community_title,
        kind=deed.kind,
        title=deed.title,
        by=deed.by_name,
        link=deed.link,
        at=moment_of(position),
        position=position,
        reached=tuple(
            Reached(reasons=reasons, members=tuple(members)) for reasons, members in reached.items()
        ),
    )
