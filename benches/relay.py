"""Facts told per second by the outbox's relay: found, published with confirmations, deleted.

Beside it the limit, py-amqp publishing the same bodies from memory in windows with confirmations.
"""

import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import amqp

from benches.place import Place, in_turns, place, rate_until, ratio
from benches.speaker import Said
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.store import OUTBOX, OWN_INDEXES, Store
from shared.wiring.store import connect as connect_database

FACTS = 20_000
ROUNDS = 7
WINDOW = 500
HELD_TO = 0.6


def run(folder: Path) -> dict[str, object]:
    """Measure; returns rates by contender and the ratio the project holds itself to."""
    with place(folder) as here:
        figures = in_turns(ROUNDS, raw=lambda: _raw(here), relay=lambda: _relay(here))
    return {"rates": figures, "ratios": {"relay / raw": (ratio(figures, "relay", "raw"), HELD_TO)}}


def _bodies(store: Store) -> list[dict[str, object]]:
    rows = store.outbox_rows([Said(thing=f"t{number}", text="x" * 300) for number in range(FACTS)])
    past = datetime.now(UTC) - timedelta(minutes=1)
    return [{**row, "due": past} for row in rows]


def _store(here: Place) -> Store:
    return Store(connect_database(here.mongo), here.database("speaker").name, "speaker")


def _empty(here: Place) -> None:
    connection = connect(here.broker, name="bench")
    channel = connection.channel()
    queues.declare_waiting(channel, "nobody")
    channel.queue_purge(queues.declare_listening(channel, "nobody", Said))
    connection.close()


def _relay(here: Place) -> float:
    _empty(here)
    store = _store(here)
    store.ensure(OWN_INDEXES)
    outbox = store.database[OUTBOX]
    rows = _bodies(store)
    for first in range(0, FACTS, 5000):
        outbox.insert_many(rows[first : first + 5000])
    here.spawn("-m", "shared.wiring.run", "benches.speaker:speaker")
    rate = rate_until(lambda: FACTS - outbox.estimated_document_count(), FACTS)
    here.end_children()
    return rate


def _raw(here: Place) -> float:
    _empty(here)
    bodies = here.folder / "bodies.json"
    bodies.write_text(json.dumps([bytes(row["body"]).decode() for row in _bodies(_store(here))]))  # type: ignore[call-overload]
    done = here.folder / "rate"
    done.unlink(missing_ok=True)
    here.spawn("-m", "benches.relay", here.broker, str(bodies), str(done)).wait(120)
    return float(done.read_text())


def publish_raw(broker: str, bodies: list[str]) -> float:
    """Publish in windows, waiting for each window's confirmations; returns messages a second."""
    channel = connect(broker, name="raw").channel()
    channel.confirm_select()
    open_tags: set[int] = set()

    def on_ack(tag: int, multiple: bool) -> None:
        open_tags.difference_update({each for each in open_tags if each <= tag} if multiple else {tag})

    channel.events["basic_ack"].add(on_ack)
    began = datetime.now(UTC)
    tag = 0
    for first in range(0, len(bodies), WINDOW):
        for body in bodies[first : first + WINDOW]:
            tag += 1
            open_tags.add(tag)
            message = amqp.Message(body, delivery_mode=2)
            channel.basic_publish(message, exchange="speaker.events", routing_key=Said.type(), mandatory=True)
        while open_tags:
            channel.connection.drain_events(timeout=10)
    return len(bodies) / (datetime.now(UTC) - began).total_seconds()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[3]).write_text(str(publish_raw(sys.argv[1], json.loads(Path(sys.argv[2]).read_text()))))
    else:
        with tempfile.TemporaryDirectory() as folder:
            json.dump(run(Path(folder)), sys.stdout, indent=1)
