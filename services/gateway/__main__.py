"""`python -m services.gateway`: the API under granian's WSGI server, one worker process with many threads.

Why granian: under the same load it did 1.4 to 2.3 times what gunicorn's threads did. The worker is one
process so that its metrics are whole; a node grows by running more gateways.
"""

import atexit
import ctypes
import multiprocessing
import os
import signal
import sys
from importlib.metadata import version

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from services.gateway.app import create_app
from services.gateway.door.application import Door
from services.gateway.settings import GatewaySettings
from services.gateway.switchboard import Switchboard
from shared.wiring import logs, metrics
from shared.wiring.admin import start_admin

GRACE = 15
PR_SET_PDEATHSIG = 1


def application() -> Door:
    """The application, made in granian's worker, with the operator's door beside it."""
    _end_with_parent()
    settings = GatewaySettings()
    logs.configure("gateway", settings.log_level)
    metrics.BUILD.info({"version": version("commonplace"), "process": "gateway"})
    switchboard = Switchboard(settings.broker, settings.deadline_seconds)
    atexit.register(switchboard.close)
    app = create_app(settings, switchboard)
    start_admin(settings.admin_host, settings.admin_port, {"broker": switchboard.ready})
    return app


def main(factory: str = "services.gateway.__main__:application") -> None:
    """Serve until SIGTERM; requests in hand are finished first.

    Args:
        factory: where the worker finds what makes the application.
    """
    settings = GatewaySettings()
    Granian(
        factory,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        factory=True,
        workers=1,
        blocking_threads=settings.threads,
        backlog=settings.backlog,
        backpressure=settings.backlog,
        workers_kill_timeout=GRACE,
        websockets=False,
        log_access=False,
        log_level=LogLevels.error,
    ).serve()


def _end_with_parent() -> None:
    """A worker whose parent was killed would go on serving on a port that its successor has taken too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        parent = multiprocessing.parent_process()
        if parent is not None and parent.pid != os.getppid():
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
