"""A service's database, and the one way to change it: all of a `Work` at once, or nothing.

A handler reads, lets the domain decide, and collects what follows in a `Work`: writes, facts to
tell, and the answer to remember. `Store.commit` puts all of it into one transaction, so that
state, facts and answer can never disagree; the facts are on their way a moment later (`outbox`).

Concurrency is optimistic: a replacement names the revision it was made from, and when somebody
else was quicker the whole handler runs again on what is there now (`Stale`).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pymongo
import structlog
from bson import ObjectId
from nameko.extensions import DependencyProvider
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, CollectionInvalid, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.contracts.calls.call import Answer, Call
from shared.contracts.envelope import Contract, Envelope
from shared.settings import ServiceSettings
from shared.wiring import answers, metrics, telemetry
from shared.wiring.acts import Act, act_of
from shared.wiring.answers import ANSWERS
from shared.wiring.lease import Lease
from shared.wiring.outbox import LEASE, Relay
from shared.wiring.transaction import DUPLICATE_KEY, is_database_away, transact
from shared.wiring.work import Document, Duplicate, Stale, Work

__all__ = ["Duplicate", "Stale", "Store", "StoreProvider", "Work", "connect", "new_id", "now"]

log = structlog.get_logger()

Record = Callable[[Work, Act], None]
Indexes = Mapping[str, Sequence[pymongo.IndexModel]]
A = TypeVar("A", bound=Answer | None)

OUTBOX = "outbox"
LEASES = "leases"
HEARD = "heard"
NAMESPACE_EXISTS = 48
HEARD_KEPT = 60 * 24 * 3600
PART = 2_500
PARTS_AT_ONCE = 2
"""Measured: two parts at a time write ten thousand rows as fast as one raw statement; three gain nothing more."""
AT_ONCE = timedelta(seconds=15)
"""For how long the worker that committed a fact has it to itself, before a sweep may publish it."""

OWN_INDEXES: Indexes = {
    OUTBOX: [
        pymongo.IndexModel([("due", 1)], name="due"),
        pymongo.IndexModel([("told_at", 1)], name="told_at"),
    ],
    LEASES: [],
    HEARD: [pymongo.IndexModel([("at", 1)], name="kept", expireAfterSeconds=HEARD_KEPT)],
    ANSWERS: answers.INDEXES,
}


def new_id() -> str:
    """A new id: 24 lower-case hex digits, growing with time."""
    return str(ObjectId())


def now() -> datetime:
    """This moment in UTC, at the millisecond, which is what the database keeps."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def no_audit_log(_work: Work, act: Act) -> None:
    """What a service records that was given no audit log: nothing, so it must not be asked to."""
    raise RuntimeError(f"{act.act} is audited, and this service was given nowhere to record it")


def connect(mongo: str) -> MongoClient[Document]:
    """A client as every service wants it: what it acknowledges is on disk, and it says soon when there is nobody."""
    return MongoClient(
        mongo,
        tz_aware=True,
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=1200,
        connectTimeoutMS=1200,
        appname="commonplace",
    )


class Store:
    """One service's database.

    Args:
        client: see `connect`.
        name: the database's name.
        service: the service it belongs to, the source of what it tells.
        hand_over: takes the outbox rows that were just committed and publishes them at once.
        record: lets a work keep, or tell, what the audit log is to say of it.
    """

    def __init__(
        self,
        client: MongoClient[Document],
        name: str,
        service: str,
        hand_over: Callable[[list[Document]], None] = lambda rows: None,
        record: Record = no_audit_log,
    ) -> None:
        self.client = client
        self.database: Database[Document] = client[name]
        self.service = service
        self.hand_over = hand_over
        self.record = record

    def ensure(self, indexes: Indexes) -> None:
        """Create the collections and indexes that are not there yet, because a transaction should not have to."""
        there = set(self.database.list_collection_names())
        for collection, wanted in {**OWN_INDEXES, **indexes}.items():
            if collection not in there:
                self._create(collection)
            if wanted:
                self.database[collection].create_indexes(list(wanted))

    def _create(self, collection: str) -> None:
        try:
            self.database.create_collection(collection)
        except (CollectionInvalid, OperationFailure) as error:
            # Another copy of the service may start at the same moment and be quicker.
            if isinstance(error, OperationFailure) and error.code != NAMESPACE_EXISTS:
                raise

    def commit(
        self,
        work: Work,
        call: Call | None = None,
        answer: A = None,  # type: ignore[assignment]
        *,
        upon: Iterable[str | None] = (),  # see `act_of`
    ) -> A:
        """Make `work` happen, all of it or nothing, and remember `answer` for a repetition of `call`.

        Returns:
            `answer`.

        Raises:
            Stale: somebody else was quicker; the wiring runs the handler again.
            Duplicate: an insert met what is already there.
            PyMongoError: the database is away; whether it happened is settled by the call's repetition.
        """
        if call is not None and call.audited and (work.writes or work.facts):
            self.record(work, act_of(call, answer, id=new_id(), at=now(), upon=upon))
        if call is not None and call.once is not None and answer is not None:
            work.insert(ANSWERS, answers.remembered(call, call.once, answer, now()))
        rows = self.outbox_rows(work.facts)
        work.insert(OUTBOX, *rows)
        if work.writes:
            began = time.perf_counter()
            transact(self.client, self.database.name, work.writes)
            metrics.TRANSACTIONS.labels(self.service).observe(time.perf_counter() - began)
        if rows:
            self.hand_over(rows)
        for action in work.after:
            action()
        return answer

    def insert_new(self, collection: str, documents: Sequence[Document]) -> list[int]:
        """Insert those of `documents` that are not there yet, outside any transaction.

        For effects too large for one transaction: with ids that follow from what is told, doing it
        twice changes nothing. Many are written in parts, two at a time: while the database writes one,
        the driver encodes the next.

        Returns:
            the positions in `documents` that were really inserted.
        """
        parts = [documents[first : first + PART] for first in range(0, len(documents), PART)]
        if len(parts) > 1:
            with ThreadPoolExecutor(PARTS_AT_ONCE) as others:
                inserting = [
                    others.submit(copy_context().run, self._insert_part, collection, part) for part in parts
                ]
            added = [each.result() for each in inserting]
        else:
            added = [self._insert_part(collection, part) for part in parts]
        return [number * PART + position for number, some in enumerate(added) for position in some]

    def _insert_part(self, collection: str, documents: Sequence[Document]) -> Sequence[int]:
        try:
            self.database[collection].insert_many(documents, ordered=False)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if (
                any(failure["code"] != DUPLICATE_KEY for failure in failures)
                or error.details["writeConcernErrors"]
            ):
                raise
            there = {failure["index"] for failure in failures}
            return [position for position in range(len(documents)) if position not in there]
        return range(len(documents))

    def remembered(self, call: Call) -> Document | None:
        """The answer given to an earlier call under the same promise, with its fingerprint; None if there is none."""
        if call.once is None:
            return None
        return self._settled(ANSWERS).find_one({"_id": call.once.key})

    def is_being_remembered(self, call: Call) -> bool:
        """Whether an answer to this promise is written, be it that a failover could still undo it."""
        return call.once is not None and self.database[ANSWERS].find_one({"_id": call.once.key}) is not None

    def heard_before(self, ids: Iterable[str]) -> set[str]:
        """Which of these facts have had their effect here already; ids as `inbox` makes them."""
        return {row["_id"] for row in self._settled(HEARD).find({"_id": {"$in": list(ids)}}, {"_id": 1})}

    def _settled(self, collection: str) -> Collection[Document]:
        """A collection as no failover can undo it: what is judged by it is judged for good."""
        return self.database.get_collection(collection, read_concern=ReadConcern("majority"))

    def outbox_rows(self, facts: Sequence[Contract]) -> list[Document]:
        """The facts as they wait in the outbox: wrapped, and left for a moment to the one who committed them."""
        moment = now()
        rows = []
        for fact in facts:
            id = new_id()
            envelope = Envelope.wrap(
                fact, id=id, source=self.service, time=moment, traceparent=telemetry.current()
            )
            rows.append(
                {
                    "_id": id,
                    "type": envelope.type,
                    "body": envelope.model_dump_json().encode(),
                    "told_at": moment,
                    "due": moment + AT_ONCE,
                    "attempts": 0,
                }
            )
        return rows

    def ping(self) -> str | None:
        """None when the database answers as one that takes writes, else one sentence saying why not."""
        try:
            with pymongo.timeout(1.5):
                hello = self.client.admin.command("hello")
        except PyMongoError as error:
            return f"MongoDB does not answer: {type(error).__name__}."
        return None if hello.get("isWritablePrimary") else "MongoDB has no primary that takes writes."


class StoreProvider(DependencyProvider):  # type: ignore[misc]
    """Gives a nameko service its `Store`, and publishes what the service tells.

    Args:
        indexes: by collection, what its queries need; created at start.
        record: see `Store`; a service that answers audited calls has one.
    """

    def __init__(self, indexes: Indexes, record: Record = no_audit_log) -> None:
        self.indexes = indexes
        self.record = record

    def setup(self) -> None:
        settings = ServiceSettings()
        service: str = self.container.service_name
        client = connect(settings.mongo)
        self.store = Store(client, f"{settings.database_prefix}_{service}", service, record=self.record)
        self._ensure_patiently()
        database = self.store.database
        sweeping = Lease(database[LEASES], "sweeping the outbox", LEASE)
        self.relay = Relay(settings.broker, database[OUTBOX], sweeping, service)
        self.store.hand_over = self.relay.take

    def start(self) -> None:
        self.relay.start()

    def stop(self) -> None:
        self.relay.stop()
        self.store.client.close()

    def _ensure_patiently(self) -> None:
        while True:
            try:
                self.store.ensure(self.indexes)
                return
            except PyMongoError as error:
                if not is_database_away(error):
                    raise
                log.warning("store.waits", error=str(error)[:200])
                time.sleep(1)

    def get_dependency(self, _worker_context: Any) -> Store:
        return self.store
