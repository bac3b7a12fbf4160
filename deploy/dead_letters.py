"""Dead letters: facts that a service could not handle, kept with the reason until a person has decided.

Looking takes letters out of their queue without acknowledging them, and gives all back when the connection
closes; for that moment a second person who looks sees fewer. RabbitMQ may give them back in another order,
which nothing here relies on: each says when it died. A letter that is replayed is published to the queue it came from,
and leaves the dead letters only once the broker has confirmed that: should we die between, it is heard twice,
and listeners remember what they have heard.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import amqp

from deploy.node.problems import NodeProblem
from shared.contracts.speakers import SPEAKERS, facts_of
from shared.wiring import queues
from shared.wiring.broker import LineDown, connect, let_go
from shared.wiring.publisher import ConfirmedPublisher, Parcel

SERVICES = tuple(
    sorted({listener for speaker in SPEAKERS for fact in facts_of(speaker) for listener in fact.heard_by})
)
"""Every service that hears something, and so may have dead letters."""

OF_THE_FACT = ("message_id", "content_type", "type", "timestamp")
OF_ITS_DEATH = (
    "x-attempts",
    "x-reason",
    "x-traceback",
    "x-queue",
    "x-died-at",
    "x-position",
    "x-delivery-count",
)


@dataclass(frozen=True)
class Letter:
    """One dead letter.

    Args:
        id: the fact's own id; of a message without one, the beginning of its body's digest.
        service: who could not handle it.
        queue: where it was heard, and goes back to when it is replayed; empty when nobody knows.
        reason: what went wrong, in a sentence.
        attempts: how often it was tried.
        died_at: when it was given up, as RFC 3339; empty when nobody knows.
        traceback: where in the code it went wrong; empty for what could not be read.
        body: what was told, as text.
    """

    id: str
    service: str
    queue: str
    reason: str
    attempts: int
    died_at: str
    traceback: str
    body: str


Wanted = Callable[[Letter], bool]


def count(broker: str, services: Sequence[str] = SERVICES) -> int:
    """Return how many letters there are."""
    total = 0
    for service in services:
        with _queue(broker, service) as (_, waiting):
            total += waiting
    return total


def look(
    broker: str, wanted: Wanted, services: Sequence[str] = SERVICES, most: int | None = None
) -> list[Letter]:
    """Return the letters that are wanted, first to die first; all stay where they are.

    Args:
        broker: where RabbitMQ is.
        wanted: says of a letter whether it is.
        services: whose letters.
        most: how many of each service to look at; all when left out.
    """
    found = []
    for service in services:
        with _queue(broker, service) as (channel, waiting):
            taken = _taken(channel, service, waiting if most is None else min(most, waiting))
            found += [letter for message in taken if wanted(letter := _read(service, message))]
    return sorted(found, key=lambda letter: (letter.died_at, letter.id))


def replay(
    broker: str, wanted: Wanted, services: Sequence[str] = SERVICES
) -> tuple[list[Letter], list[Letter]]:
    """Send the letters that are wanted back to where they were heard, as if told for the first time.

    Returns:
        those that went back, and those that stay because the broker did not take them or nobody knows where to.
    """
    publisher = ConfirmedPublisher(broker, "dead-letters")
    try:
        return _settle(
            broker, wanted, services, lambda letter, message: _send_back(publisher, letter, message)
        )
    finally:
        publisher.close(politely=True)


def drop(broker: str, wanted: Wanted, services: Sequence[str] = SERVICES) -> list[Letter]:
    """Throw the letters that are wanted away, for good; returns them."""
    gone, _ = _settle(broker, wanted, services, lambda _letter, _message: True)
    return gone


def _settle(
    broker: str, wanted: Wanted, services: Sequence[str], act: Callable[[Letter, amqp.Message], bool]
) -> tuple[list[Letter], list[Letter]]:
    """Acknowledge each wanted letter for which `act` says so; return those, and the others that were wanted."""
    settled: list[Letter] = []
    staying: list[Letter] = []
    for service in services:
        with _queue(broker, service) as (channel, waiting):
            for message in _taken(channel, service, waiting):
                letter = _read(service, message)
                if not wanted(letter):
                    continue
                if act(letter, message):
                    channel.basic_ack(message.delivery_tag)
                    settled.append(letter)
                else:
                    staying.append(letter)
    return settled, staying


def _send_back(publisher: ConfirmedPublisher, letter: Letter, message: amqp.Message) -> bool:
    if not letter.queue:
        return False
    properties = {name: value for name in OF_THE_FACT if (value := message.properties.get(name))}
    headers = {
        name: value
        for name, value in (message.headers or {}).items()
        if name not in OF_ITS_DEATH and "death" not in name
    }
    parcel = Parcel("", letter.queue, _bytes(message.body), properties, headers)
    return bool(publisher.publish([parcel]))


@contextmanager
def _queue(broker: str, service: str) -> Iterator[tuple[amqp.Channel, int]]:
    """Yield a channel and how many letters of `service` wait; what was taken and not acknowledged goes back."""
    connection = None
    try:
        connection = connect(broker, name=f"commonplace dead-letters {service}")
        channel = connection.channel()
        try:
            waiting = channel.queue_declare(queues.dead_letters(service), passive=True).message_count
        except amqp.NotFound:
            waiting = 0  # this service has never run here
        yield channel, waiting
        connection.close()
    except (amqp.AMQPError, OSError, LineDown) as error:
        raise NodeProblem(
            f"The broker does not answer ({error}): `make status` says how the node is; what was not done yet"
            " can be done again."
        ) from error
    finally:
        let_go(connection)


def _taken(channel: amqp.Channel, service: str, waiting: int) -> Iterator[amqp.Message]:
    for _ in range(waiting):
        message = channel.basic_get(queues.dead_letters(service))
        if message is None:
            return
        yield message


def _read(service: str, message: amqp.Message) -> Letter:
    headers: dict[str, Any] = message.headers or {}
    # The broker's own words, of what it gave up after too many deliveries.
    deaths = headers.get("x-death") or [{}]
    reason = headers.get("x-reason") or (
        f"The broker gave it up: {headers.get('x-first-death-reason', 'nobody knows why')}."
    )
    died = headers.get("x-died-at") or deaths[0].get("time") or ""
    body = _bytes(message.body)
    return Letter(
        id=message.properties.get("message_id") or hashlib.sha256(body).hexdigest()[:24],
        service=service,
        queue=headers.get("x-queue") or headers.get("x-first-death-queue") or "",
        reason=str(reason),
        attempts=int(headers.get("x-attempts") or deaths[0].get("count") or 0),
        died_at=died.astimezone(UTC).isoformat() if isinstance(died, datetime) else str(died),
        traceback=str(headers.get("x-traceback") or ""),
        body=body.decode(errors="replace"),
    )


def _bytes(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body
