"""`@every(seconds)`: do something now and then, in one of all copies of a service, the one that has the lease.

For what time alone makes due. nameko's own timer fires in every copy at once; this one asks for a lease
first (`lease.py`). Two may still do the same when a holder was stopped and goes on, so what is done
must be harmless when two do it, as every `Work` is that names the revision it was made from.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint
from pymongo.errors import PyMongoError

from shared.settings import ServiceSettings
from shared.wiring import deadline, telemetry
from shared.wiring.lease import Lease
from shared.wiring.store import LEASES, connect
from shared.wiring.transaction import is_database_away

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
        @wraps(method)
        def in_turn(service: Any) -> None:
            try:
                with telemetry.begin(None), deadline.within(DEADLINE):
                    method(service)
            except PyMongoError as error:
                if not is_database_away(error):
                    raise
                log.warning("due.database_away", what=method.__name__, error=str(error)[:200])

        registered: Callable[[Any], Any] = Due.decorator(seconds, lasts)(in_turn)
        return registered

    return decorate


class Due(Entrypoint):  # type: ignore[misc]
    """The doing of one thing, now and then; the copy that has the lease keeps it between the times."""

    def __init__(self, seconds: float, lasts: timedelta, **options: Any) -> None:
        self.seconds = seconds
        self.lasts = lasts
        super().__init__(**options)

    def setup(self) -> None:
        self._stopping = threading.Event()
        self._done = threading.Event()
        settings = ServiceSettings()
        self._client = connect(settings.mongo)
        database = self._client[f"{settings.database_prefix}_{self.container.service_name}"]
        self._lease = Lease(database[LEASES], self.method_name, self.lasts)

    def start(self) -> None:
        self._running = self.container.spawn_managed_thread(self._run, identifier=f"every.{self.method_name}")

    def stop(self) -> None:
        """End when the lease has been let go; a container kills what goes on for longer than its `stop`."""
        self._stopping.set()
        self._running.wait()

    def _run(self) -> None:
        step = min(self.seconds, self.lasts.total_seconds() / 3)
        due = time.monotonic() + self.seconds
        while not self._stopping.wait(step):
            if self._is_ours() and time.monotonic() >= due and self._do():
                due = time.monotonic() + self.seconds
        with suppress(PyMongoError):  # then it runs out
            self._lease.let_go()
        self._client.close()

    def _is_ours(self) -> bool:
        try:
            return self._lease.have()
        except PyMongoError:
            return False

    def _do(self) -> bool:
        self._done.clear()
        try:
            self.container.spawn_worker(self, (), {}, handle_result=self._handle_result)
        except ContainerBeingKilled:
            return False
        self._done.wait()
        return True

    def _handle_result(self, _context: Any, result: Any, failure: Any) -> Any:
        self._done.set()
        return result, failure
