"""From deliveries to receivers: claims, sends, writes down what came of it.

Every process of the service has a courier. A webhook's deliveries are carried by one of them at a
time, which has the webhook's lease; so those of one thread go one after the other. Who dies with the
lease is followed when it runs out, and sends again what was not written down: at least once, under the
same id.

No receiver delays another: each has a thread of its own (a green one), at most `WIDTH` calls at a
time, and one only while it fails.
"""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog

from services.notifications.domain.crossing import why_not
from services.notifications.domain.deed import post_of
from services.notifications.domain.delivery import GIVEN_UP, Delivery, Reply, drop, settle
from services.notifications.domain.webhook import Webhook, Why, disable, disabled_deed
from services.notifications.repositories import Repositories
from services.notifications.service.crossings import count_crossing
from services.notifications.service.order import Order
from services.notifications.service.posting import something_due
from services.notifications.service.sending import Sender
from services.notifications.service.telling import Teller
from shared.wiring import metrics
from shared.wiring.lease import Lease
from shared.wiring.store import Store, Work, now
from shared.wiring.work import Stale

log = structlog.get_logger()

LOOK_EVERY = 0.5
MEASURE_EVERY = 5.0
TOGETHER = 100
"""Deliveries of one webhook that are carried together."""
LOOKED_AT = 10 * TOGETHER
"""Threads in which something is due that are looked at: some may wait for what was done before."""
WIDTH = 4
MOST_AT_ONCE = 128
"""Calls of one process at a time."""


class Courier:
    """One process's courier.

    Args:
        store: of the notifications service.
        repositories: the same, by noun.
        teller: for telling a contact.
        sender: makes the calls.
        clock: the moment.
    """

    def __init__(
        self,
        store: Store,
        repositories: Repositories,
        teller: Teller,
        sender: Sender,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.store = store
        self.repositories = repositories
        self.teller = teller
        self.sender = sender
        self.clock = clock
        self.order = Order(repositories.numbers)
        self._in_hand: dict[str, threading.Thread] = {}
        self._at_once = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._measured = 0.0

    def run(self, stopping: threading.Event) -> None:
        """Carry until `stopping` is set, and then finish what is in hand."""
        try:
            while not stopping.is_set():
                something_due.clear()
                self.begin_rounds(stopping)
                something_due.wait(LOOK_EVERY)
        finally:
            for thread in list(self._in_hand.values()):
                thread.join()

    def begin_rounds(self, stopping: threading.Event) -> None:
        """Begin a round for every webhook that has something due and none in hand."""
        if time.monotonic() - self._measured > MEASURE_EVERY:
            self._measured = time.monotonic()
            metrics.WEBHOOKS_WAITING.set(self.repositories.deliveries.waiting())
        for webhook in self.repositories.deliveries.webhooks_with_due(self.clock()):
            if webhook not in self._in_hand:
                thread = threading.Thread(target=self._round, args=(webhook, stopping), daemon=True)
                self._in_hand[webhook] = thread
                thread.start()

    def _round(self, id: str, stopping: threading.Event) -> None:
        lease = self.repositories.deliveries.carrying(id)
        try:
            with ThreadPoolExecutor(WIDTH) as hands:
                while not stopping.is_set() and lease.have() and self._carry_some(id, lease, hands, stopping):
                    pass
            lease.let_go()
        except Exception as error:  # noqa: BLE001 - the database is away, or one webhook is in trouble; others go on
            log.error("courier.failed", webhook=id, error=repr(error)[:500])
        finally:
            self._in_hand.pop(id, None)

    def _carry_some(
        self, id: str, lease: Lease, hands: ThreadPoolExecutor, stopping: threading.Event
    ) -> bool:
        """Carry what is due now; returns whether there may be more."""
        webhook = self.repositories.webhooks.get(id)
        if webhook is None or webhook.state != "active":
            return False
        if self.repositories.webhooks.has_ended(webhook.client):
            self._stop(webhook, "client-ended")
            return False
        receiver = self.repositories.webhooks.receiver(id)
        if receiver.held_until is not None and receiver.held_until > self.clock():
            return False
        waiting = self.repositories.deliveries.next_of(id, self.clock(), LOOKED_AT)
        due = self.order.let(waiting, self.clock())[:TOGETHER]
        if receiver.failing_since is not None:
            return bool(due) and self._carry(webhook, due[0], lease, was_failing=True)

        def carry(delivery: Delivery) -> bool:
            return not stopping.is_set() and self._carry(webhook, delivery, lease, was_failing=False)

        carried = list(hands.map(carry, due))
        return bool(due) and all(carried)

    def _carry(self, webhook: Webhook, delivery: Delivery, lease: Lease, *, was_failing: bool) -> bool:
        """Carry one; returns whether the webhook may be told more at once."""
        deed = self.repositories.deeds.by_id([delivery.deed]).get(delivery.deed)
        places = self.repositories.places.of_organisation(webhook.organisation, [delivery.community])
        reach = self.repositories.grants.reach(webhook.organisation, self.clock())
        reason = why_not(deed, places.get(delivery.community, ()), reach) if deed else "nobody-there"
        if deed and (post := post_of(deed)) and self.repositories.hidden.among([post]):
            reason = "taken-out"
        if deed and reason not in ("nobody-there", "taken-out") and not delivery.tries:
            count_crossing(deed, reach)
        if deed is None or reason is not None:
            self.repositories.deliveries.put(delivery, drop(delivery, reason or "nobody-there", self.clock()))
            metrics.WEBHOOK_ATTEMPTS.labels("dropped").inc()
            return True
        community = self.repositories.communities.get(delivery.community)
        with self._at_once:
            if not lease.have():
                return False
            began, counted = self.clock(), time.monotonic()
            seen = reach.as_seen(deed, home=None)  # whoever did it is named in no message
            reply = self.sender.send(webhook, delivery, seen, community.title if community else "", began)
            seconds = time.monotonic() - counted
        metrics.WEBHOOK_ATTEMPTS.labels(reply.outcome).inc()
        metrics.WEBHOOK_SECONDS.observe(seconds)
        settled = settle(delivery, reply, began, seconds, random.random())
        self.repositories.deliveries.put(delivery, settled)
        if reply.is_taken:
            if was_failing:
                self.repositories.webhooks.observe_taken(webhook.id)
            if not delivery.tries:
                metrics.WEBHOOK_DELAY.observe(max(0.0, (self.clock() - delivery.at).total_seconds()))
            return True
        return self._observe_failure(webhook, reply)

    def _observe_failure(self, webhook: Webhook, reply: Reply) -> bool:
        moment = self.clock()
        webhooks = self.repositories.webhooks
        webhooks.observe_failed(webhook.id, moment, moment + reply.hold if reply.hold else None)
        since = webhooks.receiver(webhook.id).failing_since or moment
        if reply.is_gone:
            self._stop(webhook, "gone")
        elif moment - since >= GIVEN_UP:
            self._stop(webhook, "failing")
        else:
            return reply.hold is None
        return False

    def _stop(self, webhook: Webhook, why: Why) -> None:
        stop(self.store, self.repositories, self.teller, webhook, why)


def stop(store: Store, repositories: Repositories, teller: Teller, webhook: Webhook, why: Why) -> None:
    """Disable a webhook, end what waits for it, and tell its contact; once, whoever is first."""
    stopped = disable(webhook, why)
    if stopped == webhook:
        return
    moment = now()
    work = Work()
    repositories.webhooks.put(work, webhook, stopped)
    repositories.deliveries.drop_waiting(work, webhook.id, "webhook-disabled", moment)
    try:
        store.commit(work)
    except Stale:
        return  # its owner has just changed it, or another has stopped it
    metrics.WEBHOOKS_DISABLED.labels(why).inc()
    log.warning("webhook.disabled", webhook=webhook.id, organisation=webhook.organisation, reason=why)
    teller.tell_contact(
        webhook.contact, webhook.organisation, lambda community: disabled_deed(stopped, community, moment)
    )
