"""What the notifications service tells: that a member's inbox has something new."""

from typing import ClassVar

from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import Id, Line, Moment, NotificationKind, Reason


class Nudge(Contract):
    """One new notification, for the streams that the member has open at this moment.

    Not kept and not confirmed: a stream that misses one finds the notification in the inbox.
    """

    speaker: ClassVar[str] = "notifications"
    word: ClassVar[str] = "nudge"

    notification: str
    member: Id
    community: Id
    kind: NotificationKind
    title: Line
    by: str | None
    reasons: tuple[Reason, ...]
    link: str
    at: Moment
