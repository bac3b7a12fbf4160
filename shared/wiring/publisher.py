"""Publishing so that the broker says what it has taken: in windows, with its confirmations.

A connection of its own, apart from what is consumed: a broker under memory pressure stops reading
from publishers, and what was heard must still be acknowledged then.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import amqp
from amqp.method_framing import frame_writer

from shared.wiring import metrics
from shared.wiring.broker import BROKEN, GOOD_BYE, LineDown, connect, let_go, say_good_bye


@dataclass
class Parcel:
    """One message to be published and confirmed.

    Args:
        exchange, routing_key: where to; the empty exchange with a queue's name goes to that queue.
        body: the bytes.
        properties: AMQP properties such as `message_id` and `content_type`.
        headers: AMQP headers.
        must_arrive: True when a message that no queue takes counts as not published.
    """

    exchange: str
    routing_key: str
    body: bytes
    properties: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    must_arrive: bool = True


class _Cork:
    """Stands between py-amqp's frame writer and its transport, and sends a whole window in a few writes.

    py-amqp sends every message by itself; under load most of its time goes into those system calls.
    """

    ENOUGH = 256 * 1024

    def __init__(self) -> None:
        self._send: Callable[[bytes | memoryview], None] = lambda data: None
        self._held: bytearray | None = None

    def frame_writer(self, connection: amqp.Connection, transport: Any) -> Any:
        """Make py-amqp's own writer, writing through this."""
        self._send = transport.write
        self._held = None
        return frame_writer(connection, self)

    def write(self, data: bytes | memoryview) -> None:
        """Send `data`, or hold it until there is enough."""
        if self._held is None:
            self._send(data)
            return
        self._held += data
        if len(self._held) >= self.ENOUGH:
            self._send(bytes(self._held))
            self._held.clear()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold what is written inside, and send it at the end."""
        self._held = bytearray()
        try:
            yield
            if self._held:
                self._send(bytes(self._held))
        finally:
            self._held = None


class ConfirmedPublisher:
    """Publishes in windows and says which messages the broker has taken; for one thread at a time.

    Args:
        url, name: as for `Line`.
        on_open: run on every new connection: declare what is published to.
        timeout: seconds to wait for the broker's confirmations of a window.
    """

    def __init__(
        self,
        url: str,
        name: str,
        on_open: Callable[[amqp.Connection], None] | None = None,
        timeout: float = 10.0,
    ) -> None:
        self.url = url
        self.name = name
        self.on_open = on_open
        self.timeout = timeout
        self._connection: amqp.Connection | None = None
        self._channel: amqp.Channel | None = None
        self._next_tag = 1
        self._awaited: dict[int, int] = {}
        self._refused: set[int] = set()
        self._positions: dict[str, int] = {}
        self._cork = _Cork()

    def publish(self, parcels: Sequence[Parcel]) -> set[int]:
        """Publish all and wait for the broker.

        Returns:
            the positions in `parcels` that the broker has confirmed; the rest may or may not have arrived.

        Raises:
            LineDown: nothing could be sent or the connection broke; all, some or none may have arrived.
        """
        try:
            channel = self._open_channel()
            return self._publish(channel, parcels)
        except BROKEN as error:
            self.close()
            raise LineDown(f"{self.name}: {error!r}") from error

    def idle(self) -> None:
        """Keep an unused connection alive, and notice when it is not."""
        if self._connection is None:
            return
        try:
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=0.001)
            self._connection.heartbeat_tick()
        except BROKEN:
            self.close()

    def close(self, politely: bool = False) -> None:
        """Let the connection go; the next publish makes a new one.

        Args:
            politely: tell the broker first, and give it a second to answer; for a connection in good order.
        """
        if politely and (connection := self._connection) is not None:
            say_good_bye(connection)
            with suppress(*BROKEN):
                while True:  # until the broker's answer, which ends the connection
                    connection.drain_events(timeout=GOOD_BYE)
        let_go(self._connection)
        self._connection = self._channel = None
        metrics.BROKER_CONNECTED.labels(self.name).set(0)

    def connect(self) -> None:
        """Connect and declare now rather than at the first publish; raises `LineDown` when it cannot."""
        try:
            self._open_channel()
        except BROKEN as error:
            self.close()
            raise LineDown(f"{self.name}: {error!r}") from error

    def _open_channel(self) -> amqp.Channel:
        if self._channel is None:
            self._connection = connect(
                self.url, name=f"commonplace {self.name}", frame_writer=self._cork.frame_writer
            )
            if self.on_open:
                self.on_open(self._connection)
            self._channel = self._connection.channel()
            self._channel.confirm_select()
            self._channel.events["basic_ack"].add(self._on_ack)
            self._channel.events["basic_nack"].add(self._on_nack)
            self._channel.events["basic_return"].add(self._on_return)
            self._next_tag = 1
            self._awaited.clear()
            metrics.BROKER_CONNECTED.labels(self.name).set(1)
        return self._channel

    def _publish(self, channel: amqp.Channel, parcels: Sequence[Parcel]) -> set[int]:
        self._awaited.clear()
        self._refused.clear()
        self._positions.clear()
        with self._cork.holding():
            for position, parcel in enumerate(parcels):
                self._send(channel, position, parcel)
        end = time.monotonic() + self.timeout
        while self._awaited and (left := end - time.monotonic()) > 0:
            with suppress(TimeoutError):
                channel.connection.drain_events(timeout=left)
        unconfirmed = set(self._awaited.values()) | self._refused
        if self._awaited:
            self.close()
        return {position for position in range(len(parcels)) if position not in unconfirmed}

    def _send(self, channel: amqp.Channel, position: int, parcel: Parcel) -> None:
        properties = parcel.properties
        if "message_id" not in properties:
            properties = {**properties, "message_id": secrets.token_hex(12)}
        self._positions[properties["message_id"]] = position
        self._awaited[self._next_tag] = position
        self._next_tag += 1
        message = amqp.Message(parcel.body, delivery_mode=2, application_headers=parcel.headers, **properties)
        channel.basic_publish(
            message, exchange=parcel.exchange, routing_key=parcel.routing_key, mandatory=parcel.must_arrive
        )

    def _settled(self, tag: int, multiple: bool) -> list[int]:
        tags = list(takewhile(lambda waiting: waiting <= tag, self._awaited)) if multiple else [tag]
        return [self._awaited.pop(settled) for settled in tags if settled in self._awaited]

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settled(tag, multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._refused.update(self._settled(tag, multiple))

    def _on_return(self, _error: Exception, _exchange: str, _key: str, message: amqp.Message) -> None:
        position = self._positions.get(message.properties.get("message_id", ""))
        if position is not None:
            self._refused.add(position)
