"""`@subscribe(Contract)`: hear what another service tells, without loss and without repetition.

What waits is taken in batches: under load they grow, when it is quiet a fact is handled the moment
it arrives. One batch at a time, in the order of arrival, by one nameko worker; its effects and the
memory of having heard it are one transaction (`inbox`), and only then is it acknowledged.

    a batch fails           each of its facts is tried alone, so that one bad fact harms no other
    a fact fails alone      it waits in a queue for seconds to minutes, then comes back; growing delays
    it fails five times     it becomes a dead letter, with the reason in its headers
    it cannot be read       a dead letter at once, and the process lives
    the database is away    nobody's fault: nothing is acknowledged, the same batch is tried again
    the process dies        the broker gives what was not acknowledged to another
    SIGTERM                 the batch in hand is finished, the rest goes back

nameko's own event handler acknowledges what failed, and an error while parsing stops the whole
container; hence this one.
"""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any

import amqp
import structlog
from eventlet.event import Event
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from pydantic import ValidationError

from shared.contracts.envelope import Contract, Envelope
from shared.settings import ServiceSettings
from shared.wiring import deadline, metrics, queues, telemetry
from shared.wiring.broker import LineDown
from shared.wiring.inbox import Handler, hear
from shared.wiring.line import ServiceLine
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from shared.wiring.transaction import is_database_away
from shared.wiring.work import Stale

log = structlog.get_logger()

LONGEST_PAUSE = 2.0
DEADLINE = 60.0
"""Seconds that the effect of a batch may take before the database counts as away."""


@dataclass
class _Delivery:
    """A message as it waits here: `envelope` once it is read, `channel` to know one that was taken back."""

    message: amqp.Message
    channel: amqp.Channel
    envelope: Envelope[Any] | None = None


def subscribe(contract: type[Contract], batch: int = 100) -> Callable[[Handler], Handler]:
    """Make a service's method hear `contract`.

    The method is called as `(self, heard, work)`: with envelopes never heard before, in the order of
    arrival, and the `Work` that will be committed together with the memory of having heard them. It
    may be called again with the same ones when a commit lost a race, so all it does goes into `work`,
    or is the same when done twice.

    Args:
        contract: what to hear.
        batch: how many facts are taken together at most.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def hearing(service: Any, envelopes: list[Envelope[Any]]) -> int:
            with telemetry.begin(envelopes[0].traceparent), deadline.within(DEADLINE):
                new = hear(service.store, service, handler, contract, envelopes)
                if log.is_enabled_for(logging.DEBUG):
                    _tell(contract, envelopes, new)
                return new

        registered: Handler = Subscription.decorator(contract, batch)(hearing)
        return registered

    return decorate


def _tell(contract: type[Contract], envelopes: list[Envelope[Any]], new: int) -> None:
    """One line for a batch that was heard, with the trace of every fact in it."""
    traces = {one.traceparent[3:35]: None for one in envelopes if one.traceparent}
    log.debug("facts.heard", fact=contract.word, facts=len(envelopes), new=new, trace_ids=list(traces))


class Subscription(Entrypoint):  # type: ignore[misc]
    """The listening of one service to one contract."""

    shared_line = ServiceLine()

    def __init__(self, contract: type[Contract], batch: int, **options: Any) -> None:
        self.contract = contract
        self.batch = batch
        super().__init__(**options)

    def setup(self) -> None:
        self.service: str = self.container.service_name
        self.queue = queues.listening_queue(self.service, self.contract)
        self.publisher = ConfirmedPublisher(ServiceSettings().broker, f"{self.service}.returns")
        self.reading = Envelope[self.contract]  # type: ignore[name-defined]
        self._waiting: deque[_Delivery] = deque()
        self._arrived = threading.Event()
        self._stopping = False
        self._ended = Event()
        self._channel: amqp.Channel | None = None
        metrics.LISTENER_PAUSES.labels(self.service)
        for outcome in metrics.HEARD_OUTCOMES:
            metrics.HEARD.labels(self.service, self.contract.word, outcome)
        self.shared_line.join(self._on_open, self._on_ready, self._on_loss)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._listen, identifier=self.queue)

    def stop(self) -> None:
        """Take nothing more, finish what is in hand."""
        self._stopping = True
        self._arrived.set()
        self._ended.wait()
        self.publisher.close()

    # What the line's reader does

    def _on_open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        queues.declare_waiting(channel, self.service)
        queues.declare_listening(channel, self.service, self.contract)
        channel.basic_qos(0, self.batch * 2, False)
        self._channel = channel

    def _on_ready(self) -> None:
        channel = self._channel
        if channel is not None and not self._stopping:
            on_message = partial(self._on_message, channel)
            channel.basic_consume(self.queue, callback=on_message, on_cancel=self._on_cancel)

    def _on_loss(self) -> None:
        self._channel = None  # the broker has taken back what was not acknowledged
        self._waiting.clear()

    def _on_cancel(self, _tag: str) -> None:
        raise LineDown(f"{self.queue} was deleted")

    def _on_message(self, channel: amqp.Channel, message: amqp.Message) -> None:
        self._waiting.append(_Delivery(message, channel))
        self._arrived.set()

    # What the listener's own thread does

    def _listen(self) -> None:
        try:
            while not self._stopping:
                self._arrived.wait(timeout=1.0)
                self._arrived.clear()
                while self._waiting and not self._stopping:
                    count = min(self.batch, len(self._waiting))
                    self._take([self._waiting.popleft() for _ in range(count)])
        finally:
            self._ended.send(None)

    def _take(self, deliveries: list[_Delivery]) -> None:
        """Handle and acknowledge these; they are the oldest this listener has."""
        metrics.BATCH_SIZE.labels(self.service, self.contract.word).observe(len(deliveries))
        readable = []
        for delivery in deliveries:
            why_not = self._read(delivery)
            if why_not is None:
                readable.append(delivery)
            elif not self._bury_patiently(delivery, why_not):
                return
        if readable and not self._handle_patiently(readable):
            return
        self._acknowledge(deliveries[-1])

    def _acknowledge(self, last: _Delivery) -> None:
        """Acknowledge all up to `last`, unless the broker has taken them back: then they come again, and are remembered."""
        while self._is_ours(last):
            try:
                with self.shared_line.line.writing(last.channel):
                    last.channel.basic_ack(last.message.delivery_tag, multiple=True)
                return
            except LineDown:
                time.sleep(
                    0.05
                )  # either a turn at writing that took too long, or the loss is about to be noticed

    def _is_ours(self, delivery: _Delivery) -> bool:
        return delivery.channel is self._channel

    def _read(self, delivery: _Delivery) -> str | None:
        """Read its envelope; one sentence saying why not when it cannot be read."""
        try:
            delivery.envelope = self.reading.read(delivery.message.body)
        except ValidationError as error:
            reasons = "; ".join(
                f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors(include_input=False)[:5]
            )
            return f"It cannot be read as {self.contract.type()}: {reasons}"
        return None

    def _handle_patiently(self, deliveries: list[_Delivery]) -> bool:
        """Handle a batch until it is settled; False when it was given back instead, at a stop or a lost connection."""
        pause = 0.05
        while True:
            began = time.monotonic()
            error = self._run_worker([delivery.envelope for delivery in deliveries])
            if error is None:
                return True
            if not (is_database_away(error) or isinstance(error, Stale)):
                break
            if len(deliveries) > 1 and time.monotonic() - began > DEADLINE / 2:
                half = len(deliveries) // 2  # not away but too slow for so many
                return self._handle_patiently(deliveries[:half]) and self._handle_patiently(deliveries[half:])
            metrics.LISTENER_PAUSES.labels(self.service).inc()
            log.warning("listener.pauses", queue=self.queue, error=repr(error)[:200])
            time.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
            if self._stopping or not self._is_ours(deliveries[0]):
                return False
        if len(deliveries) > 1:
            settled = [self._handle_patiently([delivery]) for delivery in deliveries]
            return all(settled)
        return self._return_patiently(deliveries[0], error)

    def _run_worker(self, envelopes: list[Envelope[Any] | None]) -> BaseException | None:
        outcome = Event()

        def handle_result(_context: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
            outcome.send(exc_info[1] if exc_info else None)
            return result, exc_info

        try:
            self.container.spawn_worker(self, (envelopes,), {}, handle_result=handle_result)
        except ContainerBeingKilled:
            return Stale("the process is being stopped")
        error: BaseException | None = outcome.wait()
        return error

    # What becomes of a fact that failed

    def _return_patiently(self, delivery: _Delivery, error: BaseException) -> bool:
        headers = dict(delivery.message.headers or {})
        attempts = int(headers.get("x-attempts", 0)) + 1
        if attempts > len(queues.RETRY_DELAYS):
            trace = "".join(traceback.format_exception(error))[-4000:]
            return self._bury_patiently(delivery, f"{type(error).__name__}: {error}", attempts, trace)
        headers.update({"x-attempts": attempts, "x-reason": f"{type(error).__name__}: {error}"[:1000]})
        place = queues.waiting_place(self.service, queues.RETRY_DELAYS[attempts - 1])
        metrics.HEARD.labels(self.service, self.contract.word, "retried").inc()
        log.warning("listener.retries", queue=self.queue, attempts=attempts, error=repr(error)[:500])
        return self._publish_patiently(self._parcel(delivery, place, self.queue, headers))

    def _bury_patiently(self, delivery: _Delivery, reason: str, attempts: int = 1, trace: str = "") -> bool:
        headers = {
            **(delivery.message.headers or {}),
            "x-attempts": attempts,
            "x-reason": reason[:1000],
            "x-traceback": trace,
            "x-queue": self.queue,
            "x-died-at": datetime.now(UTC).isoformat(),
        }
        metrics.HEARD.labels(self.service, self.contract.word, "dead").inc()
        log.error("listener.dead_letter", queue=self.queue, reason=reason[:500], attempts=attempts)
        return self._publish_patiently(self._parcel(delivery, "", queues.dead_letters(self.service), headers))

    @staticmethod
    def _parcel(delivery: _Delivery, exchange: str, routing_key: str, headers: dict[str, Any]) -> Parcel:
        body = delivery.message.body
        kept = ("message_id", "content_type", "type", "timestamp")
        properties = {name: value for name in kept if (value := delivery.message.properties.get(name))}
        headers = {name: value for name, value in headers.items() if name != "x-death"}
        return Parcel(
            exchange, routing_key, body.encode() if isinstance(body, str) else body, properties, headers
        )

    def _publish_patiently(self, parcel: Parcel) -> bool:
        """Hand over with the broker's confirmation, before the original is acknowledged: twice rather than never."""
        while not self._stopping:
            try:
                if self.publisher.publish([parcel]):
                    return True
            except LineDown as error:
                log.warning("listener.cannot_return", queue=self.queue, error=str(error)[:200])
            time.sleep(0.5)
        return False
