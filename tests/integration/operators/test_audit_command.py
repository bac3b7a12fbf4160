"""`commonplace audit` on real processes: the log is read, and whoever touches it is found out."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from tests.conftest import StartNode
from tests.integration.operators.test_registering import Operator


@pytest.fixture
def log(fresh_environment: dict[str, str]) -> Iterator[Collection[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](fresh_environment["COMMONPLACE_MONGO"], tz_aware=True) as client:
        yield client[f"{fresh_environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]["audit"]


def test_whoever_touches_the_log_is_found_out(
    fresh_environment: dict[str, str], node: StartNode, log: Collection[dict[str, Any]]
) -> None:
    node(fresh_environment, {"membership": 1})
    operator = Operator(fresh_environment)
    assert operator.run("audit", "verify").stdout == "✓ 0 entries, each where it belongs.\n"
    for name in ("North", "South", "West"):
        operator.made("organisations", "register", name, "--sector", "health", "--geography", "Wales")
    until = time.monotonic() + 15
    while log.count_documents({}) < 3:
        assert time.monotonic() < until
        time.sleep(0.1)

    head = operator.run("audit", "head").stdout.strip()
    assert head.startswith("3:")
    assert operator.run("audit", "verify", "--head", head).returncode == 0
    assert operator.made("audit", "verify", "--head", head) == {"entries": 3, "head": head}
    assert operator.run("audit", "list").stdout.count("register_organisation") == 3
    assert operator.run("audit", "list").stderr == ""
    for words in ((), ("--json",)):
        cut = operator.run("audit", "list", "--limit", "2", *words)
        assert len(cut.stdout.splitlines()) == 2
        assert cut.stderr == "These are the newest 2, and there are more; --limit shows more of them.\n"

    def found_out(sentence: str, *words: str) -> None:
        done = operator.run("audit", "verify", *words)
        assert done.returncode == 1
        assert sentence in done.stderr

    second, third = log.find_one({"_id": 2}), log.find_one({"_id": 3})
    assert second and third
    log.update_one({"_id": 2}, {"$set": {"operator": False}})
    found_out("Entry 2 of the audit log is not what it was")
    log.delete_one({"_id": 2})
    found_out("lacks its entry 2")
    log.insert_one(second)
    assert operator.run("audit", "verify").returncode == 0
    log.delete_one({"_id": 3})
    found_out("lacks its entry 3", "--head", head)
    assert operator.run("audit", "verify").returncode == 0, (
        "an end that was cut off shows only to whoever noted it"
    )
    log.insert_one(third)
    log.delete_one({"_id": 1})
    found_out("lacks everything up to its entry 1")
    found_out("is not what `commonplace audit head` prints", "--head", "three")
