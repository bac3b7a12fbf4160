"""What notifications may be asked about webhooks: an organisation's addresses to which it is told what happens."""

from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.notifications.call import NotificationsCall, NotificationsListing
from shared.contracts.vocabulary import EventType, Id, Line, Moment

WebhookState = Literal["active", "paused", "disabled"]
DeliveryState = Literal["waiting", "delivered", "failed", "dropped"]
DELIVERY = r"^msg_[0-9a-f]{24}_[0-9a-z_-]{1,80}$"

Url = Field(
    min_length=1,
    max_length=2048,
    description="An https address on port 443 that the public internet reaches.",
)
Events = Field(min_length=1, max_length=len(EventType), description="What to be told of.")
Communities = Field(
    (),
    max_length=100,
    description="Only of these communities; when empty, of all in which the organisation has an active member.",
)
Contact = Field(
    description="A member of the organisation, who is told in their inbox when the webhook is disabled."
)


class NewWebhook(Body):
    url: str = Url
    events: tuple[EventType, ...] = Events
    communities: tuple[Id, ...] = Communities
    contact: Id = Contact
    name: Line = Field(description="What it is for, so that its owner knows it again.")


class WebhookChanges(Body):
    """What is left out stays as it is."""

    url: str | None = Field(None, min_length=1, max_length=2048, description="Where to tell it from now on.")
    events: tuple[EventType, ...] | None = Field(
        None, min_length=1, max_length=len(EventType), description="What to be told of from now on."
    )
    communities: tuple[Id, ...] | None = Field(
        None, max_length=100, description="Only of these from now on; an empty list means all again."
    )
    contact: Id | None = Field(None, description="Who is told when it is disabled.")
    name: Line | None = Field(None, description="What it is for.")
    state: Literal["active", "paused"] | None = Field(
        None,
        description="`paused` keeps what happens and sends nothing; `active` goes on, also after `disabled`.",
    )


class Webhook(Answer):
    """An organisation's webhook; `secret` is shown only in the answer that makes it.

    `reason` says why it is disabled; `failing_since` is when the first of its deliveries failed since one
    was last taken.
    """

    webhook: Id
    name: str
    url: str
    events: tuple[EventType, ...]
    communities: tuple[Id, ...]
    contact: Id
    state: WebhookState
    reason: str | None
    failing_since: Moment | None
    registered_at: Moment
    revision: int
    secret: str | None = None


class RegisterWebhook(NotificationsCall):
    """By an organisation's client for itself."""

    audited = True
    answer = Webhook
    new: NewWebhook


class GetWebhook(NotificationsCall):
    answer = Webhook
    webhook: Id


class ListWebhooks(NotificationsListing):
    answer = Page[Webhook]


class ChangeWebhook(NotificationsCall):
    audited = True
    answer = Webhook
    webhook: Id
    revision: int
    changes: WebhookChanges


class RotateWebhookSecret(NotificationsCall):
    """For a day what is sent is signed with the new secret and with the one before."""

    audited = True
    answer = Webhook
    webhook: Id


class DeleteWebhook(NotificationsCall):
    audited = True
    answer = Done
    webhook: Id


class Attempt(Answer):
    """One try: the status that was answered, or why there was none, and how long it took."""

    at: Moment
    status: int | None
    outcome: str
    seconds: float


class WebhookDelivery(Answer):
    """One thing to tell one webhook; its id is the header `webhook-id` of every attempt.

    `next_at` is when it is tried next, while it waits.
    """

    delivery: str
    event: EventType
    community: Id
    thread: Id
    at: Moment
    state: DeliveryState
    reason: str | None
    next_at: Moment | None
    attempts: tuple[Attempt, ...]


class ListWebhookDeliveries(NotificationsListing):
    """The newest first, of the last thirty days."""

    answer = Page[WebhookDelivery]
    webhook: Id
    state: DeliveryState | None = None


class ReplayWebhookDelivery(NotificationsCall):
    """Tell it again, from the start of the schedule, under the same id."""

    audited = True
    answer = WebhookDelivery
    webhook: Id
    delivery: str = Field(pattern=DELIVERY)
