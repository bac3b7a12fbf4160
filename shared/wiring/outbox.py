"""The road out: every fact committed is published, also after a crash at the worst moment.

Facts are rows of the outbox, written in the transaction of the state they tell of. The process
that committed them publishes them at once and deletes them when the broker has confirmed: a row
that remains is the proof that it may not have been sent. A sweep takes up rows whose time has come,
so that what a crashed process left is told by another. One process at a time sweeps, the one that
has the lease; it only reads the rows, because marking each as its own would cost the database as
much as writing it did.

Rows go out in windows of several hundred, because a confirmation costs the same for one as for
all. What the broker does not take backs off, up to an hour. Facts may be told twice, never not
at all; listeners remember what they have heard (`inbox`).
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import amqp
import structlog
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from shared.contracts.speakers import facts_of
from shared.wiring import metrics, queues
from shared.wiring.broker import LineDown
from shared.wiring.lease import Lease
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from shared.wiring.work import Document

log = structlog.get_logger()

WINDOW = 500
SWEEP_EVERY = 1.0
LEASE = timedelta(seconds=6)
"""How long after the death of the process that sweeps another one does."""
LONGEST_BACK_OFF = timedelta(hours=1)
WHAT_IS_TOLD = ("type", "body", "attempts")
LONGEST_PASS = 60.0
"""Seconds after which a sweep begins anew, long before the database forgets where it was."""
DELETE_TOGETHER = 0.05
"""Seconds in which confirmed rows are gathered, to be deleted in one statement."""
MOST_IN_HAND = 20_000
"""More rows than this are left to the sweep, so that a long outage costs disk and not memory."""


class Relay:
    """Publishes one service's facts, with three threads of its own: one sweeps, one publishes, one deletes.

    The broker and the database then work at the same time. What was just committed and what a sweep
    has found go the same way.

    Args:
        broker: the broker's address.
        outbox: the collection of rows, see `Store.outbox_rows`.
        sweeping: the lease of the one that sweeps.
        service: whose facts they are.
    """

    def __init__(self, broker: str, outbox: Collection[Document], sweeping: Lease, service: str) -> None:
        self.outbox = outbox
        self.sweeping = sweeping
        self.service = service
        self.publisher = ConfirmedPublisher(broker, f"{service}.relay", on_open=self._declare)
        self._contracts = {contract.type(): contract for contract in facts_of(service)}
        self._exchange = queues.exchange_of(service)
        self._in_hand: dict[str, Document] = {}
        self._confirmed: dict[str, None] = {}
        self._something = threading.Event()
        self._something_confirmed = threading.Event()
        self._stopping = threading.Event()
        self._published_all = threading.Event()
        self._last_measured = 0.0
        self._publishes = True
        self._threads = [
            threading.Thread(
                target=self._go_on, args=(work,), name=f"{service}.relay{work.__name__}", daemon=True
            )
            for work in (self._publish, self._delete, self._sweep)
        ]

    def start(self) -> None:
        """Begin; returns at once, also when the broker is away."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Publish what is in hand if the broker takes it within seconds, and end; the rest stays in the outbox."""
        self._stopping.set()
        self._something.set()
        for thread in self._threads:
            thread.join(timeout=10)
        self.publisher.close()

    def take(self, rows: list[Document]) -> None:
        """Publish these rows, just committed, as soon as possible."""
        if len(self._in_hand) < MOST_IN_HAND:
            self._in_hand.update((row["_id"], row) for row in rows)
            self._something.set()

    def _go_on(self, work: Callable[[], None]) -> None:
        """Begin again after what nobody expected: a relay that is silently dead would keep its lease."""
        while True:
            try:
                return work()
            except Exception:
                log.exception("outbox.failed", what=work.__name__)
                if self._stopping.wait(0.5):
                    return None
                self._something.set()

    # Publishing

    def _publish(self) -> None:
        while not (self._stopping.is_set() and not self._in_hand):
            self._something.wait(timeout=SWEEP_EVERY)
            self._something.clear()
            try:
                if not self._publishes:
                    self.publisher.connect()
                while rows := list(islice(self._in_hand.values(), WINDOW)):
                    self._publish_window(rows)
                self.publisher.idle()
                self._publishes = True
            except LineDown as error:
                log.warning("outbox.broker_away", error=str(error)[:200])
                self._publishes = False
                if self._stopping.is_set():
                    break
                time.sleep(0.5)
                self._something.set()
        self._published_all.set()
        self._something_confirmed.set()

    def _publish_window(self, rows: list[Document]) -> None:
        try:
            taken = self.publisher.publish([self._parcel(row) for row in rows])
        except LineDown:
            raise
        except Exception:
            self.publisher.close()
            if len(rows) > 1:  # each alone, so that one that cannot be told keeps no other waiting
                for row in rows:
                    self._publish_window([row])
                return
            log.exception("outbox.failed", type=rows[0]["type"], id=rows[0]["_id"])
            taken = set()
        swept = 0
        for position, row in enumerate(rows):
            if position in taken:
                self._confirmed[row["_id"]] = None
                swept += "swept" in row
            else:
                self._back_off(row)
            del self._in_hand[row["_id"]]
        metrics.OUTBOX_PUBLISHED.labels(self.service, "sweep").inc(swept)
        metrics.OUTBOX_PUBLISHED.labels(self.service, "at once").inc(len(taken) - swept)
        self._something_confirmed.set()

    def _delete(self) -> None:
        while not (self._published_all.is_set() and not self._confirmed):
            self._something_confirmed.wait()
            self._stopping.wait(DELETE_TOGETHER)
            self._something_confirmed.clear()
            while ids := list(islice(self._confirmed, 4 * WINDOW)):
                try:
                    self.outbox.delete_many({"_id": {"$in": ids}})
                except PyMongoError as error:
                    log.warning("outbox.database_away", error=str(error)[:200])
                    if self._stopping.is_set():
                        return
                    time.sleep(0.5)
                else:
                    for id in ids:
                        del self._confirmed[id]

    # Sweeping

    def _sweep(self) -> None:
        while not self._stopping.wait(SWEEP_EVERY):
            try:
                self._measure_when_due()
                if not self._publishes:
                    self.sweeping.let_go()  # whoever reaches the broker may
                elif self.sweeping.have():
                    self._take_what_is_due()
            except PyMongoError as error:
                log.warning("outbox.database_away", error=str(error)[:200])
        with suppress(PyMongoError):  # then it runs out
            self.sweeping.let_go()

    def _take_what_is_due(self) -> None:
        """Put the rows whose time has come in hand, a window at a time and never many more than are published."""
        end = time.monotonic() + LONGEST_PASS
        # What is being told is listed before rows are read: what was told and deleted by then is not read.
        known = self._being_told()
        which = {"due": {"$lte": datetime.now(UTC)}}
        with self.outbox.find(which, WHAT_IS_TOLD, batch_size=WINDOW).sort("due", 1) as due:
            while rows := list(islice(due, WINDOW)):
                self.take([{**row, "swept": True} for row in rows if row["_id"] not in known])
                while len(self._in_hand) >= 2 * WINDOW:
                    if self._stopping.wait(0.005) or time.monotonic() > end:
                        return
                    if not (self._publishes and self.sweeping.have()):
                        return
                    self._measure_when_due()
                known = self._being_told()

    def _being_told(self) -> set[str]:
        return {*self._in_hand, *self._confirmed}

    def _back_off(self, row: Document) -> None:
        wait = min(timedelta(seconds=2 ** min(row["attempts"], 12)), LONGEST_BACK_OFF)
        log.warning("outbox.not_taken", type=row["type"], id=row["_id"], attempts=row["attempts"] + 1)
        change = {"$set": {"due": datetime.now(UTC) + wait}, "$inc": {"attempts": 1}}
        with suppress(PyMongoError):  # then the next sweep tries it
            self.outbox.update_one({"_id": row["_id"]}, change)

    def _parcel(self, row: Document) -> Parcel:
        contract = self._contracts.get(row["type"])
        properties: dict[str, Any] = {
            "message_id": row["_id"],
            "content_type": "application/cloudevents+json",
        }
        return Parcel(
            self._exchange,
            row["type"],
            row["body"],
            properties,
            must_arrive=bool(contract and contract.heard_by),
        )

    def _declare(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.exchange_declare(self._exchange, "topic", durable=True, auto_delete=False)
        for contract in self._contracts.values():
            for listener in contract.heard_by:
                queues.declare_waiting(channel, listener)
                queues.declare_listening(channel, listener, contract)
        channel.close()

    def _measure_when_due(self) -> None:
        """Say what waits, also and above all while nothing can be published."""
        if time.monotonic() - self._last_measured < SWEEP_EVERY:
            return
        self._last_measured = time.monotonic()
        metrics.OUTBOX_WAITING.labels(self.service).set(
            self.outbox.count_documents({}, limit=10_000, hint="_id_")
        )
        oldest = self.outbox.find_one({}, {"told_at": 1}, sort=[("told_at", 1)])
        age = (datetime.now(UTC) - oldest["told_at"]).total_seconds() if oldest else 0.0
        metrics.OUTBOX_OLDEST.labels(self.service).set(max(0.0, age))
