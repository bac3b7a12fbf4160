"""The inbox: what a member should know, once, with the reasons why."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import NotificationPath, PageQuery
from shared.contracts.calls.call import Body
from shared.contracts.calls.notifications import CountUnread, GetInbox, MarkAllRead, MarkRead
from shared.contracts.vocabulary import Id, Moment

inbox = Resource("inbox", "What a member should know.")


class InboxQuery(PageQuery):
    unread: bool = Field(False, description="Only what is not read yet.")
    community: Id | None = Field(None, description="Only of this community; of all when left out.")


class ReadUpTo(Body):
    """What to mark as read: everything, or what came up to a moment, or of one community."""

    community: Id | None = Field(None, description="Only of this community; of all when left out.")
    until: Moment | None = Field(
        None,
        description="What came up to then; now when left out, so that what arrives meanwhile stays unread.",
    )


@inbox.reads("/inbox", GetInbox, scope="inbox:read")
def get_inbox(asked: Asked, query: InboxQuery) -> GetInbox:
    """Read one's inbox, newest first."""
    return GetInbox(
        caller=asked.caller,
        unread=query.unread,
        community=query.community,
        after=query.after,
        limit=query.limit,
    )


@inbox.reads("/inbox/unread", CountUnread, scope="inbox:read")
def count_unread(asked: Asked) -> CountUnread:
    """Count what is unread, in all and by community."""
    return CountUnread(caller=asked.caller)


@inbox.changes("PUT", "/inbox/<notification>/read", MarkRead, scope="inbox:write")
def mark_read(asked: Asked, path: NotificationPath) -> MarkRead:
    """Mark one notification as read."""
    return MarkRead(caller=asked.caller, once=asked.once, notification=path.notification)


@inbox.changes(
    "PUT", "/inbox/read", MarkAllRead, scope="inbox:write", example={"until": "2026-11-23T09:00:00Z"}
)
def mark_all_read(asked: Asked, body: ReadUpTo) -> MarkAllRead:
    """Mark everything as read, up to a moment."""
    return MarkAllRead(caller=asked.caller, once=asked.once, community=body.community, until=body.until)
