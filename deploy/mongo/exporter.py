"""`python -m deploy.mongo.exporter`: MongoDB's own metrics, on an admin port like every process of a node.

A process of its own, because a service that asked for them would be asked itself by every copy, and because
MongoDB's state is wanted most when the services can't reach it. For a replica set of several, run one beside
each member and name that member alone: COMMONPLACE_MONGO=mongodb://host:port/?directConnection=true.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version

import pymongo
import structlog
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.mongo.translating import database_metrics, replica_metrics, server_metrics
from shared.settings import ServiceSettings
from shared.wiring import logs, metrics
from shared.wiring.admin import start_admin

NAME = "mongo-exporter"
PATIENCE = 2.0
"""Seconds for all questions of a scrape, and again for readiness; Prometheus gives up after ten."""

log = structlog.get_logger()


class MongoCollector(Collector):
    """Asks MongoDB when Prometheus asks us; `mongodb_up` says whether it answered.

    Args:
        client: to the server that is asked.
        database_prefix: databases whose names begin so, and `_`, are measured.
    """

    def __init__(self, client: MongoClient[dict[str, object]], database_prefix: str) -> None:
        self.client = client
        self.database_prefix = database_prefix

    def collect(self) -> Iterator[Metric]:
        """Yield what MongoDB tells at this moment."""
        try:
            answers = list(self._ask())
        except PyMongoError as error:
            log.warning("mongodb.does_not_answer", error=str(error)[:200])
            answers = []
        yield GaugeMetricFamily("mongodb_up", "1 when MongoDB answers.", value=bool(answers))
        yield from answers

    def describe(self) -> list[Metric]:
        """Nothing: what there is depends on the server, which need not be there when we start."""
        return []

    def ready(self) -> str | None:
        """None while MongoDB answers, else one sentence saying why not."""
        try:
            with pymongo.timeout(PATIENCE):
                self.client.admin.command("ping")
        except PyMongoError as error:
            return f"MongoDB does not answer: {type(error).__name__}."
        return None

    def _ask(self) -> Iterator[Metric]:
        with pymongo.timeout(PATIENCE):
            admin = self.client.admin
            yield from server_metrics(admin.command("serverStatus"))
            yield from replica_metrics(admin.command("replSetGetStatus"))
            yield from database_metrics(
                {name: self.client[name].command("dbStats") for name in ("admin", *self._ours())}
            )

    def _ours(self) -> list[str]:
        names = self.client.list_database_names()
        return sorted(name for name in names if name.startswith(f"{self.database_prefix}_"))


def main() -> int:
    """Answer Prometheus until SIGTERM; returns the exit code."""
    settings = ServiceSettings()
    logs.configure(NAME, settings.log_level)
    metrics.BUILD.info({"version": version("commonplace"), "process": NAME})
    client: MongoClient[dict[str, object]] = MongoClient(
        settings.mongo, serverSelectionTimeoutMS=1500, connectTimeoutMS=1500, appname=NAME, maxPoolSize=2
    )
    collector = MongoCollector(client, settings.database_prefix)
    REGISTRY.register(collector)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stop = start_admin(settings.admin_host, settings.admin_port, {"database": collector.ready})
    log.info("exporter.started")
    stopping.wait()
    stop()
    client.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
