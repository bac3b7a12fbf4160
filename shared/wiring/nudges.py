"""Nudges: what tells the streams of a node that inboxes have something new.

Transient and unconfirmed, through a topic exchange: who misses one finds the
notification in the inbox, so that nothing here waits, repeats or keeps.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import amqp
from nameko.extensions import DependencyProvider

from shared.contracts.notifications import NUDGES, Nudge
from shared.settings import ServiceSettings
from shared.wiring.broker import Line, LineDown


class Nudges:
    """Sends nudges while there is a connection, and passes over them while there is none."""

    def __init__(self, broker_url: str, name: str) -> None:
        self.line = Line(broker_url, f"{name}.nudges", self._on_open)
        self._channel: amqp.Channel | None = None

    def send(self, nudges: Iterable[Nudge]) -> None:
        """Send these, best effort; never raises for want of a broker."""
        bodies = [nudge.model_dump_json().encode() for nudge in nudges]
        channel = self._channel
        if not bodies or channel is None:
            return
        with suppress(LineDown), self.line.writing(channel, patience=0.1):
            for body in bodies:
                message = amqp.Message(body, delivery_mode=1, content_type="application/json")
                channel.basic_publish(message, exchange=NUDGES, routing_key=Nudge.type())

    def _on_open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.exchange_declare(NUDGES, "topic", durable=True, auto_delete=False)
        self._channel = channel


class NudgeSender(DependencyProvider):  # type: ignore[misc]
    """Gives a nameko service its `Nudges`."""

    def setup(self) -> None:
        self.nudges = Nudges(ServiceSettings().broker, self.container.service_name)

    def start(self) -> None:
        self.nudges.line.start()

    def stop(self) -> None:
        self.nudges.line.stop()

    def get_dependency(self, _worker_context: Any) -> Nudges:
        return self.nudges
