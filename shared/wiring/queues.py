"""Which exchanges and queues there are, how they are named, and how they keep what they are given.

    <speaker>.events                     topic exchange; routing key = the contract's type
    <listener>.hears.<contract>          quorum queue, one for each listener and contract
    <listener>.waits.<seconds>           exchange and quorum queue: what failed waits here, then goes back
    <listener>.dead-letters              quorum queue: what cannot be handled, with the reason in its headers
    <service>.calls                      classic queue of transient calls, lost with the broker: their callers know

Queues are named by contract, not by method, so that a renamed method finds its messages. The
speaker declares its listeners' queues too, before it says the first word: a listener that has
never run yet loses nothing.

A *classic* queue dead-letters without confirmation, and loses what expires while its target
recovers from a broker's crash; quorum queues with `at-least-once` do not.
"""

from typing import Any

import amqp

from shared.contracts.envelope import Contract

RETRY_DELAYS = (1, 5, 30, 120)
"""Seconds a fact waits before the second, third, … attempt; after the last it is a dead letter."""

MANY_DELIVERIES = 1_000_000
"""For dead letters: being looked at counts as a delivery, and must never make one disappear."""


def exchange_of(speaker: str) -> str:
    """The exchange in which a service's facts are told."""
    return f"{speaker}.events"


def listening_queue(listener: str, contract: type[Contract]) -> str:
    """The queue in which a contract's facts wait for one listener."""
    return f"{listener}.hears.{contract.speaker}.{contract.word}.v{contract.version}"


def waiting_place(listener: str, seconds: int) -> str:
    """The exchange, and the queue behind it, in which a listener's failed facts wait."""
    return f"{listener}.waits.{seconds}s"


def dead_letters(listener: str) -> str:
    """The queue of what a listener could not handle."""
    return f"{listener}.dead-letters"


def calls_queue(service: str) -> str:
    """The queue in which calls wait for a service."""
    return f"{service}.calls"


def declare_listening(channel: amqp.Channel, listener: str, contract: type[Contract]) -> str:
    """Make sure that `listener`'s queue for `contract` exists and is bound; returns its name."""
    name = listening_queue(listener, contract)
    channel.exchange_declare(exchange_of(contract.speaker), "topic", durable=True, auto_delete=False)
    channel.queue_declare(
        name,
        durable=True,
        auto_delete=False,
        arguments=_kept_safely(
            {
                "x-delivery-limit": 50,
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": dead_letters(listener),
            }
        ),
    )
    channel.queue_bind(name, exchange_of(contract.speaker), contract.type())
    return name


def declare_waiting(channel: amqp.Channel, listener: str) -> None:
    """Make sure that there is a place for what fails: the waiting queues and the dead letters."""
    channel.queue_declare(
        dead_letters(listener),
        durable=True,
        auto_delete=False,
        arguments={"x-queue-type": "quorum", "x-delivery-limit": MANY_DELIVERIES},
    )
    for seconds in RETRY_DELAYS:
        place = waiting_place(listener, seconds)
        channel.exchange_declare(place, "fanout", durable=True, auto_delete=False)
        # No dead-letter routing key: what expires keeps its own, the name of the queue it came from.
        arguments = {"x-message-ttl": seconds * 1000, "x-dead-letter-exchange": ""}
        channel.queue_declare(place, durable=True, auto_delete=False, arguments=_kept_safely(arguments))
        channel.queue_bind(place, place)


def _kept_safely(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-dead-letter-strategy": "at-least-once",
        **arguments,
    }
