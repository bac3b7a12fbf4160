"""A webhook: an address of an organisation's system that is told what happens.

It belongs to the organisation, is used by any of its systems, and ends with the one that registered it.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.notifications.domain.deed import Deed
from shared.contracts.calls.call import Caller
from shared.contracts.calls.notifications import webhooks as calls
from shared.contracts.vocabulary import EventType, NotificationKind
from shared.errors import NOWHERE, Conflict, Invalid, NotAllowed, NotFound

EVENTS: dict[NotificationKind, EventType] = {
    NotificationKind.THREAD_OPENED: EventType.THREAD_OPENED,
    NotificationKind.POST_ADDED: EventType.POST_ADDED,
    NotificationKind.ANSWER_ACCEPTED: EventType.ANSWER_ACCEPTED,
    NotificationKind.THREAD_CLOSED: EventType.THREAD_CLOSED,
    NotificationKind.THREAD_REOPENED: EventType.THREAD_REOPENED,
}
"""The deeds that webhooks tell of; all others concern single members."""

OVERLAP = timedelta(days=1)
"""For how long a secret that was replaced still signs."""
MOST = 50
"""Webhooks of one organisation."""

Why = Literal["gone", "failing", "client-ended"]


class Secret(BaseModel):
    """One secret of a webhook, sealed.

    Args:
        until: when it stops signing, None for the present one.
    """

    model_config = ConfigDict(frozen=True)

    sealed: str
    until: datetime | None = None


class Webhook(BaseModel):
    """A webhook as it stands; see `shared.contracts.calls.notifications.webhooks.Webhook`.

    Args:
        client: the system that registered it.
        secrets: the present one first.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    organisation: str
    client: str
    name: str
    url: str
    events: tuple[EventType, ...]
    communities: tuple[str, ...]
    contact: str
    state: calls.WebhookState = "active"
    reason: Why | None = None
    secrets: tuple[Secret, ...]
    registered_at: datetime
    revision: int = 1

    def wants(self, deed: Deed) -> bool:
        """Whether it asks to be told of a deed, done since it was registered."""
        return (
            self.state != "disabled"
            and deed.thread is not None
            and EVENTS.get(deed.kind) in self.events
            and (not self.communities or deed.community in self.communities)
            and deed.at >= self.registered_at
        )

    def signing(self, at: datetime) -> tuple[str, ...]:
        """The sealed secrets that sign what is sent now, the present one first."""
        return tuple(secret.sealed for secret in self.secrets if secret.until is None or at < secret.until)

    def shown(self, failing_since: datetime | None = None, secret: str | None = None) -> calls.Webhook:
        """The webhook for its owner."""
        return calls.Webhook(
            webhook=self.id,
            name=self.name,
            url=self.url,
            events=self.events,
            communities=self.communities,
            contact=self.contact,
            state=self.state,
            reason=self.reason,
            failing_since=failing_since,
            registered_at=self.registered_at,
            revision=self.revision,
            secret=secret,
        )


def check_system(caller: Caller) -> tuple[str, str]:
    """The organisation and the client of a system that acts for its organisation.

    Raises:
        NotAllowed: a member asks, or a system for a member.
    """
    if caller.member is not None or caller.client is None or caller.organisation is None:
        raise NotAllowed(
            "Webhooks belong to an organisation: use a client's access token, without `Commonplace-Member`."
        )
    return caller.organisation, caller.client


def check_known(webhook: Webhook | None, organisation: str) -> Webhook:
    """The webhook, when it is the organisation's.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    if webhook is None or webhook.organisation != organisation:
        raise NotFound("Your organisation has no such webhook.", where="webhook")
    return webhook


def check_room(there: int) -> None:
    """Refuse one more than an organisation may have.

    Raises:
        Conflict: it has as many as it may.
    """
    if there >= MOST:
        raise Conflict(f"An organisation may have {MOST} webhooks; delete one that is not needed.")


def no_such_contact() -> Invalid:
    """The refusal for a contact who isn't there, has left, or is somebody else's member."""
    return Invalid("Name an active member of your organisation.", where="contact", community=NOWHERE)


def register(
    id: str, organisation: str, client: str, new: calls.NewWebhook, sealed: str, at: datetime
) -> Webhook:
    """Make a webhook."""
    return Webhook(
        id=id,
        organisation=organisation,
        client=client,
        name=new.name,
        url=new.url,
        events=_each_once(new.events),
        communities=tuple(sorted(set(new.communities))),
        contact=new.contact,
        secrets=(Secret(sealed=sealed),),
        registered_at=at,
    )


def change(webhook: Webhook, client: str, revision: int, changes: calls.WebhookChanges) -> Webhook:
    """The webhook as its owner wants it from now on.

    Args:
        client: the system that asks; what it sets going ends with it.

    Raises:
        Conflict: `stale-revision`, when it has changed since they read it.
    """
    if webhook.revision != revision:
        raise Conflict(
            "This has changed since you read it; read it again, then make your change.",
            "stale-revision",
            "revision",
        )
    wanted = {name: value for name, value in changes if value is not None}
    if "events" in wanted:
        wanted["events"] = _each_once(wanted["events"])
    if "communities" in wanted:
        wanted["communities"] = tuple(sorted(set(wanted["communities"])))
    if "state" in wanted:
        wanted |= {"reason": None, "client": client}
    changed = webhook.model_copy(update=wanted)
    return webhook if changed == webhook else _next(changed)


def rotate(webhook: Webhook, sealed: str, at: datetime) -> Webhook:
    """Give it a new secret; the one before signs too for a day, and older ones no more."""
    before = Secret(sealed=webhook.secrets[0].sealed, until=at + OVERLAP)
    return _next(webhook.model_copy(update={"secrets": (Secret(sealed=sealed), before)}))


def disable(webhook: Webhook, why: Why) -> Webhook:
    """Stop it; one that is stopped stays as it is."""
    if webhook.state == "disabled":
        return webhook
    return _next(webhook.model_copy(update={"state": "disabled", "reason": why}))


def disabled_deed(webhook: Webhook, community: str, at: datetime) -> Deed:
    """What the contact is told of a webhook that was stopped.

    Args:
        community: one that the contact is in, because that is what an inbox shows.
    """
    thing = f"webhook.{webhook.id}.{webhook.revision}"
    return Deed(
        id=thing,
        thing=thing,
        kind=NotificationKind.WEBHOOK_DISABLED,
        community=community,
        title=f"Your organisation's webhook is disabled: {webhook.name}"[:200],
        link=f"/v1/webhooks/{webhook.id}",
        by=None,
        by_name=None,
        at=at,
        subject=webhook.contact,
    )


def _next(webhook: Webhook) -> Webhook:
    return webhook.model_copy(update={"revision": webhook.revision + 1})


def _each_once(events: tuple[EventType, ...]) -> tuple[EventType, ...]:
    return tuple(event for event in EventType if event in events)
