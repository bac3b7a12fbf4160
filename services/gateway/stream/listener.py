"""Hears nudges, from a queue that lives as long as this process's connection."""

from collections.abc import Callable, Container
from typing import NamedTuple

import amqp
import structlog
from pydantic import ValidationError

from shared.contracts.calls.notifications import Notification
from shared.contracts.notifications import NUDGES, Nudge
from shared.wiring.broker import Line

log = structlog.get_logger()

MOST_WAITING = 20_000
"""Nudges kept for a process that is slow; beyond, the oldest go, and its streams catch up."""


class Arrival(NamedTuple):
    """Something new in the inbox of a member who has a stream open here, and its place there."""

    member: str
    place: int
    notification: Notification


class Listener:
    """Takes nudges in a thread of its own and hands over what concerns the open streams.

    Args:
        broker_url: where the broker is.
        open_here: the members who have a stream open; asked from the listener's thread.
        on_arrivals: takes what arrived, in that thread.
        on_open: called there on every new connection, once nudges flow: those before it were missed.
    """

    def __init__(
        self,
        broker_url: str,
        open_here: Container[str],
        on_arrivals: Callable[[list[Arrival]], None],
        on_open: Callable[[], None],
    ) -> None:
        self._open_here = open_here
        self._on_arrivals = on_arrivals
        self._opened = on_open
        self._line = Line(broker_url, "stream.nudges", self._on_open)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._line.start()

    def stop(self) -> None:
        """Listen no more."""
        self._line.stop()

    def ready(self) -> str | None:
        """None while nudges flow, else one sentence saying why not."""
        return None if self._line.is_open.is_set() else "There is no connection to RabbitMQ."

    def _on_open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.exchange_declare(NUDGES, "topic", durable=True, auto_delete=False)
        arguments = {"x-max-length": MOST_WAITING}
        name = channel.queue_declare("", exclusive=True, auto_delete=True, arguments=arguments).queue
        channel.queue_bind(name, NUDGES, "#")
        channel.basic_consume(name, no_ack=True, callback=self._on_message)
        self._opened()

    def _on_message(self, message: amqp.Message) -> None:
        try:
            nudge = Nudge.model_validate_json(message.body, extra="ignore")
        except ValidationError as error:
            log.warning("nudge.unreadable", errors=error.errors(include_input=False)[:3])
            return
        arrivals = arrivals_for(nudge, self._open_here)
        if arrivals:
            self._on_arrivals(arrivals)


def arrivals_for(nudge: Nudge, open_here: Container[str]) -> list[Arrival]:
    """What a nudge brings to the members who have a stream open."""
    return [
        Arrival(
            member,
            nudge.position,
            Notification(
                notification=f"{nudge.thing}.{member}",
                community=nudge.community,
                community_title=nudge.community_title,
                kind=nudge.kind,
                title=nudge.title,
                by=nudge.by,
                reasons=group.reasons,
                link=nudge.link,
                at=nudge.at,
                read_at=None,
            ),
        )
        for group in nudge.reached
        for member in group.members
        if member in open_here
    ]
