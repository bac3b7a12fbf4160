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
from functools import wraps
from typing import Any, get_type_hints

from nameko.extensions import Entrypoint
from pydantic import BaseModel

from shared.contracts.calls.call import Call
from shared.errors import Invalid, Refusal, Unavailable
from shared.wiring import deadline, metrics, telemetry
from shared.wiring.calls import AGAIN_SOON, Calls, Repeated
from shared.wiring.work import Duplicate, Stale

ATTEMPTS = 5
FIRST_PAUSE = 0.006
"""Seconds before the second attempt; each further pause is three times as long."""

WAITING_STEP = 0.01
LONGEST = 10.0
"""Seconds that an answer may take when nobody said less."""


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
    if call.once is None:
        return None
    while (remembered := service.store.remembered(call)) is None:
        # What refused this may have seen a commit that is not settled yet, and whose answer this call gets.
        if not service.store.is_being_remembered(call):
            return None
        _wait_a_step()
    if remembered["fingerprint"] != call.once.fingerprint:
        raise Invalid(
            "This Idempotency-Key was used for a different request; use a new key.",
            "idempotency-key-reused",
            "Idempotency-Key",
        )
    if (reading := call.repeated()) is not None:
        now = getattr(service, reading.method())(reading, deadline.left())
        return Repeated(now.model_dump_json(), getattr(now, "revision", None))
    return Repeated(remembered["answer"], remembered.get("revision"))


def _wait_until_heard(service: Any, call: Call) -> None:
    if call.heard is None:
        return
    while not service.has_heard(call.heard):
        _wait_a_step()


def _wait_a_step() -> None:
    if deadline.left() < 3 * WAITING_STEP:
        raise Unavailable(
            "This has not reached every part of the node yet; try again.", retry_after=AGAIN_SOON
        )
    time.sleep(WAITING_STEP)


class Rpc(Entrypoint):  # type: ignore[misc]
    """The answering of one call by one method."""

    calls = Calls()

    def __init__(self, call_type: type[Call], **options: Any) -> None:
        self.call_type = call_type
        super().__init__(expected_exceptions=(Refusal,), **options)

    def setup(self) -> None:
        self.calls.register(self, self.call_type)

    def stop(self) -> None:
        self.calls.stop_taking()
