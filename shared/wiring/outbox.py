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
from collections import deque
from datetime import UTC, datetime, timedelta
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
MOST_IN_HAND = 20_000
"""More rows than this are left to the sweep, so that a long outage costs disk and not memory."""


class Relay:
    """Publishes one service's facts, from a thread of its own.

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
        self._in_hand: deque[Document] = deque()
        self._something = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"{service}.relay", daemon=True)
        self._last_sweep = 0.0
        self._last_measured = 0.0
        self._me = secrets.token_hex(8)

    def start(self) -> None:
        """Begin; returns at once, also when the broker is away."""
        self._thread.start()

    def stop(self) -> None:
        """Publish what is in hand if the broker takes it within seconds, and end; the rest stays in the outbox."""
        self._stopping = True
        self._something.set()
        self._thread.join(timeout=10)
        self.publisher.close()

    def take(self, rows: list[Document]) -> None:
        """Publish these rows, just committed, as soon as possible."""
        if len(self._in_hand) < MOST_IN_HAND:
            self._in_hand.extend(rows)
            self._something.set()

    def _run(self) -> None:
        while not (self._stopping and not self._in_hand):
            self._something.wait(timeout=SWEEP_EVERY)
            self._something.clear()
            try:
                self._measure_when_due()
                while self._in_hand:
                    self._publish_in_hand()
                self._sweep_when_due()
                self.publisher.idle()
            except LineDown as error:
                log.warning("outbox.broker_away", error=str(error)[:200])
                if self._stopping:
                    return
                time.sleep(0.5)
                self._something.set()
            except PyMongoError as error:
                log.warning("outbox.database_away", error=str(error)[:200])
                if self._stopping:
                    return
                time.sleep(0.5)

    def _publish_in_hand(self) -> None:
        rows = [self._in_hand[position] for position in range(min(WINDOW, len(self._in_hand)))]
        self._publish(rows, road="at once")
        for _ in rows:
            self._in_hand.popleft()

    def _sweep_when_due(self) -> None:
        if self._stopping or time.monotonic() - self._last_sweep < SWEEP_EVERY:
            return
        while rows := self._claim():
            self._publish(rows, road="sweep")
        self._last_sweep = time.monotonic()

    def _claim(self) -> list[Document]:
        moment = datetime.now(UTC)
        ids = [
            row["_id"]
            for row in self.outbox.find({"due": {"$lte": moment}}, {"_id": 1}).sort("due", 1).limit(WINDOW)
        ]
        if not ids:
            return []
        claim = moment + CLAIM
        # The claim's exact time tells our rows from those another process has won between.
        claim = claim.replace(microsecond=claim.microsecond // 1000 * 1000)
        self.outbox.update_many(
            {"_id": {"$in": ids}, "due": {"$lte": moment}}, {"$set": {"due": claim, "claimed_by": self._me}}
        )
        return list(self.outbox.find({"_id": {"$in": ids}, "due": claim, "claimed_by": self._me}))

    def _publish(self, rows: list[Document], road: str) -> None:
        taken = self.publisher.publish([self._parcel(row) for row in rows])
        if taken:
            self.outbox.delete_many({"_id": {"$in": [rows[position]["_id"] for position in taken]}})
            metrics.OUTBOX_PUBLISHED.labels(self.service, road).inc(len(taken))
        for position, row in enumerate(rows):
            if position not in taken:
                self._back_off(row)

    def _back_off(self, row: Document) -> None:
        wait = min(timedelta(seconds=2 ** min(row["attempts"], 12)), LONGEST_BACK_OFF)
        log.warning("outbox.not_taken", type=row["type"], id=row["_id"], attempts=row["attempts"] + 1)
        self.outbox.update_one(
            {"_id": row["_id"]}, {"$set": {"due": datetime.now(UTC) + wait}, "$inc": {"attempts": 1}}
        )

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
