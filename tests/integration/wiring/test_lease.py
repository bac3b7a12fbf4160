"""A lease on a real MongoDB: one has it, and another follows."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from shared.wiring.lease import Lease
from tests.integration.wiring.test_calls_and_facts import eventually

LONG = timedelta(minutes=5)
SHORT = timedelta(seconds=2)


@pytest.fixture
def leases(mongo_url: str, database_prefix: str) -> Iterator[Collection[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        collection = client[f"{database_prefix}_leased"]["leases"]
        yield collection
        collection.drop()


def test_one_has_it_and_nobody_else(leases: Collection[dict[str, Any]]) -> None:
    first, second = Lease(leases, "sweeping", LONG), Lease(leases, "sweeping", LONG)
    assert first.have()
    assert not second.have()
    assert first.have()


def test_of_many_who_want_it_at_once_one_gets_it(leases: Collection[dict[str, Any]]) -> None:
    copies = [Lease(leases, "sweeping", LONG) for _ in range(8)]
    together = threading.Barrier(8)

    def want(copy: Lease) -> bool:
        together.wait()
        return copy.have()

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(want, copies)) == 1


def test_another_follows_when_it_runs_out_and_the_first_learns_of_it(
    leases: Collection[dict[str, Any]],
) -> None:
    first, second = Lease(leases, "sweeping", SHORT), Lease(leases, "sweeping", LONG)
    assert first.have()
    assert not second.have()
    eventually(second.have, 6)
    assert not first.have()


def test_who_renews_it_keeps_it(leases: Collection[dict[str, Any]]) -> None:
    first, second = Lease(leases, "sweeping", SHORT), Lease(leases, "sweeping", SHORT)
    end = time.monotonic() + 2 * SHORT.total_seconds()
    while time.monotonic() < end:
        assert first.have()
        assert not second.have()
        time.sleep(0.02)


def test_what_is_let_go_is_free_at_once_and_only_its_holder_lets_it_go(
    leases: Collection[dict[str, Any]],
) -> None:
    first, second = Lease(leases, "sweeping", LONG), Lease(leases, "sweeping", LONG)
    assert first.have()
    second.let_go()
    assert not second.have()
    first.let_go()
    assert second.have()
    assert not first.have()


def test_leases_of_other_names_are_others(leases: Collection[dict[str, Any]]) -> None:
    assert Lease(leases, "sweeping", LONG).have()
    assert Lease(leases, "counting", LONG).have()
