"""What operators need most is measured while the broker or the database is away."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient

from deploy.node.ports import free_ports
from deploy.node.server import Command
from shared.wiring import metrics
from shared.wiring.lease import Lease
from shared.wiring.outbox import Relay
from tests.node import RunningProcess

NOBODY = "127.0.0.1:1"


def eventually(condition: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "this did not come true"
        time.sleep(0.1)


@contextmanager
def exporter(mongo: str, folder: Path) -> Iterator[RunningProcess]:
    (port,) = free_ports(1)
    environment = {
        **os.environ,
        "COMMONPLACE_MONGO": mongo,
        "COMMONPLACE_ADMIN_PORT": str(port),
        "COMMONPLACE_DATABASE_PREFIX": "local",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = Command("mongo-exporter", [sys.executable, "-m", "deploy.mongo.exporter"], environment)
    process = RunningProcess("mongo-exporter", command, folder, port)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def scraped(process: RunningProcess) -> dict[str, float]:
    with urllib.request.urlopen(f"{process.admin_url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def status(process: RunningProcess, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"{process.admin_url}{path}", timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_exporter_tells_what_mongodb_tells(mongo_url: str, tmp_path: Path) -> None:
    with exporter(mongo_url, tmp_path) as process:
        process.wait_ready()
        told = scraped(process)
    assert told["mongodb_up"] == 1 and told["commonplace_ready"] == 1
    for name in (
        "mongodb_ss_connections",
        "mongodb_ss_wt_cache_maximum_bytes_configured",
        "mongodb_ss_transactions_totalCommitted",
        "mongodb_rs_members_optimeDate",
        "mongodb_dbstats_fsTotalSize",
    ):
        assert told[name] >= 0, name


def test_the_exporter_lives_and_says_so_while_mongodb_is_away(tmp_path: Path) -> None:
    with exporter(f"mongodb://{NOBODY}/?replicaSet=rs0", tmp_path) as process:
        eventually(lambda: "exporter.started" in process.last_words())
        told = scraped(process)
        assert told["mongodb_up"] == 0 and told["commonplace_ready"] == 0
        assert status(process, "/healthz")[0] == 200
        code, answer = status(process, "/readyz")
    assert code == 503 and "database" in answer["why"]  # type: ignore[operator]


def test_an_outbox_is_measured_while_the_broker_is_away(mongo_url: str, database_prefix: str) -> None:
    client: MongoClient[dict[str, object]] = MongoClient(mongo_url, tz_aware=True)
    outbox = client[f"{database_prefix}_measured"]["outbox"]
    moment = datetime.now(UTC)
    outbox.insert_one(
        {
            "_id": "0" * 24,
            "type": "org.commonplace.nothing",
            "body": b"{}",
            "told_at": moment - timedelta(seconds=90),
            "due": moment - timedelta(seconds=80),
            "attempts": 0,
        }
    )
    sweeping = Lease(outbox.database["leases"], "sweeping", timedelta(seconds=6))
    relay = Relay(f"amqp://nobody:nothing@{NOBODY}/none", outbox, sweeping, "membership")
    relay.start()
    try:
        eventually(lambda: metrics.OUTBOX_OLDEST.labels("membership")._value.get() > 89)
        assert metrics.OUTBOX_WAITING.labels("membership")._value.get() == 1
        time.sleep(2.5)
        assert metrics.OUTBOX_OLDEST.labels("membership")._value.get() > 91, "it is measured again and again"
    finally:
        relay.stop()
        client.close()
