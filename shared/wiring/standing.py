"""`@standing`: a method that runs beside the handlers for as long as the process does.

nameko's timer fires in every copy of a process; what runs here has to agree with its copies by itself,
by a `Lease` for example.
"""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from nameko.extensions import Entrypoint
from pymongo.errors import PyMongoError

log = structlog.get_logger()

Standing = Callable[[Any, threading.Event], None]
PAUSE = 1.0
"""Seconds before a method that broke off runs again."""


def standing(method: Standing) -> Standing:
    """Run `method(self, stopping)` from the start of the process on; it returns soon after `stopping` is set.

    One that raises is logged and runs again a second later.
    """

    @wraps(method)
    def running(service: Any, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                method(service, stopping)
            except PyMongoError as error:
                log.warning("standing.database_away", method=method.__name__, error=str(error)[:200])
            except Exception as error:  # noqa: BLE001 - one bad round must not end what has to run for ever
                log.error("standing.failed", method=method.__name__, error=repr(error)[:500])
            stopping.wait(PAUSE)

    registered: Standing = StandingEntrypoint.decorator(running)
    return registered


class StandingEntrypoint(Entrypoint):  # type: ignore[misc]
    """Takes a worker at start and gives it back at the end; nameko waits for it as for any other."""

    def setup(self) -> None:
        self.stopping = threading.Event()

    def start(self) -> None:
        self.container.spawn_managed_thread(self._begin, identifier=self.method_name)

    def stop(self) -> None:
        self.stopping.set()

    def _begin(self) -> None:
        self.container.spawn_worker(self, (self.stopping,), {})
