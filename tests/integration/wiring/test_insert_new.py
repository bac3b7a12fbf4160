"""Writing what is too much for one transaction, on a real MongoDB."""

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import BulkWriteError, PyMongoError

from shared.wiring import deadline
from shared.wiring.store import PART, Store

MANY = 3 * PART + 7


@pytest.fixture
def store(mongo_url: str, database_prefix: str) -> Iterator[Store]:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        store = Store(client, f"{database_prefix}_many", "many")
        yield store
        client.drop_database(store.database)


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"_id": number} for number in numbers]


def test_nothing_is_nothing(store: Store) -> None:
    assert store.insert_new("inbox", []) == []


@pytest.mark.parametrize("count", [1, PART, PART + 1, MANY])
def test_all_that_is_new_is_there(store: Store, count: int) -> None:
    assert store.insert_new("inbox", rows(*range(count))) == list(range(count))
    assert store.database["inbox"].count_documents({}) == count


def test_what_is_there_already_is_passed_over_in_every_part(store: Store) -> None:
    there = {0, 1, PART - 1, PART, 2 * PART + 3, MANY - 1}
    store.database["inbox"].insert_many(rows(*there))
    added = store.insert_new("inbox", rows(*range(MANY)))
    assert added == [number for number in range(MANY) if number not in there]
    assert store.insert_new("inbox", rows(*range(MANY))) == []


def test_another_failure_than_being_there_is_said(store: Store) -> None:
    store.database.create_collection("inbox", validator={"member": {"$exists": True}})
    with pytest.raises(BulkWriteError):
        store.insert_new("inbox", rows(*range(MANY)))


def test_the_time_allowed_holds_for_every_part(store: Store) -> None:
    with pytest.raises(PyMongoError) as failed, deadline.within(0.001):
        store.insert_new("inbox", rows(*range(20 * PART)))
    assert failed.value.timeout
