"""A delivery: one deed to be told to one webhook, once, however many attempts that takes.

Source: Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks (the schedule, what an
answer means, that the id stays the same).
"""

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from services.notifications.domain.deed import Deed
from services.notifications.domain.webhook import EVENTS, Webhook
from shared.contracts.calls.notifications import webhooks as calls
from shared.contracts.vocabulary import EventType

SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after the attempt before each attempt is made, with up to a fifth more by chance."""
JITTER = 0.2
LONGEST_HOLD = timedelta(days=1)
"""The most that a receiver's `Retry-After` counts for."""
GIVEN_UP = timedelta(days=3)
"""A webhook that has taken nothing for so long is disabled."""

SETTLING = timedelta(seconds=1)
"""How long after a deed its first attempt is made at the earliest: facts come in any order, and the deed before
it in its thread may be on its way through another process."""
HELD = timedelta(minutes=5)
"""How long a first attempt waits for what was told of its thread before, and has not been heard; by then that is
a dead letter, and nothing else waits for it either."""
HELD_WITHIN = timedelta(days=1)
"""What is made later after its deed is held for nothing: a replay, or told to somebody who came later."""
LOOKED_BACK = 50
"""Numbers before a delivery's own that must have been heard."""

Dropped = Literal["nobody-there", "not-agreed", "taken-out", "webhook-disabled"]


class Attempt(BaseModel):
    """One try; `outcome` is `delivered`, or in a word why not."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    status: int | None
    outcome: str
    seconds: float


class Delivery(BaseModel):
    """A delivery as it stands.

    Args:
        id: follows from webhook and deed, so that making it twice makes one.
        thread: whose deliveries to this webhook go one after the other, in the order of the deeds.
        at: when it was done.
        number: the deed's, by which the deliveries of its thread are ordered, and then by `at`.
        due: when it is tried next, while it waits.
        tries: how many of the schedule's attempts were made.
        log: the attempts, of a replay too, at most twenty.
        ended_at: when it stopped waiting.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    webhook: str
    organisation: str
    deed: str
    event: EventType
    community: str
    thread: str
    at: datetime
    number: int | None = None
    state: calls.DeliveryState = "waiting"
    reason: str | None = None
    due: datetime
    tries: int = 0
    log: tuple[Attempt, ...] = ()
    ended_at: datetime | None = None

    def shown(self) -> calls.WebhookDelivery:
        """The delivery for the webhook's owner."""
        return calls.WebhookDelivery(
            delivery=self.id,
            event=self.event,
            community=self.community,
            thread=self.thread,
            at=self.at,
            state=self.state,
            reason=self.reason,
            next_at=self.due if self.state == "waiting" else None,
            attempts=tuple(calls.Attempt(**attempt.model_dump()) for attempt in self.log),
        )


class Reply(NamedTuple):
    """What came of an attempt: a status with what it asks to wait, or in a word why there was none."""

    status: int | None
    failure: str = ""
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Only 2xx is."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants nothing any more."""
        return self.status == 410

    @property
    def hold(self) -> timedelta | None:
        """How long the receiver asks to be left alone."""
        if self.status in (429, 503) and self.retry_after is not None:
            return min(max(self.retry_after, timedelta(0)), LONGEST_HOLD)
        return None

    @property
    def outcome(self) -> str:
        """In a word, from a short list."""
        if self.status is None:
            return self.failure
        if self.is_taken:
            return "delivered"
        return {2: "delivered", 3: "redirect", 4: "refused", 5: "error"}.get(self.status // 100, "malformed")


def deliver(webhook: Webhook, deed: Deed, at: datetime) -> Delivery:
    """The delivery of a deed that the webhook wants."""
    return Delivery(
        id=f"msg_{webhook.id}_{deed.id.replace('.', '_')}",
        webhook=webhook.id,
        organisation=webhook.organisation,
        deed=deed.id,
        event=EVENTS[deed.kind],
        community=deed.community,
        thread=deed.thread or "",
        at=deed.at,
        number=deed.number,
        due=max(at, deed.at + SETTLING),
    )


def awaited(delivery: Delivery) -> range:
    """The numbers of its thread that must have been heard before it is told for the first time."""
    if delivery.number is None or delivery.tries or delivery.due - delivery.at >= HELD_WITHIN:
        return range(0)
    return range(max(1, delivery.number - LOOKED_BACK), delivery.number)


def has_waited(delivery: Delivery, at: datetime) -> bool:
    """Whether it goes now without what was not heard."""
    return at >= delivery.due + HELD


def message(delivery: Delivery, deed: Deed, community_title: str) -> dict[str, Any]:
    """What is sent: a CloudEvent with ids, titles and a link, and never a text or a name.

    `timestamp` repeats `time` for readers of Standard Webhooks, who look for it there.
    """
    moment = deed.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    kind, _, first = deed.link.removeprefix("/v1/").partition("/")
    return {
        "specversion": "1.0",
        "id": delivery.id,
        "source": "/v1/webhooks",
        "type": delivery.event.value,
        "subject": delivery.thread,
        "time": moment,
        "timestamp": moment,
        "datacontenttype": "application/json",
        "data": {
            "community": deed.community,
            "community_title": community_title,
            "thread": delivery.thread,
            "post": first if kind == "posts" else None,
            "title": deed.title,
            "link": deed.link,
        },
    }


def settle(delivery: Delivery, reply: Reply, began: datetime, seconds: float, chance: float) -> Delivery:
    """The delivery after an attempt.

    Args:
        reply: what came of it.
        began: when it was made.
        seconds: how long it took.
        chance: between 0 and 1, by which the next attempt is later than the schedule says.
    """
    attempt = Attempt(at=began, status=reply.status, outcome=reply.outcome, seconds=round(seconds, 3))
    tries = delivery.tries + 1
    log = (*delivery.log, attempt)[-20:]
    ended_at = began + timedelta(seconds=seconds)
    changes: dict[str, Any] = {"tries": tries, "log": log}
    if reply.is_taken:
        changes |= {"state": "delivered", "reason": None, "ended_at": ended_at}
    elif reply.is_gone or tries >= len(SCHEDULE):
        changes |= {"state": "failed", "reason": reply.outcome, "ended_at": ended_at}
    else:
        wait = SCHEDULE[tries] * (1 + JITTER * chance)
        changes |= {"due": ended_at + max(wait, reply.hold or timedelta(0)), "reason": reply.outcome}
    return delivery.model_copy(update=changes)


def drop(delivery: Delivery, why: Dropped, at: datetime) -> Delivery:
    """A delivery that is not to be sent any more."""
    return delivery.model_copy(update={"state": "dropped", "reason": why, "ended_at": at})


def again(delivery: Delivery, at: datetime) -> Delivery:
    """A delivery as its owner wants it sent again; one that waits is sent now."""
    return delivery.model_copy(
        update={"state": "waiting", "reason": None, "due": at, "tries": 0, "ended_at": None}
    )
