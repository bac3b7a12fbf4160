"""The only way from the door to the services: one connection, any number of threads, a deadline on every call.

A reader resolves futures by correlation id; writers take turns. What can happen to a call, and what
it means for the one who asked:

    answered               the answer, as the bytes it came in
    refused                the refusal, as itself
    no such queue          `Unavailable`: the service has never run here
    no connection          `Unavailable` at once: nothing was sent
    connection lost,
    or nothing in time     `Unavailable`: the outcome is unknown; the same call under the same promise
                           (`Once`) settles it

A refusal that was judged by a service's local copy of what membership tells may be wrong for being
early: somebody who has just joined asks faster than the news travels. Then membership is asked how
far the copy should be, and the call is made again with that (`Heard`); the service waits for its copy
before it judges. Nothing is decided here: the second answer is the answer.

The same holds for a member whom a webhook names as its contact.

Of a thread opened or shared just now, notifications may not have heard, and no revision says so. Then
discussion is asked whether it is there for the caller. If not, the refusal stands; what is hidden and what
is not there cost the same calls. If it is, notifications waits until it has heard of the thread too.
What crosses to a partner's system is for discussion to say as well, so notifications refuses any thread to one until it has been asked.
"""

import itertools
import secrets
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from typing import NamedTuple, cast

import amqp
from pydantic import BaseModel

from shared.contracts.calls.call import Call, Caller, Heard
from shared.contracts.calls.discussion import KnownThread, TellThread
from shared.contracts.calls.membership import Revisions, TellRevisions
from shared.contracts.calls.notifications import ChangeWebhook, RegisterWebhook, SetThreadLevel
from shared.errors import REFUSALS, Conflict, Invalid, NotAllowed, NotFound, Refusal, Unavailable
from shared.wiring import metrics, queues, telemetry
from shared.wiring.broker import Line, LineDown

DEADLINE = 1.5
"""Seconds; whoever asks over HTTP is answered within two, also when nobody answers here."""
DIRECT_REPLY = "amq.rabbitmq.reply-to"
AGAIN_SOON = "2"


class Reply(NamedTuple):
    """A call's answer as it came.

    Args:
        body: the answer's JSON.
        revision: of the thing answered, None for listings.
        repeated: True when the call had been carried out before and this is the answer it got then.
    """

    body: bytes
    revision: int | None = None
    repeated: bool = False

    @property
    def etag(self) -> str | None:
        """The revision as an entity tag."""
        return None if self.revision is None else f'"{self.revision}"'

    @property
    def replayed(self) -> bool:
        """The same as `repeated`, in HTTP's word."""
        return self.repeated


class Switchboard:
    """Makes calls for any number of threads.

    Args:
        broker_url: where the broker is.
        deadline_seconds: how long a call may take, its second asking included.
        name: what the broker's operator sees.
    """

    def __init__(self, broker_url: str, deadline_seconds: float = DEADLINE, name: str = "gateway") -> None:
        self.deadline_seconds = deadline_seconds
        self._line = Line(
            broker_url, f"{name}.calls", self._on_open, on_loss=self._on_loss, patience=deadline_seconds / 2
        )
        self._channel: amqp.Channel | None = None
        self._pending: dict[str, Future[Reply]] = {}
        self._numbers = itertools.count()
        self._prefix = secrets.token_hex(6)
        self._line.start()

    def close(self) -> None:
        """End: calls under way become `Unavailable`."""
        self._line.stop()

    def ready(self) -> str | None:
        """None when calls can be made, else one sentence saying why not."""
        return None if self._line.is_open.is_set() else "There is no connection to RabbitMQ."

    def wait_until_open(self, seconds: float) -> bool:
        """Wait for the connection; True when it is there."""
        return self._line.is_open.wait(seconds)

    def ask(self, call: Call, timeout: float | None = None) -> BaseModel:
        """Make a call and read its answer as the model the call names; raises as `call` does."""
        return call.answer.model_validate_json(self.call(call, timeout).body, extra="ignore")

    def call(self, call: Call, timeout: float | None = None) -> Reply:
        """Make a call and return its answer unread.

        Args:
            call: what to ask; its class says whom.
            timeout: seconds, instead of this switchboard's own.

        Raises:
            Refusal: what the service said, or `Unavailable` when it said nothing in time.
        """
        until = time.time() + (timeout or self.deadline_seconds)
        began = time.perf_counter()
        outcome = "answered"
        try:
            return self._call_until_heard(call, until)
        except Unavailable:
            outcome = "unavailable"
            raise
        except Refusal:
            outcome = "refused"
            raise
        finally:
            metrics.CALLS.labels(call.to, call.method(), outcome).inc()
            metrics.CALL_DURATION.labels(call.to).observe(time.perf_counter() - began)

    def _call_until_heard(self, call: Call, until: float) -> Reply:
        try:
            return self._send_and_wait(call, until)
        except (NotFound, NotAllowed, Conflict, Invalid) as refusal:
            if not refusal.community or call.heard is not None:
                raise
            if isinstance(call, SetThreadLevel):
                community, thread = self._community_of(call, refusal, until), call.thread
            else:
                community, thread = refusal.community, None
            far = self._how_far(call.caller, community, _contact_in(call), until)
            heard = far.model_copy(update={"thread": thread})
            return self._send_and_wait(call.model_copy(update={"heard": heard}), until)

    def _community_of(self, call: SetThreadLevel, refusal: Refusal, until: float) -> str:
        """Where the thread is, for a caller whom discussion lets know of it; to others the refusal stands."""
        try:
            told = self._call_until_heard(TellThread(caller=call.caller, thread=call.thread), until)
        except NotFound:
            raise refusal from None
        return KnownThread.model_validate_json(told.body, extra="ignore").community

    def _how_far(self, caller: Caller, community: str, contact: str | None, until: float) -> Heard:
        """The revisions that a copy of what membership told about the caller, a community and a contact should have."""
        asking = TellRevisions(caller=caller, community=community, member=caller.member, contact=contact)
        told = self._send_and_wait(asking, until)
        revisions = Revisions.model_validate_json(told.body, extra="ignore")
        return Heard(
            community=community,
            community_revision=revisions.community_revision,
            membership=f"{community}:{caller.member}" if caller.member else None,
            membership_revision=revisions.membership_revision,
            contact=contact,
            contact_revision=revisions.contact_revision,
        )

    def _send_and_wait(self, call: Call, until: float) -> Reply:
        number = f"{self._prefix}-{next(self._numbers)}"
        left = until - time.time()
        message = amqp.Message(
            call.model_dump_json(exclude_none=True).encode(),
            type=call.method(),
            reply_to=DIRECT_REPLY,
            correlation_id=number,
            expiration=str(max(1, int(left * 1000))),
            delivery_mode=1,
            application_headers={"deadline": str(until), "traceparent": telemetry.current() or ""},
        )
        future: Future[Reply] = Future()
        self._pending[number] = future
        try:
            channel = self._channel
            with self._line.writing(channel, left):
                cast(amqp.Channel, channel).basic_publish(
                    message, exchange="", routing_key=queues.calls_queue(call.to), mandatory=True
                )
            return future.result(max(0.0, left))
        except LineDown:
            raise _unavailable(f"The node cannot reach its broker just now; {_again(call)}") from None
        except NoAnswer:
            raise _unavailable(f"This takes longer than it should; {_again(call)}") from None
        finally:
            self._pending.pop(number, None)

    # What the line's reader does

    def _on_open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.basic_consume(DIRECT_REPLY, no_ack=True, callback=self._on_reply)
        channel.events["basic_return"].add(self._on_return)
        self._channel = channel

    def _on_loss(self) -> None:
        for number in list(self._pending):
            future = self._pending.pop(number, None)
            if future is not None and not future.done():
                future.set_exception(LineDown())

    def _on_reply(self, message: amqp.Message) -> None:
        future = self._pending.pop(message.properties.get("correlation_id", ""), None)
        if future is None or future.done():
            return
        headers = message.headers or {}
        if refused := headers.get("refusal"):
            future.set_exception(REFUSALS[refused](*map(str, headers["arguments"])))
            return
        body = message.body
        future.set_result(
            Reply(
                body.encode() if isinstance(body, str) else bytes(body),
                headers.get("revision"),
                bool(headers.get("repeated")),
            )
        )

    def _on_return(self, _error: Exception, _exchange: str, _key: str, message: amqp.Message) -> None:
        future = self._pending.pop(message.properties.get("correlation_id", ""), None)
        if future is not None and not future.done():
            future.set_exception(_unavailable("A part of the node has not started yet; try again."))


def _again(call: Call) -> str:
    """What to do about a call that nobody answered; only what came with a key has one to send again."""
    return "try again, with the same Idempotency-Key." if call.once else "try again."


def _contact_in(call: Call) -> str | None:
    """The member whom a call names as the contact of a webhook, None when it names none."""
    match call:
        case RegisterWebhook():
            return call.new.contact
        case ChangeWebhook():
            return call.changes.contact
    return None


def _unavailable(sentence: str) -> Unavailable:
    return Unavailable(sentence, retry_after=AGAIN_SOON)
