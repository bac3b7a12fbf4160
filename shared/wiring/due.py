"""`@every(seconds)`: do something now and then, in one of all copies of a service, the one that has the lease.

For what time alone makes due. nameko's own timer fires in every copy at once; this one asks for a lease
first (`lease.py`). Two may still do the same when a holder was stopped and goes on, so what is done
must be harmless when two do it, as every `Work` is that names the revision it was made from.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from pymongo.errors import PyMongoError

from shared.wiring import deadline, telemetry
from shared.wiring.lease import Lease
from shared.wiring.store import LEASES

log = structlog.get_logger()

LASTS = timedelta(seconds=30)
DEADLINE = 20.0
"""Seconds that doing it once may take before the database counts as away."""


def every(
    seconds: float, lasts: timedelta = LASTS
) -> Callable[[Callable[[Any], None]], Callable[[Any], Any]]:
    """Make a service's method run about every so many seconds, in one copy of the service at a time.

    What it could not finish because the database was away, or because it failed, is done the next time.

    Args:
        seconds: between the end of one time and the beginning of the next.
        lasts: how long after the death of the copy that does it another one begins.
    """

    def decorate(method: Callable[[Any], None]) -> Callable[[Any], Any]:
        held: list[Lease] = []

        @wraps(method)
        def in_turn(service: Any) -> None:
            if not held:
                held.append(Lease(service.store.database[LEASES], method.__name__, lasts))
            try:
                with telemetry.begin(None), deadline.within(DEADLINE):
                    if held[0].have():
                        method(service)
            except PyMongoError as error:
                log.warning("due.database_away", what=method.__name__, error=str(error)[:200])

        registered: Callable[[Any], Any] = Due.decorator(seconds)(in_turn)
        return registered

    return decorate


class Due(Entrypoint):  # type: ignore[misc]
    """The doing of one thing, now and then."""

    def __init__(self, seconds: float, **options: Any) -> None:
        self.seconds = seconds
        super().__init__(**options)

    def setup(self) -> None:
        self._stopping = threading.Event()
        self._done = threading.Event()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._run, identifier=f"every.{self.method_name}")

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self.seconds):
            self._done.clear()
            try:
                self.container.spawn_worker(self, (), {}, handle_result=self._handle_result)
            except ContainerBeingKilled:
                return
            self._done.wait()

    def _handle_result(self, _context: Any, result: Any, failure: Any) -> Any:
        self._done.set()
        return result, failure
