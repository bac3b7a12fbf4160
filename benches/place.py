"""Where a bench runs: a corner of real servers, child processes, and the watch."""

import os
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from deploy.node.folder import CHECKOUT
from tests.conftest import node_settings
from tests.shared_servers import SESSION, TestServers, shared_servers


@dataclass
class Place:
    """One bench's corner: a virtual host and databases that nobody else uses."""

    servers: TestServers
    name: str
    broker: str
    mongo: str
    folder: Path
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process of a node in this place."""
        return {**os.environ, **node_settings(self.broker, self.mongo, self.name, self.folder / "keys")}

    def database(self, service: str) -> Database[dict[str, Any]]:
        """A service's database, waiting for the disk as a service does."""
        client: MongoClient[dict[str, Any]] = MongoClient(
            self.mongo, w="majority", journal=True, tz_aware=True
        )
        return client[f"{self.name}_{service}"]

    def spawn(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Run `python arguments…` beside this process; ended with the place."""
        log = (self.folder / f"child-{len(self.children)}.log").open("ab")
        environment = {**self.environment, "PYTHONWARNINGS": "ignore", "PYTHONPATH": str(CHECKOUT), **more}
        child = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=log, stderr=log)
        self.children.append(child)
        return child

    def end_children(self) -> None:
        """Stop every child."""
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.children.clear()


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """A fresh corner of the servers, gone afterwards."""
    with shared_servers() as servers:
        name = f"{SESSION}bench{secrets.token_hex(4)}"
        (folder / name).mkdir(parents=True)
        here = Place(servers, name, servers.add_vhost(name), servers.mongodb.url, folder / name)
        try:
            yield here
        finally:
            here.end_children()
            servers.drop_vhost(name)
            servers.drop_databases(f"{name}_")


def rate_until(count: Callable[[], int], total: int, patience: float = 120.0) -> float:
    """Things per second from the first tenth to the last, so that neither start nor end is measured.

    Raises:
        TimeoutError: they were not all there within `patience` seconds.
    """
    began = time.monotonic()
    first: tuple[float, int] | None = None
    while True:
        there, moment = count(), time.monotonic()
        if first is None and there >= total // 10:
            first = (moment, there)
        if there >= total:
            break
        if moment - began > patience:
            raise TimeoutError(f"{there} of {total} after {patience:.0f} s")
        time.sleep(0.02)
    assert first is not None
    return (total - first[1]) / max(moment - first[0], 1e-9)


def in_turns(rounds: int, **contenders: Callable[[], float]) -> dict[str, list[float]]:
    """Run each contender once a round, in turns, and give each one's figures."""
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            figures[name].append(run())
    return figures


def ratio(figures: dict[str, list[float]], ours: str, other: str) -> tuple[float, float, float]:
    """Median, smallest and largest of ours / other, round by round."""
    ratios = [mine / theirs for mine, theirs in zip(figures[ours], figures[other], strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def corpus() -> Path | None:
    """The folder with the real archive, if this machine has it."""
    named = os.environ.get("COMMONPLACE_CORPUS")
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "corpus"
    return folder if (folder / "threads.jsonl.gz").exists() else None
