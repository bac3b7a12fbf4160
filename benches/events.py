"""Facts heard per second: each with its effect and the memory of having heard it, in one transaction.

Beside it the limit, py-amqp taking a hundred at a time and writing them with one `insert_many`, and
what users would take instead, a FastStream subscriber that writes one by one. All three read the
same messages from quorum queues and wait for MongoDB's disk.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benches.listener import Happened
from benches.place import Place, in_turns, place, rate_until, ratio
from shared.contracts.envelope import Envelope
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.publisher import ConfirmedPublisher, Parcel

FACTS = 20_000
ONE_BY_ONE = 3_000
ROUNDS = 3


def run(folder: Path) -> dict[str, object]:
    """Measure; returns rates by contender and the ratios the project holds itself to."""
    with place(folder) as here:
        connection = connect(here.broker, name="bench")
        channel = connection.channel()
        queues.declare_waiting(channel, "bench")
        queues.declare_listening(channel, "bench", Happened)
        for queue in ("raw", "faststream"):
            channel.queue_declare(
                queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"}
            )
        connection.close()
        figures = in_turns(
            ROUNDS,
            raw=lambda: _raw(here),
            ours=lambda: _ours(here, processes=1),
            ours_two=lambda: _ours(here, processes=2),
            faststream=lambda: _faststream(here),
        )
    return {
        "rates": figures,
        "ratios": {
            "one process / raw": (ratio(figures, "ours", "raw"), 0.6),
            "two processes / raw": (ratio(figures, "ours_two", "raw"), 0.6),
            "one process / FastStream one by one": (ratio(figures, "ours", "faststream"), 5.0),
        },
    }


def _fill(here: Place, exchange: str, key: str, count: int) -> None:
    publisher = ConfirmedPublisher(here.broker, "bench.filler")
    moment = datetime.now(UTC)
    for first in range(0, count, 500):
        parcels = []
        for number in range(first, min(first + 500, count)):
            fact = Happened(thing=f"t{number}", number=number, text="x" * 300)
            body = Envelope.wrap(fact, id=f"{number:024x}", source="bench", time=moment).model_dump_json()
            parcels.append(Parcel(exchange, key, body.encode(), {"content_type": "application/json"}))
        taken = publisher.publish(parcels)
        assert len(taken) == len(parcels), "the broker did not take every message"
    publisher.close()


def _ours(here: Place, processes: int) -> float:
    database = here.database("bench")
    for collection in ("effects", "heard"):
        database[collection].delete_many({})
    _fill(here, "bench.events", Happened.type(), FACTS)
    for _ in range(processes):
        here.spawn("-m", "shared.wiring.run", "benches.listener:bench")
    rate = rate_until(database["effects"].estimated_document_count, FACTS)
    while (remembered := database["heard"].count_documents({})) < FACTS:
        time.sleep(0.05)
    assert remembered == database["effects"].count_documents({}) == FACTS
    here.end_children()
    return rate


def _raw(here: Place) -> float:
    database = here.database("raw")
    database["effects"].delete_many({})
    database["effects"].create_index("number")
    database["effects"].drop_indexes()
    _fill(here, "", "raw", FACTS)
    here.spawn("-m", "benches.raw_consumer", here.broker, here.mongo, database.name)
    rate = rate_until(database["effects"].estimated_document_count, FACTS)
    here.end_children()
    return rate


def _faststream(here: Place) -> float:
    database = here.database("faststream")
    database["effects"].delete_many({})
    _fill(here, "", "faststream", ONE_BY_ONE)
    here.spawn("-m", "benches.faststream_consumer", here.broker, here.mongo, database.name)
    rate = rate_until(database["effects"].estimated_document_count, ONE_BY_ONE)
    here.end_children()
    return rate


if __name__ == "__main__":
    import json
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
