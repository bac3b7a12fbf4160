"""What users would take instead: a FastStream subscriber that writes one document a message."""

import asyncio
import sys
from typing import Any

from faststream import FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from pymongo import AsyncMongoClient


def main(broker_url: str, mongo: str, database: str) -> None:
    """Consume until killed."""
    effects = AsyncMongoClient(mongo, w="majority", journal=True)[database]["effects"]
    broker = RabbitBroker(broker_url, default_channel=Channel(prefetch_count=100), logger=None)

    @broker.subscriber(RabbitQueue("faststream", durable=True, queue_type=QueueType.QUORUM))
    async def heard(body: dict[str, Any]) -> None:
        await effects.insert_one(body["data"])

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main(*sys.argv[1:])
