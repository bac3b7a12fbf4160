"""`@rpc`: answer a call, with a deadline, the caller's trace, and refusals that cross as themselves.

The method's name is the call's, its annotations say what it takes and gives. What the wrapper adds:

    a deadline              a call that comes too late is not begun; the database gets the time that is left
    a promise (`once`)      a call made twice under one promise is carried out once and answered twice the same
    what was heard          a refusal by a local copy is never wrong for being early: when the caller says how
                            far the copy should be, the answer waits for it, or is `Unavailable`
    a lost race (`Stale`)   the handler runs again on what is there now, five times at most

Calls and replies are transient, unacknowledged and unconfirmed, by direct reply-to: a caller who hears
nothing within the deadline knows that it must ask again, and the promise settles what happened. Every
acknowledgement saved is a system call and a message to the broker saved, in the shortest road there is.
The gateway's threads bound how many calls are under way.
"""

import inspect
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any, get_type_hints

import amqp
import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension
from pydantic import BaseModel, ValidationError
from pymongo.errors import PyMongoError

from shared.contracts.calls.call import Call
from shared.errors import Invalid, NotFound, Refusal, Unavailable
from shared.settings import ServiceSettings
from shared.wiring import deadline, metrics, queues, telemetry
from shared.wiring.broker import LineDown
from shared.wiring.line import ServiceLine
from shared.wiring.transaction import is_database_away
from shared.wiring.work import Duplicate, Stale

log = structlog.get_logger()

ATTEMPTS = 5
FIRST_PAUSE = 0.006
"""Seconds before the second attempt; each further pause is three times as long."""

AGAIN_SOON = "1"
WAITING_STEP = 0.01
LONGEST = 10.0
"""Seconds that an answer may take when nobody said less."""


class Repeated:
    """An answer that was given before, as the JSON it was."""

    def __init__(self, answer: str, revision: int | None) -> None:
        self.answer = answer
        self.revision = revision


def rpc(handler: Callable[[Any, Any], BaseModel]) -> Callable[[Any, Any], Any]:
    """Make a service's method answer the call that its parameter is annotated with."""
    hints = get_type_hints(handler)
    parameter = list(inspect.signature(handler).parameters)[1]
    call_type: type[Call] = hints[parameter]
    if handler.__name__ != call_type.method():
        raise TypeError(f"{handler.__qualname__} answers {call_type.__name__}: name it {call_type.method()}")

    @wraps(handler)
    def answering(
        service: Any, call: Call, seconds: float = LONGEST, traceparent: str | None = None
    ) -> BaseModel | Repeated:
        with telemetry.begin(traceparent), deadline.within(seconds):
            _wait_until_heard(service, call)
            try:
                return _decide(service, handler, call)
            except (Refusal, Duplicate):
                # A repetition may be refused because its first time succeeded.
                if (repeated := _repeated(service, call)) is None:
                    raise
                return repeated

    registered: Callable[[Any, Any], Any] = Rpc.decorator(call_type)(answering)
    return registered


def _decide(service: Any, handler: Callable[[Any, Any], BaseModel], call: Call) -> BaseModel | Repeated:
    for attempt in range(ATTEMPTS):
        # Long enough for the winner to commit, and by chance, so that the losers do not meet again.
        if attempt:
            time.sleep(FIRST_PAUSE * 3 ** (attempt - 1) * random.uniform(0.5, 1.5))
        try:
            return handler(service, call)
        except Stale:
            metrics.TRANSACTION_RETRIES.labels(service.store.service).inc()
            if repeated := _repeated(service, call):
                return repeated
    raise Unavailable(
        "Too many people are changing this at the same time; try again.", retry_after=AGAIN_SOON
    )


def _repeated(service: Any, call: Call) -> Repeated | None:
    if call.once is None or (remembered := service.store.remembered(call)) is None:
        return None
    if remembered["fingerprint"] != call.once.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for a different request; use a new key.",
            "idempotency-key-reused",
            "Idempotency-Key",
        )
    return Repeated(remembered["answer"], remembered.get("revision"))


def _wait_until_heard(service: Any, call: Call) -> None:
    if call.heard is None:
        return
    while not service.has_heard(call.heard):
        if deadline.left() < 3 * WAITING_STEP:
            raise Unavailable(
                "This has not reached every part of the node yet; try again.", retry_after=AGAIN_SOON
            )
        time.sleep(WAITING_STEP)


class Calls(SharedExtension):  # type: ignore[misc]
    """Takes a service's calls from its queue and sends the answers."""

    shared_line = ServiceLine()

    def setup(self) -> None:
        if hasattr(self, "answers"):
            return
        self.answers: dict[str, Rpc] = {}
        self.service: str = self.container.service_name
        self.workers = ServiceSettings().workers
        metrics.WORKERS.labels(self.service).set(self.workers)
        metrics.WORKERS_BUSY.labels(self.service)
        metrics.TRANSACTION_RETRIES.labels(self.service)
        self._channel: amqp.Channel | None = None
        self._tag: str | None = None
        self._stopping = False
        self.shared_line.when_open(self._on_open, lambda: None)

    def register(self, entrypoint: "Rpc") -> None:
        """Let `entrypoint` answer the calls of its name."""
        self.setup()
        self.answers[entrypoint.method_name] = entrypoint

    def stop_taking(self) -> None:
        """Take no more calls; those in hand are still answered."""
        if self._stopping:
            return
        self._stopping = True
        with suppress(LineDown), self.shared_line.line.writing():
            if self._channel is not None and self._tag is not None:
                self._channel.basic_cancel(self._tag, nowait=True)

    def _on_open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        name = queues.calls_queue(self.service)
        channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": "classic"})
        self._channel = channel
        if not self._stopping:
            self._tag = channel.basic_consume(name, no_ack=True, callback=partial(self._on_message, channel))

    def _on_message(self, channel: amqp.Channel, message: amqp.Message) -> None:
        method = message.properties.get("type", "")
        headers = message.headers or {}
        entrypoint = self.answers.get(method)
        if entrypoint is None:
            self._reply(
                channel, message, refusal=NotFound(f"There is no such call as {self.service}.{method}.")
            )
            return
        seconds = float(headers.get("deadline", 0)) - time.time()
        if seconds <= 0:
            metrics.ANSWERED.labels(self.service, method, "late").inc()
            self._reply(
                channel, message, refusal=Unavailable("The call came too late.", retry_after=AGAIN_SOON)
            )
            return
        try:
            call = entrypoint.call_type.model_validate_json(message.body)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            self._reply(
                channel, message, refusal=Invalid(f"The call is malformed: {first['msg']}.", where=where)
            )
            return
        handle_result = partial(self._on_result, channel, message, method, time.perf_counter())
        metrics.WORKERS_BUSY.labels(self.service).inc()
        try:
            self.container.spawn_worker(
                entrypoint, (call, seconds, headers.get("traceparent")), {}, handle_result=handle_result
            )
        except ContainerBeingKilled:
            metrics.WORKERS_BUSY.labels(self.service).dec()

    def _on_result(
        self,
        channel: amqp.Channel,
        message: amqp.Message,
        method: str,
        began: float,
        _context: Any,
        result: Any = None,
        exc_info: Any = None,
    ) -> tuple[Any, Any]:
        metrics.WORKERS_BUSY.labels(self.service).dec()
        metrics.ANSWER_DURATION.labels(self.service, method).observe(time.perf_counter() - began)
        if exc_info is None:
            outcome = "repeated" if isinstance(result, Repeated) else "done"
            self._reply(channel, message, answer=result)
        else:
            refusal = _refusal_for(exc_info[1])
            outcome = "refused" if isinstance(exc_info[1], Refusal) else "failed"
            self._reply(channel, message, refusal=refusal)
        metrics.ANSWERED.labels(self.service, method, outcome).inc()
        return result, None

    def _reply(
        self, channel: amqp.Channel, message: amqp.Message, answer: Any = None, refusal: Refusal | None = None
    ) -> None:
        headers: dict[str, Any] = {}
        if refusal is not None:
            body = ""
            headers = {"refusal": type(refusal).__name__, "arguments": list(refusal.args)}
        elif isinstance(answer, Repeated):
            body = answer.answer
            headers = {"repeated": True}
        else:
            body = answer.model_dump_json()
        revision = getattr(answer, "revision", None)
        if revision is not None:
            headers["revision"] = revision
        reply = amqp.Message(
            body.encode(),
            correlation_id=message.properties.get("correlation_id"),
            application_headers=headers,
            delivery_mode=1,
        )
        with suppress(LineDown), self.shared_line.line.writing():
            channel.basic_publish(reply, exchange="", routing_key=message.properties.get("reply_to", ""))


class Rpc(Entrypoint):  # type: ignore[misc]
    """The answering of one call by one method."""

    calls = Calls()

    def __init__(self, call_type: type[Call], **options: Any) -> None:
        self.call_type = call_type
        super().__init__(expected_exceptions=(Refusal,), **options)

    def setup(self) -> None:
        self.calls.register(self)

    def stop(self) -> None:
        self.calls.stop_taking()


def _refusal_for(error: BaseException) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, PyMongoError) and is_database_away(error):
        return Unavailable("The database does not answer just now; try again.", retry_after=AGAIN_SOON)
    log.error("rpc.failed", error=repr(error)[:500], exc_info=error)
    return Unavailable(
        "Something went wrong on our side; try again.", "internal-error", retry_after=AGAIN_SOON
    )
