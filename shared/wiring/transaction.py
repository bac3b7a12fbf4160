"""How a work's writes become one MongoDB transaction, and what its failures mean.

A transaction is one attempt here: whoever called decides whether to read again and try again,
because a handler that lost a race must also decide again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import InsertOne, MongoClient, ReplaceOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from shared.wiring import deadline
from shared.wiring.work import Document, Duplicate, Stale, Write

DUPLICATE_KEY = 11000
WRITE_CONFLICT = 112


def transact(client: MongoClient[Document], database: str, writes: Sequence[Write]) -> None:
    """Carry out all `writes` or none.

    Raises:
        Stale: a write that had to match did not, or another transaction was quicker.
        Duplicate: an insert met what is already there.
        PyMongoError: the database is away; the outcome may be unknown.
    """
    with client.start_session() as session:
        try:
            session.start_transaction()
            for collection, group in _by_collection(writes).items():
                _write(client[database][collection], group, session)
            _commit(session)
        except BulkWriteError as error:
            raise _meaning_of_bulk(error) from error
        except DuplicateKeyError as error:
            raise _duplicate(error.details or {}) from error
        except OperationFailure as error:
            if error.has_error_label("TransientTransactionError") or error.code == WRITE_CONFLICT:
                raise Stale(str(error)[:200]) from error
            raise
        finally:
            if session.in_transaction:
                _abandon(session)


def is_database_away(error: BaseException) -> bool:
    """Whether an error says that the database is away or too slow just now, and nothing about the work itself."""
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError):
        return True
    return isinstance(error, PyMongoError) and (
        error.timeout
        or error.has_error_label("TransientTransactionError")
        or error.has_error_label("RetryableWriteError")
    )


def _by_collection(writes: Sequence[Write]) -> dict[str, list[Write]]:
    """The writes grouped by collection, each group in its order: fewer round trips, the same outcome."""
    groups: dict[str, list[Write]] = {}
    for write in writes:
        groups.setdefault(write.collection, []).append(write)
    return groups


def _write(target: Collection[Document], writes: list[Write], session: ClientSession) -> None:
    if all(isinstance(write.operation, InsertOne) for write in writes):
        documents = [write.operation._doc for write in writes]  # noqa: SLF001 - an InsertOne shows it nowhere else
        if len(documents) == 1:
            target.insert_one(documents[0], session=session)
        else:
            target.insert_many(documents, session=session)
        return
    batch: list[Any] = []
    for write in writes:
        if not write.must_match:
            batch.append(write.operation)
            continue
        # A write that must match goes alone: in a batch the others' counts would hide it.
        if batch:
            target.bulk_write(batch, session=session)
            batch = []
        if _matched(target, write.operation, session) != 1:
            raise Stale(write.collection)
    if batch:
        target.bulk_write(batch, session=session)


def _matched(target: Collection[Document], operation: Any, session: ClientSession) -> int:
    """Carry out one write by the driver's short road; how many documents it matched."""
    which, change = operation._filter, operation._doc  # noqa: SLF001 - an operation shows them nowhere else
    if isinstance(operation, ReplaceOne):
        return target.replace_one(which, change, session=session).matched_count
    upsert = bool(operation._upsert)  # noqa: SLF001 - an operation shows it nowhere else
    return target.update_one(which, change, upsert=upsert, session=session).matched_count


def _commit(session: ClientSession) -> None:
    """Commit, asking again while the outcome is unknown and the deadline allows."""
    while True:
        try:
            session.commit_transaction()
            return
        except PyMongoError as error:
            if not error.has_error_label("UnknownTransactionCommitResult") or not deadline.left():
                raise


def _abandon(session: ClientSession) -> None:
    try:
        session.abort_transaction()
    except PyMongoError:
        pass  # the server forgets it by itself


def _meaning_of_bulk(error: BulkWriteError) -> Exception:
    failure = (error.details.get("writeErrors") or [{}])[0]
    if failure.get("code") == DUPLICATE_KEY:
        return _duplicate(failure)
    if failure.get("code") == WRITE_CONFLICT or error.has_error_label("TransientTransactionError"):
        return Stale(str(failure.get("errmsg"))[:200])
    return error


def _duplicate(details: Mapping[str, Any]) -> Duplicate:
    # "E11000 duplicate key error collection: base.members index: handle dup key: …"
    words = str(details.get("errmsg", "")).split()
    collection = words[words.index("collection:") + 1].partition(".")[2] if "collection:" in words else ""
    index = words[words.index("index:") + 1] if "index:" in words else "_id_"
    return Duplicate(collection, index)
