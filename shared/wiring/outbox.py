"""The road out: every fact committed is published, also after a crash at the worst moment.

Facts are rows of the outbox, written in the transaction of the state they tell of. The process
that committed them publishes them at once and deletes them when the broker has confirmed: a row
that remains is the proof that it may not have been sent. A sweep, in every process, claims rows
whose time has come, so that what a crashed process left is told by another. A row is claimed by
moving its `due` time, in one update that only one process can win; nobody waits for a lock.

Rows go out in windows of several hundred, because a confirmation costs the same for one as for
all. What the broker does not take backs off, up to an hour. Facts may be told twice, never not
at all; listeners remember what they have heard (`inbox`).
"""

import secrets
import threading
import time
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
from shared.wiring.publisher import ConfirmedPublisher, Parcel
from shared.wiring.work import Document

log = structlog.get_logger()

WINDOW = 500
SWEEP_EVERY = 1.0
CLAIM = timedelta(seconds=30)
LONGEST_BACK_OFF = timedelta(hours=1)
DELETE_TOGETHER = 0.05
"""Seconds in which confirmed rows are gathered, to be deleted in one statement."""
MOST_IN_HAND = 20_000
"""More rows than this are left to the sweep, so that a long outage costs disk and not memory."""


class Relay:
    """Publishes one service's facts, with three threads of its own: one claims, one publishes, one deletes.

    The broker and the database then work at the same time. What was just committed and what a sweep
    has claimed go the same way.

    Args:
        broker: the broker's address.
        outbox: the collection of rows, see `Store.outbox_rows`.
        service: whose facts they are.
    """

    def __init__(self, broker: str, outbox: Collection[Document], service: str) -> None:
        self.outbox = outbox
        self.service = service
        self.publisher = ConfirmedPublisher(broker, f"{service}.relay", on_open=self._declare)
        self._contracts = {contract.type(): contract for contract in facts_of(service)}
        self._exchange = queues.exchange_of(service)
        self._me = secrets.token_hex(8)
        self._in_hand: dict[str, Document] = {}
        self._confirmed: list[str] = []
        self._something = threading.Event()
        self._something_confirmed = threading.Event()
        self._stopping = threading.Event()
        self._published_all = threading.Event()
        self._last_measured = 0.0
        self._threads = [
            threading.Thread(target=work, name=f"{service}.relay{work.__name__}", daemon=True)
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

    # Publishing

    def _publish(self) -> None:
        while not (self._stopping.is_set() and not self._in_hand):
            self._something.wait(timeout=SWEEP_EVERY)
            self._something.clear()
            try:
                while rows := list(islice(self._in_hand.values(), WINDOW)):
                    self._publish_window(rows)
                self.publisher.idle()
            except LineDown as error:
                log.warning("outbox.broker_away", error=str(error)[:200])
                if self._stopping.is_set():
                    break
                time.sleep(0.5)
                self._something.set()
        self._published_all.set()
        self._something_confirmed.set()

    def _publish_window(self, rows: list[Document]) -> None:
        taken = self.publisher.publish([self._parcel(row) for row in rows])
        for position, row in enumerate(rows):
            del self._in_hand[row["_id"]]
            if position in taken:
                self._confirmed.append(row["_id"])
                road = "sweep" if "claimed_by" in row else "at once"
                metrics.OUTBOX_PUBLISHED.labels(self.service, road).inc()
            else:
                self._back_off(row)
        self._something_confirmed.set()

    def _delete(self) -> None:
        while not (self._published_all.is_set() and not self._confirmed):
            self._something_confirmed.wait()
            self._stopping.wait(DELETE_TOGETHER)
            self._something_confirmed.clear()
            while ids := self._confirmed[: 4 * WINDOW]:
                try:
                    self.outbox.delete_many({"_id": {"$in": ids}})
                except PyMongoError as error:
                    log.warning("outbox.database_away", error=str(error)[:200])
                    if self._stopping.is_set():
                        return
                    time.sleep(0.5)
                else:
                    del self._confirmed[: len(ids)]

    # Sweeping

    def _sweep(self) -> None:
        while not self._stopping.wait(SWEEP_EVERY):
            try:
                self._measure_when_due()
                while not self._stopping.is_set() and self._claim():
                    while len(self._in_hand) >= 2 * WINDOW and not self._stopping.is_set():
                        self._measure_when_due()
                        time.sleep(0.005)
            except PyMongoError as error:
                log.warning("outbox.database_away", error=str(error)[:200])

    def _claim(self) -> bool:
        """Claim a window of rows whose time has come and put them in hand; False when there are none."""
        moment = datetime.now(UTC)
        due = {"due": {"$lte": moment}}
        rows = list(self.outbox.find(due).sort("due", 1).limit(WINDOW))
        if not rows:
            return False
        ids = [row["_id"] for row in rows]
        claim = {"due": moment + CLAIM, "claimed_by": self._me}
        won = self.outbox.update_many({"_id": {"$in": ids}, **due}, {"$set": claim}).modified_count
        if won < len(rows):
            mine = self.outbox.find({"_id": {"$in": ids}, "claimed_by": self._me}, {"_id": 1})
            won_ids = {row["_id"] for row in mine}
            rows = [row for row in rows if row["_id"] in won_ids]
        self.take([{**row, **claim} for row in rows])
        return True

    def _back_off(self, row: Document) -> None:
        wait = min(timedelta(seconds=2 ** min(row["attempts"], 12)), LONGEST_BACK_OFF)
        log.warning("outbox.not_taken", type=row["type"], id=row["_id"], attempts=row["attempts"] + 1)
        change = {"$set": {"due": datetime.now(UTC) + wait}, "$inc": {"attempts": 1}}
        with suppress(PyMongoError):  # then it is due when its claim ends
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
