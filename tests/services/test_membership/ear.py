"""Hears what the membership service tells, as any listener would."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlparse

import amqp
from pydantic_core import from_json

from shared.wiring.queues import exchange_of


class Ear:
    """A queue of its own for every fact of the membership service."""

    def __init__(self, broker_url: str) -> None:
        url = urlparse(broker_url)
        self.connection = amqp.Connection(
            f"{url.hostname}:{url.port}",
            userid=url.username,
            password=url.password,
            virtual_host=url.path[1:],
            confirm_publish=True,
        )
        self.connection.connect()
        self.channel = self.connection.channel()
        exchange = exchange_of("membership")
        self.channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        self.queue = self.channel.queue_declare("", exclusive=True).queue
        self.channel.queue_bind(self.queue, exchange, "#")
        self.heard: list[dict[str, Any]] = []

    def hear(self, word: str, count: int = 1, where: Callable[[dict[str, Any]], bool] = bool) -> list[Any]:
        """Wait until `count` facts of a word for which `where` holds were told; returns what they say."""
        deadline = time.monotonic() + 10
        while True:
            found = [
                fact["data"] for fact in self.heard if f".{word}.v" in fact["type"] and where(fact["data"])
            ]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"only {len(found)} of {count} {word} were told"
            self._take()

    def nothing(self, word: str, where: Callable[[dict[str, Any]], bool]) -> bool:
        """Say whether no such fact was told until now; hear something told later first, so that it is known."""
        self._take()
        return not any(f".{word}.v" in fact["type"] and where(fact["data"]) for fact in self.heard)

    def close(self) -> None:
        self.connection.close()

    def _take(self) -> None:
        took = False
        while (message := self.channel.basic_get(self.queue, no_ack=True)) is not None:
            self.heard.append(from_json(message.body))
            took = True
        if not took:
            time.sleep(0.02)
