"""How a service takes calls from its queue and sends the answers.

So many are answered at a time and no more; the rest wait here until their deadline. Answers go by a
line of their own, because a broker under memory pressure stops reading from connections that publish,
and the acknowledgement of facts must not wait behind answers then.
"""

import logging
import time
from collections import deque
from contextlib import suppress
from typing import Any, NamedTuple

import amqp
import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension
from pydantic import BaseModel, ValidationError
from pymongo.errors import PyMongoError

from shared.contracts.calls.call import Call
from shared.errors import Invalid, NotFound, Refusal, Unavailable
from shared.settings import ServiceSettings
from shared.wiring import metrics, queues, telemetry
from shared.wiring.broker import Line, LineDown
from shared.wiring.line import ServiceLine
from shared.wiring.transaction import is_database_away

log = structlog.get_logger()

AGAIN_SOON = "1"
MOST_WAITING = 1_000
"""Calls beyond this are refused at once: whoever made them will not wait so long."""


class Repeated:
    """An answer that was given before, as the JSON it was.

    Args:
        answer: the JSON.
        revision: of the thing answered, None when it has none.
    """

    def __init__(self, answer: str, revision: int | None) -> None:
        self.answer = answer
        self.revision = revision


class _Asked(NamedTuple):
    """A call that was read: who answers it, until when, and where the answer goes."""

    entrypoint: Any
    call: Call
    until: float
    message: amqp.Message


class Calls(SharedExtension):  # type: ignore[misc]
    """Takes a service's calls, has each answered by the entrypoint of its name, and replies."""

    shared_line = ServiceLine()

    def setup(self) -> None:
        if hasattr(self, "entrypoints"):
            return
        self.entrypoints: dict[str, tuple[Entrypoint, type[Call]]] = {}
        self.service: str = self.container.service_name
        settings = ServiceSettings()
        self.workers = settings.workers
        metrics.WORKERS.labels(self.service).set(self.workers)
        metrics.WORKERS_BUSY.labels(self.service)
        metrics.TRANSACTION_RETRIES.labels(self.service)
        self._busy = 0
        self._waiting: deque[_Asked] = deque()
        self._channel: amqp.Channel | None = None
        self._tag: str | None = None
        self._stopping = False
        self._answers_channel: amqp.Channel | None = None
        self._answers = Line(settings.broker, f"{self.service}.answers", self._on_answers_open)
        self.shared_line.join(self._on_open, self._on_ready)

    def start(self) -> None:
        self._answers.start()

    def stop(self) -> None:
        self._answers.stop()

    def register(self, entrypoint: Entrypoint, call_type: type[Call]) -> None:
        """Let `entrypoint` answer the calls of its name."""
        self.setup()
        self.entrypoints[entrypoint.method_name] = (entrypoint, call_type)

    def stop_taking(self) -> None:
        """Take no more calls; those in hand are still answered."""
        if self._stopping:
            return
        self._stopping = True
        with suppress(LineDown), self.shared_line.line.writing(self._channel):
            if self._channel is not None and self._tag is not None:
                self._channel.basic_cancel(self._tag, nowait=True)
        while self._waiting:
            time.sleep(0.01)

    # What the lines' readers do

    def _on_answers_open(self, connection: amqp.Connection) -> None:
        self._answers_channel = connection.channel()

    def _on_open(self, connection: amqp.Connection) -> None:
        self._channel = connection.channel()
        name = queues.calls_queue(self.service)
        self._channel.queue_declare(
            name, durable=True, auto_delete=False, arguments={"x-queue-type": "classic"}
        )

    def _on_ready(self) -> None:
        self._answers.is_open.wait(timeout=2)
        if self._channel is not None and not self._stopping:
            name = queues.calls_queue(self.service)
            self._tag = self._channel.basic_consume(name, no_ack=True, callback=self._on_message)

    def _on_message(self, message: amqp.Message) -> None:
        asked = self._read(message)
        if isinstance(asked, Refusal):
            self._reply(message, refusal=asked)
        elif self._busy < self.workers:
            self._begin(asked)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(asked)
        else:
            self._reply(
                message,
                refusal=Unavailable("Too many ask at the same time; try again.", retry_after=AGAIN_SOON),
            )

    def _read(self, message: amqp.Message) -> _Asked | Refusal:
        method = message.properties.get("type", "")
        entrypoint, call_type = self.entrypoints.get(method, (None, None))
        if call_type is None:
            return NotFound(f"There is no such call as {self.service}.{method}.")
        try:
            call = call_type.model_validate_json(message.body)
            until = float((message.headers or {}).get("deadline", 0))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            return Invalid(f"The call is malformed: {first['msg']}.", where=where)
        except ValueError:
            return Invalid("The call is malformed: its deadline is no number.", where="deadline")
        return _Asked(entrypoint, call, until, message)

    # Answering

    def _begin(self, asked: _Asked) -> None:
        seconds = asked.until - time.time()
        method = asked.entrypoint.method_name
        if seconds <= 0:
            metrics.ANSWERED.labels(self.service, method, "late").inc()
            self._reply(asked.message, refusal=Unavailable("The call came too late.", retry_after=AGAIN_SOON))
            return
        began = time.perf_counter()
        traceparent = (asked.message.headers or {}).get("traceparent")

        def handle_result(_context: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
            self._busy -= 1
            metrics.WORKERS_BUSY.labels(self.service).set(self._busy)
            seconds = time.perf_counter() - began
            metrics.ANSWER_DURATION.labels(self.service, method).observe(seconds)
            outcome = self._conclude(asked, result, exc_info[1] if exc_info else None)
            if log.is_enabled_for(logging.DEBUG):
                _tell(method, outcome, seconds, traceparent)
            while self._waiting and self._busy < self.workers:
                self._begin(self._waiting.popleft())
            return result, None

        self._busy += 1
        metrics.WORKERS_BUSY.labels(self.service).set(self._busy)
        try:
            self.container.spawn_worker(
                asked.entrypoint, (asked.call, seconds, traceparent), {}, handle_result=handle_result
            )
        except ContainerBeingKilled:
            self._busy -= 1

    def _conclude(self, asked: _Asked, result: Any, error: BaseException | None) -> str:
        """Reply, and say what came of it; never raises, because nameko ends a container whose worker's last words fail."""
        outcome = "repeated" if isinstance(result, Repeated) else "done"
        try:
            if error is None:
                self._reply(asked.message, answer=result)
        except Exception as unsayable:  # noqa: BLE001 - an answer that cannot be written is a fault of ours
            error = unsayable
        if error is not None:
            outcome = "refused" if isinstance(error, Refusal) else "failed"
            self._reply(asked.message, refusal=refusal_for(error))
        metrics.ANSWERED.labels(self.service, asked.entrypoint.method_name, outcome).inc()
        return outcome

    def _reply(
        self,
        message: amqp.Message,
        answer: BaseModel | Repeated | None = None,
        refusal: Refusal | None = None,
    ) -> None:
        headers: dict[str, Any] = {}
        body = ""
        if refusal is not None:
            headers = {"refusal": type(refusal).__name__, "arguments": list(refusal.args)}
        elif isinstance(answer, Repeated):
            body = answer.answer
            headers = {"repeated": True}
        elif answer is not None:
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
        channel = self._answers_channel
        with suppress(LineDown), self._answers.writing(channel):
            if channel is not None:
                channel.basic_publish(reply, exchange="", routing_key=message.properties.get("reply_to", ""))


def _tell(method: str, outcome: str, seconds: float, traceparent: str | None) -> None:
    """One line for a call that was answered, in the trace of whoever made it."""
    with telemetry.begin(traceparent):
        log.debug("call.answered", call=method, outcome=outcome, milliseconds=round(seconds * 1000, 1))


def refusal_for(error: BaseException) -> Refusal:
    """What the caller is told of an error."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, PyMongoError) and is_database_away(error):
        return Unavailable("The database does not answer just now; try again.", retry_after=AGAIN_SOON)
    log.error("rpc.failed", error=repr(error)[:500], exc_info=error)
    return Unavailable(
        "Something went wrong on our side; try again.", "internal-error", retry_after=AGAIN_SOON
    )
