"""The wiring on a real RabbitMQ and a real MongoDB: calls, facts, failures and restarts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import amqp
import psutil
import pytest
from pymongo import MongoClient, WriteConcern

from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller, Once
from shared.contracts.envelope import Envelope
from shared.errors import Conflict, Invalid, NotFound, Unavailable
from shared.wiring import queues
from shared.wiring.broker import connect
from tests.integration.wiring.ledger_words import Bump, Paid, Pay, Receipt
from tests.shared_servers import TestServers

NOBODY = Caller()
SERVICE = "tests.integration.wiring.ledger:ledger"


def eventually(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


class Ledger:
    """The ledger's processes, its database, and a switchboard to it."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = {**os.environ, **environment, "PYTHONWARNINGS": "ignore"}
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.database = MongoClient(environment["COMMONPLACE_MONGO"])[
            f"{environment['COMMONPLACE_DATABASE_PREFIX']}_ledger"
        ]
        self.switchboard = Switchboard(environment["COMMONPLACE_BROKER"])
        assert self.switchboard.wait_until_open(5)

    def start(self) -> subprocess.Popen[bytes]:
        log = (self.folder / f"ledger{len(self.processes)}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", "shared.wiring.run", SERVICE], env=self.environment, stdout=log, stderr=log
        )
        self.processes.append(process)
        return process

    def pay(self, number: int, amount: int = 1, once: str | None = None, **more: object) -> Receipt:
        promise = Once(key=once, fingerprint=f"{amount}") if once else None
        call = Pay(caller=NOBODY, once=promise, payment=f"p{number}", amount=amount, **more)  # type: ignore[arg-type]
        answer = self.switchboard.ask(call)
        assert isinstance(answer, Receipt)
        return answer

    def until_ready(self) -> None:
        def answers() -> bool:
            try:
                self.switchboard.ask(Pay(caller=NOBODY, payment="p", amount=-1), timeout=0.5)
            except NotFound:
                return True
            except Unavailable:
                return False
            return False

        eventually(answers, 15)

    def sums(self) -> tuple[int, int]:
        row = self.database["sums"].find_one({"_id": "all"}) or {}
        return row.get("count", 0), row.get("sum", 0)

    def dead_letters(self) -> list[amqp.Message]:
        connection = connect(self.environment["COMMONPLACE_BROKER"], name="test")
        channel = connection.channel()
        letters = []
        while (message := channel.basic_get(queues.dead_letters("ledger"))) is not None:
            letters.append(message)
        connection.close()
        return letters


@pytest.fixture
def ledger(fresh_environment: dict[str, str], tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(fresh_environment, tmp_path)
    yield ledger
    ledger.switchboard.close()
    for process in ledger.processes:
        process.kill()
        process.wait()


@pytest.fixture
def running(ledger: Ledger) -> Ledger:
    ledger.start()
    ledger.until_ready()
    return ledger


def test_an_answer_and_its_fact(running: Ledger) -> None:
    assert running.pay(1, 5) == Receipt(payment="p1", amount=5)
    eventually(lambda: running.sums() == (1, 5))
    eventually(lambda: running.database["outbox"].count_documents({}) == 0)


def test_refusals_cross_as_themselves(running: Ledger) -> None:
    with pytest.raises(NotFound, match="less than nothing") as refused:
        running.pay(1, -1)
    assert refused.value.where == "amount"
    running.pay(2)
    with pytest.raises(Conflict, match="paid already"):
        running.pay(2)


def test_a_promise_is_kept_once_and_answered_twice(running: Ledger) -> None:
    first = running.switchboard.call(
        Pay(caller=NOBODY, once=Once(key="k", fingerprint="f"), payment="p1", amount=3)
    )
    again = running.switchboard.call(
        Pay(caller=NOBODY, once=Once(key="k", fingerprint="f"), payment="p1", amount=3)
    )
    assert (first.body, first.repeated) == (again.body, False)
    assert first.revision == again.revision == 1
    assert again.repeated
    with pytest.raises(Invalid, match="different request"):
        running.switchboard.call(
            Pay(caller=NOBODY, once=Once(key="k", fingerprint="g"), payment="p1", amount=4)
        )
    eventually(lambda: running.sums() == (1, 3))


def test_twenty_at_once_under_one_promise_pay_once(running: Ledger) -> None:
    with ThreadPoolExecutor(20) as crowd:
        receipts = list(crowd.map(lambda _: running.pay(1, 2, once="same"), range(20)))
    assert set(receipts) == {Receipt(payment="p1", amount=2)}
    eventually(lambda: running.sums() == (1, 2))
    assert running.database["payments"].count_documents({}) == 1


def test_a_repetition_that_meets_its_first_time_before_that_is_settled_gets_its_answer(
    running: Ledger,
) -> None:
    database = running.database
    for number in range(10):
        receipt = Receipt(payment=f"p{number}", amount=1)
        promised = {
            "_id": f"k{number}",
            "fingerprint": "1",
            "answer": receipt.model_dump_json(),
            "revision": 1,
        }
        with database.client.start_session() as session:
            # Another process commits this; for some milliseconds it is on no disk, and could be undone.
            with session.start_transaction(write_concern=WriteConcern(1, j=False)):
                database["payments"].insert_one({"_id": receipt.payment, "amount": 1}, session=session)
                database["answers"].insert_one({**promised, "at": datetime.now(UTC)}, session=session)
            assert running.pay(number, once=f"k{number}") == receipt


def test_everybody_changes_one_thing_and_nobody_is_lost(running: Ledger) -> None:
    def bump(_: int) -> int:
        while True:
            try:
                return running.switchboard.ask(Bump(caller=NOBODY)).revision  # type: ignore[attr-defined,no-any-return]
            except Unavailable:
                pass

    with ThreadPoolExecutor(8) as crowd:
        revisions = list(crowd.map(bump, range(60)))
    assert sorted(revisions) == list(range(1, 61))


def test_a_call_that_takes_too_long_is_unavailable(running: Ledger) -> None:
    with pytest.raises(Unavailable, match=r"longer than it should; try again\.$"):
        running.switchboard.call(Pay(caller=NOBODY, payment="p1", amount=1, wait=2), timeout=0.5)
    once = Once(key="late", fingerprint="f")
    with pytest.raises(Unavailable, match=r"try again, with the same Idempotency-Key\.$"):
        running.switchboard.call(Pay(caller=NOBODY, once=once, payment="p2", amount=1, wait=2), timeout=0.5)


def test_a_stuck_broker_is_unavailable_within_the_deadline(
    private_servers: TestServers, tmp_path: Path
) -> None:
    switchboard = Switchboard(private_servers.rabbitmq.url, deadline_seconds=1.0)
    assert switchboard.wait_until_open(10)
    stuck = [private_servers.rabbitmq.pid, *_descendants(private_servers.rabbitmq.pid)]
    for pid in stuck:
        os.kill(pid, signal.SIGSTOP)
    try:
        for size in (10, 4_000_000, 4_000_000, 10):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                switchboard.call(Pay(caller=NOBODY, payment="x" * size, amount=1))
            assert time.monotonic() - began < 1.5
    finally:
        for pid in stuck:
            os.kill(pid, signal.SIGCONT)
        switchboard.close()


def _descendants(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def test_a_service_that_never_ran_is_unavailable_at_once(ledger: Ledger) -> None:
    began = time.monotonic()
    with pytest.raises(Unavailable, match="not started"):
        ledger.pay(1)
    assert time.monotonic() - began < 1


def test_facts_delivered_three_times_count_once(running: Ledger) -> None:
    fact = Paid(payment="x", amount=7)
    body = Envelope.wrap(fact, id="a" * 24, source="ledger", time="2026-01-01T00:00:00Z").model_dump_json()
    connection = connect(running.environment["COMMONPLACE_BROKER"], name="test")
    channel = connection.channel()
    for _ in range(3):
        channel.basic_publish(amqp.Message(body), exchange="ledger.events", routing_key=Paid.type())
    eventually(lambda: running.sums() == (1, 7))
    running.pay(1, 1)
    eventually(lambda: running.sums() == (2, 8))
    channel.basic_publish(amqp.Message(body), exchange="ledger.events", routing_key=Paid.type())
    running.pay(2, 1)
    eventually(lambda: running.sums() == (3, 9))
    connection.close()


def test_so_many_are_answered_at_a_time_and_the_others_wait(ledger: Ledger) -> None:
    ledger.environment["COMMONPLACE_WORKERS"] = "2"
    ledger.start()
    ledger.until_ready()
    began = time.monotonic()
    with ThreadPoolExecutor(6) as crowd:
        answers = [crowd.submit(ledger.pay, number, 1, wait=0.3) for number in range(6)]
        time.sleep(0.1)
        ledger.processes[0].terminate()  # those that wait are in hand too
        assert {one.result().payment for one in answers} == {f"p{number}" for number in range(6)}
    assert time.monotonic() - began > 0.9
    assert ledger.processes[0].wait(15) == 0


def test_sigterm_finishes_what_is_in_hand(running: Ledger) -> None:
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(running.pay, 1, 1, wait=1.0)
        time.sleep(0.3)
        running.processes[0].terminate()
        assert answer.result().payment == "p1"
    assert running.processes[0].wait(15) == 0
    assert running.database["outbox"].count_documents({}) == 0
    running.start()
    eventually(lambda: running.sums() == (1, 1), 15)
