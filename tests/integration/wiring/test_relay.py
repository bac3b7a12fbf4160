"""The relay on a real RabbitMQ and MongoDB: what somebody left in an outbox is told, by one of several."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import amqp
import pytest
from pymongo import MongoClient

from shared.contracts.speakers import SPEAKERS
from shared.wiring import queues
from shared.wiring.broker import connect
from shared.wiring.lease import Lease
from shared.wiring.outbox import Relay
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from shared.wiring.store import LEASES, OUTBOX, OWN_INDEXES, Store
from tests.integration.wiring import ledger_words
from tests.integration.wiring.ledger_words import Paid
from tests.integration.wiring.test_calls_and_facts import eventually

LEFT = 3_000
LASTS = timedelta(seconds=1)


class Outbox:
    """The ledger's outbox, with relays that come and go, and what reaches its listener's queue."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.broker = environment["COMMONPLACE_BROKER"]
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            environment["COMMONPLACE_MONGO"], tz_aware=True
        )
        name = f"{environment['COMMONPLACE_DATABASE_PREFIX']}_ledger"
        self.store = Store(self.client, name, "ledger")
        self.store.ensure(OWN_INDEXES)
        self.rows = self.store.database[OUTBOX]
        self.connection = connect(self.broker, name="test")
        self.channel = self.connection.channel()
        queues.declare_waiting(self.channel, "ledger")
        self.queue = queues.declare_listening(self.channel, "ledger", Paid)
        self.running: list[Relay] = []

    def relay(self, broker: str = "") -> Relay:
        sweeping = Lease(self.store.database[LEASES], "sweeping the outbox", LASTS)
        relay = Relay(broker or self.broker, self.rows, sweeping, "ledger")
        relay.start()
        self.running.append(relay)
        return relay

    def leave(self, count: int) -> list[str]:
        """Facts that a process committed a while ago and never told."""
        rows = self.store.outbox_rows([Paid(payment=f"p{number}", amount=1) for number in range(count)])
        self.rows.insert_many([{**row, "due": row["told_at"] - timedelta(seconds=1)} for row in rows])
        return [row["_id"] for row in rows]

    def told(self) -> Counter[str]:
        ids: Counter[str] = Counter()
        message: amqp.Message | None
        while (message := self.channel.basic_get(self.queue, no_ack=True)) is not None:
            ids[message.properties["message_id"]] += 1
        return ids


@pytest.fixture
def outbox(fresh_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Outbox]:
    monkeypatch.setitem(SPEAKERS, "ledger", ledger_words)
    outbox = Outbox(fresh_environment)
    yield outbox
    for relay in outbox.running:
        relay.stop()
    outbox.connection.close()
    outbox.client.close()


def is_empty(outbox: Outbox) -> Callable[[], bool]:
    return lambda: outbox.rows.estimated_document_count() == 0


def test_what_was_left_is_told_once_by_one_of_two(outbox: Outbox) -> None:
    left = outbox.leave(LEFT)
    outbox.relay()
    outbox.relay()
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter(left)


def test_a_sweep_passes_over_what_is_being_told_already(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up, sweeps = threading.Event(), threading.Semaphore(0)
    publish, take = ConfirmedPublisher.publish, Relay._take_what_is_due

    def publish_late(self: ConfirmedPublisher, parcels: Sequence[Parcel]) -> set[int]:
        assert held_up.wait(30)
        return publish(self, parcels)

    def count_sweeps(self: Relay) -> None:
        take(self)
        sweeps.release()

    monkeypatch.setattr(ConfirmedPublisher, "publish", publish_late)
    monkeypatch.setattr(Relay, "_take_what_is_due", count_sweeps)
    relay = outbox.relay()
    left = outbox.leave(900)
    relay.take(list(outbox.rows.find()))
    for _ in range(3):
        assert sweeps.acquire(timeout=20)
    assert len(relay._in_hand) == 900
    assert not any("swept" in row for row in relay._in_hand.values())
    held_up.set()
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter(left)


def test_who_cannot_publish_leaves_the_sweeping_to_others(outbox: Outbox) -> None:
    lame = outbox.relay(broker="amqp://nobody:nothing@127.0.0.1:1/none")
    left = outbox.leave(10)
    eventually(lambda: bool(lame._in_hand), 10)
    outbox.relay()
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter(left)


def test_another_sweeps_when_the_one_that_did_is_gone(outbox: Outbox) -> None:
    left = outbox.leave(10)
    dead = Lease(outbox.store.database[LEASES], "sweeping the outbox", timedelta(seconds=8))
    assert dead.have()
    outbox.relay()
    time.sleep(2.5)
    assert outbox.told() == Counter(), "it is another's to sweep"
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter(left)


def test_who_stops_leaves_the_sweeping_to_the_others_at_once(outbox: Outbox) -> None:
    first = outbox.relay()
    eventually(lambda: outbox.store.database[LEASES].find_one() is not None)
    first.stop()
    assert outbox.store.database[LEASES].find_one() is None


def test_one_fact_that_cannot_be_told_keeps_no_other_waiting(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = outbox.leave(700)
    publish = ConfirmedPublisher.publish

    def fail_on_one(self: ConfirmedPublisher, parcels: Sequence[Parcel]) -> set[int]:
        if any((parcel.properties or {}).get("message_id") == left[350] for parcel in parcels):
            raise ValueError("nobody thought of this")
        return publish(self, parcels)

    monkeypatch.setattr(ConfirmedPublisher, "publish", fail_on_one)
    outbox.relay()
    eventually(lambda: outbox.rows.count_documents({}) == 1, 20)
    assert outbox.told() == Counter(one for one in left if one != left[350])
    monkeypatch.setattr(ConfirmedPublisher, "publish", publish)
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter([left[350]])


@pytest.mark.parametrize("work", ["_take_what_is_due", "_publish_window"])
def test_what_nobody_expected_does_not_end_a_relay(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    done, failures = getattr(Relay, work), iter([ValueError("nobody thought of this")] * 2)

    def fail_twice(self: Relay, *rows: Any) -> None:
        if failure := next(failures, None):
            raise failure
        done(self, *rows)

    monkeypatch.setattr(Relay, work, fail_twice)
    left = outbox.leave(5)
    outbox.relay()
    eventually(is_empty(outbox), 20)
    assert outbox.told() == Counter(left)
