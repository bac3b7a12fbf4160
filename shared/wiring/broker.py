"""Connections to RabbitMQ that come back by themselves, for threads and greenlets alike.

py-amqp leaves two things to its user: one thread at a time may write to a connection, and somebody
must notice when the broker is gone. A `Line` has a reader of its own that dispatches what arrives,
a lock around every write, heartbeats, and makes the connection again within two seconds of the
broker's return.

Nothing here imports eventlet: in a service the standard threads are greenlets already.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import amqp
import structlog

from shared.wiring import metrics

log = structlog.get_logger()

HEARTBEAT = 10
SLOWEST_RECONNECT = 2.0
GOOD_BYE = 1.0
"""Seconds that the broker gets to answer when a connection is ended."""
BROKEN = (amqp.AMQPError, OSError, AttributeError, EOFError)
"""What py-amqp raises when a connection is gone; AttributeError because it drops its transport first."""


class LineDown(Exception):
    """There is no connection to the broker at this moment; what was being sent may or may not have arrived."""


class _Connection(amqp.Connection):  # type: ignore[misc]
    # With `connection.blocked` py-amqp reads from the socket before every publish, in the publisher's
    # thread: slow, and a race with the reader. The broker's back-pressure then shows as a slow write.
    negotiate_capabilities: ClassVar[dict[str, bool]] = {
        "consumer_cancel_notify": True,
        "authentication_failure_close": True,
    }

    @property
    def transport(self) -> Any:
        # py-amqp's own makes a connection that has ended again when it is asked for: behind everybody's back,
        # with a warning on stderr, and also for whoever only wants to let the connection go.
        return self._transport

    @transport.setter
    def transport(self, transport: Any) -> None:
        self._transport = transport

    def on_inbound_method(
        self, channel_id: int, method_sig: tuple[int, int], payload: Any, content: Any
    ) -> Any:
        # Whoever has said good-bye discards what still comes in (AMQP 0-9-1, connection.close).
        if self.is_closing and method_sig != amqp.spec.Connection.CloseOk:
            return True
        return super().on_inbound_method(channel_id, method_sig, payload, content)


def connect(url: str, *, name: str, **options: Any) -> amqp.Connection:
    """Open one connection.

    Args:
        url: `amqp://user:password@host:port/vhost`; no path means the vhost `/`.
        name: what the broker's operator sees it called.
        options: of py-amqp's, beside ours.
    """
    parts = urlsplit(url)
    connection = _Connection(
        host=f"{parts.hostname or '127.0.0.1'}:{parts.port or 5672}",
        userid=unquote(parts.username or "guest"),
        password=unquote(parts.password or "guest"),
        virtual_host=unquote(parts.path[1:]) or "/",
        heartbeat=HEARTBEAT,
        connect_timeout=2,
        client_properties={"connection_name": name},
        # Small frames must not wait for an acknowledgement of the one before (Nagle).
        socket_settings={socket.TCP_NODELAY: 1},
        **{"write_timeout": 5, **options},
    )
    connection.connect()
    return connection


def hang_up(connection: amqp.Connection | None) -> None:
    """Make a connection useless at once, waking whoever reads from it; never raises.

    The socket stays open until its reader lets it go: closed under a waiting greenlet, it would never wake.
    """
    if connection is not None:
        with suppress(*BROKEN):
            connection.transport.sock.shutdown(socket.SHUT_RDWR)


def say_good_bye(connection: amqp.Connection | None) -> None:
    """Tell the broker that a connection ends, without waiting for its answer; never raises.

    A broker that was not told logs a warning for every connection, and its operator looks for what is wrong.
    """
    if connection is not None:
        with suppress(*BROKEN):
            connection.is_closing = True
            connection.send_method(amqp.spec.Connection.Close, "BsBB", (0, "", 0, 0))


def let_go(connection: amqp.Connection | None) -> None:
    """Give a connection's resources back; never raises."""
    hang_up(connection)
    if connection is not None:
        with suppress(Exception):
            connection.collect()


class Line:
    """One connection with a reader of its own, kept open until `stop`.

    Args:
        url: where the broker is, see `connect`.
        name: for the operator and the metrics, such as `discussion`.
        on_open: run by the reader on every new connection, before anybody may write: make channels, declare.
        on_ready: run by the reader after that, when others may write: consume.
        on_loss: run by the reader when a connection is lost, also one that never became ready.
        patience: seconds that a write may take, its turn included, before the broker counts as stuck.
    """

    def __init__(
        self,
        url: str,
        name: str,
        on_open: Callable[[amqp.Connection], None],
        on_ready: Callable[[amqp.Connection], None] = lambda connection: None,
        on_loss: Callable[[], None] = lambda: None,
        patience: float = 5.0,
    ) -> None:
        self.url = url
        self.name = name
        self.on_open = on_open
        self.on_ready = on_ready
        self.on_loss = on_loss
        self.patience = patience
        self.is_open = threading.Event()
        self._connection: amqp.Connection | None = None
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to connect; returns at once."""
        metrics.BROKER_CONNECTED.labels(self.name)
        metrics.BROKER_LOSSES.labels(self.name)
        for work in (self._read, self._beat):
            thread = threading.Thread(target=work, name=f"{self.name}{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Close for good. What was delivered and not acknowledged goes back to its queue."""
        self._stopping.set()
        reader = self._threads[0] if self._threads else None
        if self.is_open.is_set() and reader and self._writing.acquire(timeout=GOOD_BYE):
            try:
                say_good_bye(self._connection)
            finally:
                self._writing.release()
            reader.join(timeout=GOOD_BYE)
        hang_up(self._connection)
        for thread in self._threads:
            thread.join(timeout=5)

    @contextmanager
    def writing(self, channel: amqp.Channel | None, patience: float | None = None) -> Iterator[None]:
        """The right to write to `channel`; everybody else waits.

        Args:
            channel: one of this line's; one of an earlier connection counts as no connection.
            patience: seconds to wait for one's turn, instead of the line's own.

        Raises:
            LineDown: the connection is gone, before or during the write.
        """
        if not self._writing.acquire(timeout=max(0.0, self.patience if patience is None else patience)):
            raise LineDown(f"{self.name}: the broker takes nothing")
        connection = self._connection
        try:
            if not self.is_open.is_set() or channel is None or channel.connection is not connection:
                raise LineDown(f"{self.name}: no connection to the broker")
            yield
        except BROKEN as error:
            hang_up(connection)
            raise LineDown(f"{self.name}: {error!r}") from error
        finally:
            self._writing.release()

    def _read(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            try:
                self._connection = connect(
                    self.url, name=f"commonplace {self.name}", write_timeout=self.patience
                )
                self.on_open(self._connection)
                pause = 0.1
                self._set_open(True)
                self.on_ready(self._connection)
                while not self._stopping.is_set():
                    self._connection.drain_events()
                while True:  # until the broker has answered our good-bye, which ends the connection
                    self._connection.drain_events(timeout=GOOD_BYE)
            except Exception as error:  # noqa: BLE001 - whatever ended the reading, the line comes back
                if not self._stopping.is_set():
                    log.warning("line.lost", line=self.name, error=repr(error)[:200])
            finally:
                was_open = self.is_open.is_set()
                self._set_open(False)
                let_go(self._connection)
                self.on_loss()
                if was_open and not self._stopping.is_set():
                    metrics.BROKER_LOSSES.labels(self.name).inc()
            if not self._stopping.wait(pause):
                pause = min(SLOWEST_RECONNECT, pause * 2)

    def _set_open(self, is_open: bool) -> None:
        (self.is_open.set if is_open else self.is_open.clear)()
        metrics.BROKER_CONNECTED.labels(self.name).set(is_open)

    def _beat(self) -> None:
        while not self._stopping.wait(HEARTBEAT / 4):
            if not self.is_open.is_set():
                continue
            connection = self._connection
            if not self._writing.acquire(timeout=HEARTBEAT / 2):
                hang_up(connection)
                continue
            try:
                if connection is not None:
                    connection.heartbeat_tick()
            except BROKEN:
                hang_up(connection)
            finally:
                self._writing.release()
