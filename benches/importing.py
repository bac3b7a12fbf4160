"""A whole archive brought in, beside raw `insert_many` of the same posts; and what memory it takes.

Two limits: raw into a collection with the same indexes (the text index is most of the cost), and raw
into one without any, as `mongoimport` would do before anybody could read or search it.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from pymongo import IndexModel

from benches.place import Place, corpus, place
from services.discussion.repositories import INDEXES
from tests.node import Node

AT_ONCE = 1_000


def run(folder: Path) -> dict[str, object]:
    """Measure; returns posts a second and the import's memory at a tenth and at the end, in MB."""
    archive = corpus()
    if archive is None:
        return {"skipped": "there is no corpus beside the project; name its folder in COMMONPLACE_CORPUS"}
    with place(folder) as here:
        node = Node(
            here.environment, here.folder, {"membership": 1, "discussion": 1, "notifications": 1}
        ).start()
        try:
            return _measure(here, archive)
        finally:
            node.stop()


def _measure(here: Place, archive: Path) -> dict[str, object]:
    base = here.database("discussion")
    began = time.perf_counter()
    child = here.spawn(
        "-c",
        "from deploy.commands import main; main()",
        "import",
        str(archive / "threads.jsonl.gz"),
        "--organisations",
        str(archive / "organisations.json"),
        "--topics",
        "escaped",
        "--json",
    )
    process, memory = psutil.Process(child.pid), [0.0]
    while child.poll() is None:
        try:
            memory.append(process.memory_info().rss / 1e6)
        except psutil.Error:
            break
        time.sleep(0.2)
    if child.wait():
        raise RuntimeError(f"the import ended with {child.returncode}: {here.folder}/child-*.log")
    took = time.perf_counter() - began
    rows = list(base["posts"].find())
    ours = len(rows) / took
    indexed = _raw(base.client[f"{base.name}_raw"], "indexed", rows, INDEXES["posts"])
    bare = _raw(base.client[f"{base.name}_raw"], "bare", rows, [])
    early = max(memory[: max(2, len(memory) // 10)])
    return {
        "rates": {"import": [ours], "raw with the same indexes": [indexed], "raw without indexes": [bare]},
        "posts": len(rows),
        "memory of the import in MB": {"after a tenth": early, "at most": max(memory)},
        "ratios": {
            "import / raw with the same indexes": ((ours / indexed,) * 3, None),
            "import / raw without indexes": ((ours / bare,) * 3, None),
            "memory after a tenth / at most": ((early / max(memory),) * 3, 0.5),
        },
    }


def _raw(base: Any, name: str, rows: list[dict[str, Any]], indexes: list[IndexModel]) -> float:
    collection = base[name]
    collection.drop()
    if indexes:
        collection.create_indexes(indexes)
    began = time.perf_counter()
    for first in range(0, len(rows), AT_ONCE):
        collection.insert_many(rows[first : first + AT_ONCE], ordered=False)
    rate = len(rows) / (time.perf_counter() - began)
    collection.drop()
    return rate


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
