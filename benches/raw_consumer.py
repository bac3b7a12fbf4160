"""The limit for hearing: py-amqp, a hundred messages at a time, one `insert_many`, one acknowledgement."""

import json
import sys

import amqp
from pymongo import MongoClient

from shared.wiring.broker import connect

HUNDRED = 100


def main(broker: str, mongo: str, database: str) -> None:
    """Consume until killed."""
    effects = MongoClient(mongo, w="majority", journal=True)[database]["effects"]
    channel = connect(broker, name="raw").channel()
    batch: list[amqp.Message] = []

    def on_message(message: amqp.Message) -> None:
        batch.append(message)
        if len(batch) == HUNDRED:
            effects.insert_many([json.loads(one.body)["data"] for one in batch])
            channel.basic_ack(message.delivery_tag, multiple=True)
            batch.clear()

    channel.basic_qos(0, 2 * HUNDRED, False)
    channel.basic_consume("raw", callback=on_message)
    while True:
        channel.connection.drain_events()


if __name__ == "__main__":
    main(*sys.argv[1:])
