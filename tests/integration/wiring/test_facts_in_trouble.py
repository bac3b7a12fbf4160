"""Facts that fail, cannot be read, reach nobody, or are told while lines are cut and processes killed."""

import json
import signal
import threading
import time

import amqp

from shared.contracts.envelope import Envelope
from shared.errors import Unavailable
from shared.wiring import queues
from shared.wiring.broker import connect
from tests.integration.wiring.ledger_words import Paid
from tests.integration.wiring.test_calls_and_facts import Ledger, eventually, ledger, running
from tests.shared_servers import TestServers

__all__ = ["ledger", "running"]


def test_a_fact_that_reached_no_queue_is_told_again(running: Ledger) -> None:
    running.pay(1, 3)
    eventually(lambda: running.sums() == (1, 3))  # now everything is declared, and stays so
    connection = connect(running.environment["COMMONPLACE_BROKER"], name="test")
    channel = connection.channel()
    road = ("ledger.hears.ledger.paid.v1", "ledger.events", Paid.type())
    channel.queue_unbind(*road)
    running.pay(2, 4)
    eventually(lambda: running.database["outbox"].count_documents({"attempts": {"$gt": 0}}) == 1)
    assert running.sums() == (1, 3)
    channel.queue_bind(*road)
    eventually(lambda: running.sums() == (2, 7), 20)
    eventually(lambda: running.database["outbox"].count_documents({}) == 0)
    connection.close()


def test_connections_that_are_cut_lose_and_double_nothing(ledger: Ledger, test_servers: TestServers) -> None:
    ledger.environment |= {"LEDGER_BATCH": "20", "LEDGER_TAKES": "0.3"}  # something is in hand at every cut
    ledger.start()
    ledger.until_ready()
    vhost = ledger.environment["COMMONPLACE_BROKER"].rpartition("/")[2]
    enough = threading.Event()
    paid: list[int] = []

    def client() -> None:
        while not enough.wait(0.02):
            while True:
                try:
                    ledger.pay(len(paid), once=f"k{len(paid)}")
                    break
                except Unavailable:
                    time.sleep(0.05)
            paid.append(len(paid))

    paying = threading.Thread(target=client)
    paying.start()
    try:
        for _ in range(
            2
        ):  # the service's three, and the switchboard's; RabbitMQ lists them after some seconds
            eventually(lambda: test_servers.cut_connections(vhost) >= 4, 20)
    finally:
        enough.set()
        paying.join(30)
    eventually(lambda: ledger.sums()[0] >= len(paid), 30)
    eventually(lambda: ledger.database["outbox"].count_documents({}) == 0, 30)
    time.sleep(1)
    assert ledger.sums() == (len(paid), len(paid))


def test_a_fact_that_fails_comes_back_and_harms_no_other(running: Ledger) -> None:
    running.pay(1, 10, fails=2)
    for number in range(2, 22):
        running.pay(number)
    eventually(lambda: running.sums() == (20, 20), 5)
    eventually(lambda: running.sums() == (21, 30), 15)
    assert running.dead_letters() == []


def test_a_fact_that_fails_after_the_last_delay_is_a_dead_letter_with_its_reason(running: Ledger) -> None:
    fact = Paid(payment="x", amount=7, fails=1_000)
    body = Envelope.wrap(fact, id="b" * 24, source="ledger", time="2026-01-01T00:00:00Z").model_dump_json()
    before = {"x-attempts": len(queues.RETRY_DELAYS)}
    connection = connect(running.environment["COMMONPLACE_BROKER"], name="test")
    connection.channel().basic_publish(
        amqp.Message(body, application_headers=before), exchange="ledger.events", routing_key=Paid.type()
    )
    letters: list[amqp.Message] = []
    eventually(lambda: bool(letters.extend(running.dead_letters()) or letters))  # type: ignore[func-returns-value]
    assert letters[0].headers["x-attempts"] == len(queues.RETRY_DELAYS) + 1
    assert "fails on purpose" in letters[0].headers["x-reason"]
    assert "hear_paid" in letters[0].headers["x-traceback"]
    running.pay(1, 4)
    eventually(lambda: running.sums() == (1, 4))
    connection.close()


def test_what_cannot_be_read_is_a_dead_letter_at_once(running: Ledger) -> None:
    connection = connect(running.environment["COMMONPLACE_BROKER"], name="test")
    channel = connection.channel()
    for body in (b"\xff\xfe", b"{}", b"[" * 5000, json.dumps({"specversion": "1.0", "data": 1}).encode()):
        channel.basic_publish(amqp.Message(body), exchange="ledger.events", routing_key=Paid.type())
    running.pay(1, 4)
    eventually(lambda: running.sums() == (1, 4))
    letters: list[amqp.Message] = []
    eventually(lambda: len(letters.extend(running.dead_letters()) or letters) >= 4)  # type: ignore[func-returns-value]
    assert all(
        "cannot be read as commonplace.ledger.paid.v1" in letter.headers["x-reason"] for letter in letters
    )
    assert letters[0].headers["x-queue"] == "ledger.hears.ledger.paid.v1"
    connection.close()


def test_killed_at_any_moment_nothing_is_lost_or_doubled(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.start()
    ledger.until_ready()
    paid: list[int] = []
    stop = threading.Event()

    def client(first: int) -> None:
        for number in range(first, first + 150):
            while True:
                try:
                    ledger.pay(number, once=f"k{number}")
                except Unavailable:
                    time.sleep(0.05)
                    continue
                paid.append(number)
                break
            if stop.is_set():
                return

    clients = [threading.Thread(target=client, args=(first,)) for first in (1000, 2000, 3000)]
    for thread in clients:
        thread.start()
    for round in range(4):
        time.sleep(0.7)
        victim = ledger.processes[round]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        ledger.start()
    for thread in clients:
        thread.join(90)
    assert len(paid) == 450
    eventually(lambda: ledger.sums()[0] >= 450, 40)
    time.sleep(1)
    assert ledger.sums() == (450, 450)
    assert ledger.database["payments"].count_documents({}) == 450
