"""What the notifications service tells: that inboxes have something new."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import Id, Line, Moment, NotificationKind, Reason

NUDGES = "notifications.nudges"
"""The topic exchange through which nudges go."""


class Reached(BaseModel):
    """Members whom the same thing reached for the same reasons; strongest reason first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reasons: tuple[Reason, ...]
    members: tuple[str, ...]


class Nudge(Contract):
    """One new thing in many inboxes, for the streams that their owners have open at this moment.

    One message for up to thousands of members, because a message each would cost more than their
    inbox rows; a stream process keeps what concerns the members it holds open. A notification's id
    is `<thing>.<member>`, `at` is when it came into the inboxes and `position` where it stands in them.

    Not kept and not confirmed: a stream that misses one finds the notification in the inbox.
    """

    speaker: ClassVar[str] = "notifications"
    word: ClassVar[str] = "nudge"

    thing: str
    community: Id
    community_title: str
    kind: NotificationKind
    title: Line
    by: str | None
    link: str
    at: Moment
    position: int
    reached: tuple[Reached, ...]


class WebhookActed(Contract):
    """Something was done to an organisation's webhooks; the audit log keeps it.

    `act` is the call's name, `concerns` the ids it named or made, by field.
    """

    speaker: ClassVar[str] = "notifications"
    word: ClassVar[str] = "webhook-acted"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    id: Id
    act: Line
    at: Moment
    member: Id | None = None
    client: Id | None = None
    operator: bool = False
    organisations: tuple[Id, ...] = ()
    concerns: dict[Line, Id] = Field(default_factory=dict)
    upon: tuple[Id, ...] = ()
    parties: tuple[Id, ...] = ()


class NoticesErased(Contract):
    """The receipt for an erasure: how many documents of each collection here named the member, or were theirs."""

    speaker: ClassVar[str] = "notifications"
    word: ClassVar[str] = "notices-erased"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    erasure: Id
    member: Id
    erased: dict[Line, int]
    at: Moment


class NoticesGathered(Contract):
    """What is kept here of a member who asked for a copy lies ready, in so many parts."""

    speaker: ClassVar[str] = "notifications"
    word: ClassVar[str] = "notices-gathered"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    export: Id
    parts: int
    at: Moment
