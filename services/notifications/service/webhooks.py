"""What an organisation's systems ask about their webhooks, and what ends these."""

import base64
import secrets
import threading
from datetime import datetime
from functools import lru_cache

from services.notifications.domain import delivery as deliveries
from services.notifications.domain import webhook as domain
from services.notifications.domain.webhook import Webhook, check_known, check_system
from services.notifications.repositories.deliveries import Deliveries
from services.notifications.repositories.webhooks import Webhooks
from services.notifications.service.courier import Courier, stop
from services.notifications.service.parts import Parts
from services.notifications.service.posting import something_due
from services.notifications.service.sending import Sender
from services.notifications.settings import NotificationsSettings
from shared.contracts.calls.call import Call, Done, Page
from shared.contracts.calls.notifications import webhooks as calls
from shared.contracts.envelope import Envelope
from shared.contracts.membership import ClientEnded
from shared.contracts.paging import read_cursor, write_cursor
from shared.contracts.vocabulary import Visibility
from shared.errors import Invalid, NotAllowed, NotFound, Unavailable
from shared.wiring.outbound import Outbound, OutboundError
from shared.wiring.rpc import rpc
from shared.wiring.sealing import Seal
from shared.wiring.standing import standing
from shared.wiring.store import Work, new_id, now
from shared.wiring.subscribe import subscribe

SECRET_BYTES = 32
CHECK_SECONDS = 1.0
"""Less than the gateway waits for an answer."""


@lru_cache(maxsize=1)
def road_out() -> Sender:
    """What this process sends by."""
    settings = NotificationsSettings()
    return Sender(Outbound(settings.outbound_allowed, settings.outbound_authorities), Seal(settings.keys))


class WebhookHandlers(Parts):
    """Secrets are shown in the answer that makes them; a repetition is answered without."""

    @property
    def sender(self) -> Sender:
        return road_out()

    @rpc
    def register_webhook(self, call: calls.RegisterWebhook) -> calls.Webhook:
        organisation, client = check_system(call.caller)
        self._check_told(organisation, call.new.url, call.new.contact, call.new.communities)
        domain.check_room(self.repositories.webhooks.count(organisation))
        id, secret = new_id(), make_secret()
        sealed = self.sender.seal.seal(secret, id)
        webhook = domain.register(id, organisation, client, call.new, sealed, now())
        work = Work()
        Webhooks.add(work, webhook)
        self.store.commit(work, call, webhook.shown())
        return webhook.shown(secret=secret)

    @rpc
    def get_webhook(self, call: calls.GetWebhook) -> calls.Webhook:
        return self._as_it_is(self._own(call, call.webhook))

    @rpc
    def list_webhooks(self, call: calls.ListWebhooks) -> Page[calls.Webhook]:
        organisation, _ = check_system(call.caller)
        position = read_cursor(call)
        found = self.repositories.webhooks.page(
            organisation, str(position[0]) if position else "", call.limit + 1
        )
        page = found[: call.limit]
        receivers = self.repositories.webhooks.receivers_of(one.id for one in page)
        items = tuple(
            one.shown(receivers[one.id].failing_since if one.id in receivers else None) for one in page
        )
        more = write_cursor(call, [page[-1].id]) if len(found) > call.limit else None
        return Page[calls.Webhook](items=items, next=more)

    @rpc
    def change_webhook(self, call: calls.ChangeWebhook) -> calls.Webhook:
        organisation, client = check_system(call.caller)
        was = self._own(call, call.webhook)
        changes = call.changes
        self._check_told(organisation, changes.url, changes.contact, changes.communities or ())
        webhook = domain.change(was, client, call.revision, changes)
        work = Work()
        if webhook != was:
            Webhooks.put(work, was, webhook)
        if was.state == "disabled" and webhook.state == "active":
            work.afterwards(lambda: self.repositories.webhooks.observe_taken(webhook.id))
        work.afterwards(something_due.set)
        return self.store.commit(work, call, webhook.shown())

    @rpc
    def rotate_webhook_secret(self, call: calls.RotateWebhookSecret) -> calls.Webhook:
        was = self._own(call, call.webhook)
        secret = make_secret()
        webhook = domain.rotate(was, self.sender.seal.seal(secret, was.id), now())
        work = Work()
        Webhooks.put(work, was, webhook)
        self.store.commit(work, call, webhook.shown())
        return webhook.shown(secret=secret)

    @rpc
    def delete_webhook(self, call: calls.DeleteWebhook) -> Done:
        webhook = self._own(call, call.webhook)
        work = Work()
        Webhooks.remove(work, webhook.id)
        Deliveries.remove(work, webhook.id)
        return self.store.commit(work, call, Done())

    @rpc
    def list_webhook_deliveries(self, call: calls.ListWebhookDeliveries) -> Page[calls.WebhookDelivery]:
        webhook = self._own(call, call.webhook)
        found = self.repositories.deliveries.page(webhook.id, call.state, _before(call), call.limit + 1)
        page = found[: call.limit]
        more = None
        if len(found) > call.limit:
            more = write_cursor(call, [page[-1].at.isoformat(), page[-1].id])
        return Page[calls.WebhookDelivery](items=tuple(one.shown() for one in page), next=more)

    @rpc
    def replay_webhook_delivery(self, call: calls.ReplayWebhookDelivery) -> calls.WebhookDelivery:
        webhook = self._own(call, call.webhook)
        was = self.repositories.deliveries.get(webhook.id, call.delivery)
        if was is None:
            raise NotFound("This webhook has no such delivery.", where="delivery")
        again = deliveries.again(was, now())
        work = Work()
        Deliveries.put_with(work, was, again)
        work.afterwards(something_due.set)
        return self.store.commit(work, call, again.shown())

    @subscribe(ClientEnded)
    def hear_client_ended(self, heard: list[Envelope[ClientEnded]], work: Work) -> None:
        for fact in (envelope.data for envelope in heard):
            Webhooks.end_client(work, fact.client, fact.at)
            for webhook in self.repositories.webhooks.of_client(fact.client):
                stop(self.store, self.repositories, self.teller, webhook, "client-ended")

    @standing
    def carry_deliveries(self, stopping: threading.Event) -> None:
        Courier(self.store, self.repositories, self.teller, self.sender).run(stopping)

    def _own(self, call: Call, webhook: str) -> Webhook:
        organisation, _ = check_system(call.caller)
        return check_known(self.repositories.webhooks.get(webhook), organisation)

    def _as_it_is(self, webhook: Webhook) -> calls.Webhook:
        return webhook.shown(self.repositories.webhooks.receiver(webhook.id).failing_since)

    def _check_told(
        self, organisation: str, url: str | None, contact: str | None, communities: tuple[str, ...]
    ) -> None:
        """Refuse what a webhook may not be.

        Raises:
            Invalid: `webhook-target-forbidden`; or the contact is nobody of the organisation's.
            NotFound, NotAllowed: nobody of the organisation is in one of the communities.
            Unavailable: the host's name is not resolved in time.
        """
        if contact is not None and not self.repositories.places.is_active_member(contact, organisation):
            raise domain.no_such_contact()
        here = self.repositories.places.of_organisation(organisation, communities)
        for community in communities:
            if any(standing.is_active for standing in here.get(community, ())):
                continue
            known = self.repositories.communities.get(community)
            if known is not None and known.visibility is not Visibility.CLOSED:
                raise NotAllowed(
                    "Nobody of your organisation is a member of this community.", where="communities"
                )
            raise NotFound("There is no such community.", where="communities")
        if url is not None:
            try:
                self.sender.outbound.check(url, seconds=CHECK_SECONDS)
            except OutboundError as error:
                if error.reason == "timeout":
                    raise Unavailable(
                        "The host's name was not resolved in time; try again.", where="url", retry_after="5"
                    ) from error
                raise Invalid(error.sentence, "webhook-target-forbidden", "url") from error


def make_secret() -> str:
    """A new secret in the form of Standard Webhooks."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _before(call: calls.ListWebhookDeliveries) -> tuple[datetime, str] | None:
    position = read_cursor(call)
    if position is None:
        return None
    try:
        at, id = (str(value) for value in position)
        return datetime.fromisoformat(at), id
    except ValueError:
        raise Invalid(
            "This cursor is damaged; start again without `after`.", "cursor-invalid", "after"
        ) from None
