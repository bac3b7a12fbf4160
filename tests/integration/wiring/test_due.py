"""What is done now and then, on a real MongoDB: by one of all copies, and by another when that one dies."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from shared.wiring.store import LEASES
from tests.integration.wiring.test_calls_and_facts import eventually

Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def strokes(fresh_environment: dict[str, str]) -> Iterator[Collection[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](fresh_environment["COMMONPLACE_MONGO"]) as client:
        yield client[f"{fresh_environment['COMMONPLACE_DATABASE_PREFIX']}_clock"]["strokes"]


@pytest.fixture
def start(fresh_environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "shared.wiring.run", "tests.integration.wiring.clock:clock"]
        environment = {**os.environ, **fresh_environment, "PYTHONWARNINGS": "ignore"}
        log = (tmp_path / f"clock{len(processes)}.log").open("ab")
        processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_one_copy_does_it_again_and_again_also_after_a_failure_and_another_follows(
    strokes: Collection[dict[str, Any]], start: Start
) -> None:
    first = start()
    eventually(lambda: strokes.count_documents({}) >= 5, 20)
    second = start()
    chimes = strokes.database["chimes"]
    eventually(lambda: chimes.count_documents({}) >= 3, 20)
    assert strokes.distinct("by") == [first.pid]
    assert chimes.distinct("by") == [first.pid], "the lease is kept also while nothing is due"
    first.kill()
    eventually(lambda: second.pid in strokes.distinct("by"), 10)


def test_it_ends_at_a_stop(strokes: Collection[dict[str, Any]], start: Start) -> None:
    first = start()
    eventually(lambda: strokes.count_documents({}) >= 3, 20)
    first.terminate()
    assert first.wait(10) == 0
    count = strokes.count_documents({})
    time.sleep(0.5)
    assert strokes.count_documents({}) == count


def test_whoever_stops_leaves_its_leases_to_the_others(
    strokes: Collection[dict[str, Any]], start: Start
) -> None:
    first = start()
    eventually(lambda: strokes.count_documents({}) >= 3, 20)
    eventually(lambda: strokes.database[LEASES].count_documents({}) >= 2, 20)
    first.terminate()
    assert first.wait(10) == 0
    assert not list(strokes.database[LEASES].find())
