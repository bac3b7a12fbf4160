"""`python -m services.gateway.stream`: live-event streams, under granian's ASGI server in this very process.

SIGTERM takes no new stream, ends the open ones, and the process with them.
"""

import asyncio
import signal
import sys
import threading
from importlib.metadata import version

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from services.gateway.auth.access_tokens import AccessTokens
from services.gateway.auth.allowance import Allowance
from services.gateway.auth.callers import Callers
from services.gateway.auth.keys import SigningKeys
from services.gateway.stream.door import Door
from services.gateway.stream.hub import Hub
from services.gateway.stream.listener import Arrival, Listener
from services.gateway.stream.settings import StreamSettings
from services.gateway.switchboard import Switchboard
from shared.wiring import logs, metrics
from shared.wiring.admin import start_admin

log = structlog.get_logger()

TO_SAY_GOODBYE = 0.3
"""Seconds that the open streams have to end before the server does."""


async def serve(settings: StreamSettings) -> int:
    """Hold streams open until SIGTERM or SIGINT; returns the exit code, 1 when a part ended by itself."""
    loop = asyncio.get_running_loop()
    switchboard = Switchboard(settings.broker, settings.deadline_seconds, name="stream")
    hub = Hub(switchboard, settings.streams, settings.streams_per_member)

    def on_arrivals(arrivals: list[Arrival]) -> None:
        loop.call_soon_threadsafe(hub.arrive, arrivals)

    def on_open() -> None:
        loop.call_soon_threadsafe(hub.catch_up_all)

    listener = Listener(settings.broker, hub.members, on_arrivals, on_open)
    failures = Allowance(settings.bad_credentials_per_minute)
    callers = Callers(switchboard, AccessTokens(SigningKeys(settings.keys), settings.issuer), failures)
    server = Server(
        Door(hub, callers, settings.hosts, settings.stream_check_seconds, settings.trusted_proxies),
        address=settings.host,
        port=settings.stream_port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        backlog=settings.backlog,
        backpressure=settings.streams + 200,
        websockets=False,
        log_level=LogLevels.error,
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    checks = {"calls": switchboard.ready, "nudges": listener.ready}
    stop_admin = start_admin(settings.admin_host, settings.admin_port, checks)
    listener.start()
    keeping = asyncio.create_task(hub.run(), name="hub")
    serving = asyncio.create_task(server.serve(), name="server")
    log.info("stream.started", port=settings.stream_port)
    is_broken = await broken_before(stopping, serving, keeping)
    hub.close()
    await asyncio.sleep(TO_SAY_GOODBYE)
    server.stop()  # type: ignore[no-untyped-call] # granian leaves it without types
    await asyncio.wait([serving], timeout=3)
    keeping.cancel()
    listener.stop()
    switchboard.close()
    stop_admin()
    log.info("stream.stopped")
    return 1 if is_broken else 0


async def broken_before(stopping: asyncio.Event, *parts: asyncio.Task[None]) -> bool:
    """Wait until told to stop or until a part of the process ends, which none should: was it that?

    A process that has lost a part is worth less than one that its supervisor starts again.
    """
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait([told, *parts], return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    ended = [part for part in parts if part.done()]
    for part in ended:
        error = None if part.cancelled() else part.exception()
        log.error("stream.part_ended", part=part.get_name(), exc_info=error)
    return bool(ended)


def main() -> None:
    """Run the process."""
    settings = StreamSettings()
    logs.configure("stream", settings.log_level)
    metrics.BUILD.info({"version": version("commonplace"), "process": "stream"})
    sys.exit(asyncio.run(serve(settings)))


if __name__ == "__main__":
    threading.stack_size(512 * 1024)
    main()
