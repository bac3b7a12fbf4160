"""Run one service: `python -m shared.wiring.run discussion`.

The only place, with the entrypoints beside it, that knows of nameko's containers and of eventlet.
SIGTERM takes nothing more, finishes what is in hand, tells what was committed, and ends with 0.
"""

import warnings

# By its words: its class can only be had from eventlet, which says them while it is imported.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet

eventlet.monkey_patch()

import gc
import importlib
import signal
import sys
from importlib.metadata import version
from typing import Any

import structlog
from nameko import config
from nameko.containers import ServiceContainer

from shared.settings import ServiceSettings
from shared.wiring import logs, metrics
from shared.wiring.admin import Checks, start_admin
from shared.wiring.line import ServiceLine
from shared.wiring.store import StoreProvider

log = structlog.get_logger()

SPARE_WORKERS = 40
"""Workers beyond those that answer calls: one for each listener, with room."""


def service_class(name: str) -> Any:
    """The nameko class of a service: by its name from `services.<name>.service`, or as `package.module:name`."""
    path, _, own = name.partition(":")
    module = importlib.import_module(path if own else f"services.{name}.service")
    name = own or name
    for thing in vars(module).values():
        if isinstance(thing, type) and getattr(thing, "name", None) == name:
            return thing
    raise SystemExit(f"{module.__name__} has no class whose `name` is {name!r}.")


def collect_less_often() -> None:
    """Leave what was loaded at start out of every garbage collection, and collect after more allocations.

    A request makes thousands of short-lived objects; by default the collector walks all of them, and at
    times everything there is, several times a request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def main(arguments: list[str]) -> int:
    """Run the service named by the one argument until SIGTERM or SIGINT; returns the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m shared.wiring.run membership|discussion|notifications\n")
        return 2
    name = arguments[0]
    settings = ServiceSettings()
    service = service_class(name)
    name = service.name
    logs.configure(name, settings.log_level)
    metrics.BUILD.info({"version": version("commonplace"), "process": name})
    config.setup({"max_workers": settings.workers + SPARE_WORKERS})
    container = ServiceContainer(service)
    stop_admin = start_admin(settings.admin_host, settings.admin_port, _checks(container))

    def stop(_signal: int, _frame: object) -> None:
        eventlet.spawn_n(container.stop)

    container.start()
    collect_less_often()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("service.started")
    container.wait()
    stop_admin()
    log.info("service.stopped")
    return 0


def _checks(container: ServiceContainer) -> Checks:
    def broker() -> str | None:
        shared = container.shared_extensions.get(ServiceLine)
        line = getattr(shared, "line", None)
        return None if line is not None and line.is_open.is_set() else "There is no connection to RabbitMQ."

    def database() -> str | None:
        for dependency in container.dependencies:
            if isinstance(dependency, StoreProvider):
                store = getattr(dependency, "store", None)
                return store.ping() if store is not None else "MongoDB has not answered yet."
        return None

    return {"broker": broker, "database": database}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
