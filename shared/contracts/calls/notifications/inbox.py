"""What members ask of their inbox, and of how much they are told; and the stream process of many."""

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.notifications.call import NotificationsCall, NotificationsListing
from shared.contracts.vocabulary import Id, Level, Moment, NotificationKind, Reason


class Notification(Answer):
    """One thing a member should know, with every reason why.

    `by` is who did it, by name; `link` is where to read it, relative to the node's address; `at` is
    when it came into the inbox.
    """

    notification: str
    community: Id
    community_title: str
    kind: NotificationKind
    title: str
    by: str | None
    reasons: tuple[Reason, ...]
    link: str
    at: Moment
    read_at: Moment | None


class GetInbox(NotificationsListing):
    """The caller's notifications, newest first; never of a community they are no longer in."""

    answer = Page[Notification]
    unread: bool = False
    community: Id | None = None


class UnreadOfCommunity(Answer):
    community: Id
    community_title: str
    unread: int


class Unread(Answer):
    """How many the caller has not read; counting stops at 1,000, which then means "1,000 or more"."""

    unread: int
    communities: tuple[UnreadOfCommunity, ...]


class CountUnread(NotificationsCall):
    answer = Unread


class MarkRead(NotificationsCall):
    answer = Notification
    notification: str = Field(pattern=r"^[a-z-]{1,20}\.[0-9a-f]{24}(\.[0-9a-z-]{1,40})?\.[0-9a-f]{24}$")


class MarkAllRead(NotificationsCall):
    """All up to `until` (now when left out), so that what arrives meanwhile stays unread."""

    answer = Unread
    community: Id | None = None
    until: Moment | None = None


class LevelChange(Body):
    level: Level = Field(description="How much of it the member wants to be told from now on.")


class CommunityLevel(Answer):
    community: Id
    community_title: str
    level: Level


class ThreadLevel(Answer):
    thread: Id
    level: Level


class SetCommunityLevel(NotificationsCall):
    answer = CommunityLevel
    community: Id
    change: LevelChange


class SetThreadLevel(NotificationsCall):
    """`all` follows the thread, `nothing` silences it, whatever the community's level is."""

    answer = ThreadLevel
    thread: Id
    change: LevelChange


class ListCommunityLevels(NotificationsListing):
    answer = Page[CommunityLevel]


class ListThreadLevels(NotificationsListing):
    answer = Page[ThreadLevel]


# Between the stream and notifications


POSITION_BITS = 20
"""A position in an inbox: milliseconds since 1970 above these bits, below them bits of the thing's own."""


class StreamPosition(Body):
    """How far one member's stream is: it has, or needs, nothing up to the inbox position `after`."""

    member: Id
    after: int = Field(ge=0, lt=2**63)


class StreamedNotification(Answer):
    """A notification with the member whose it is and its position in their inbox."""

    member: Id
    position: int
    notification: Notification


class CatchUpAnswer(Answer):
    """What is in these inboxes after the positions asked about, oldest first.

    With `more`, everything up to `until` is here and later things are not: ask again from there.
    Without, everything written before the question is here, and `until` is the position of that moment.
    """

    items: tuple[StreamedNotification, ...]
    until: int
    more: bool


class CatchUp(NotificationsCall):
    """What has come into these members' inboxes? By the stream process, for the streams it holds open."""

    answer = CatchUpAnswer
    positions: tuple[StreamPosition, ...] = Field(max_length=500)
