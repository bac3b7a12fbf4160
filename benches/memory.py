"""The resident size of every process: idle, and after a hundred thousand posts."""

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benches.place import Place, place
from benches.room import Room, furnish, leave
from benches.wrk import load, posting, reading

THREADS = 10_000
POSTS = 10
LIVE = 10
"""Seconds of live posting and reading on top, through the API."""


def run(folder: Path) -> dict[str, object]:
    """Measure; returns MB by process."""
    with place(folder) as here:
        processes = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1, "stream": 1}
        small = furnish(here, processes=processes, people=50, threads=1, posts=1)
        time.sleep(3)
        idle = _resident(here, small)
        leave(small)
        full = furnish(here, processes=processes, people=1000, threads=THREADS, posts=POSTS, paragraphs=2)
        try:
            headers = {"Authorization": f"Bearer {full.token(full.members[0])}"}
            some = full.threads[:500]
            load(
                reading([f"/v1/threads/{id}" for id in some], headers),
                full.node.url,
                here.folder,
                seconds=LIVE,
            )
            posts = [f"/v1/threads/{id}/posts" for id in some]
            load(posting(posts, headers, "memory"), full.node.url, here.folder, seconds=LIVE)
            busy = _resident(here, full)
        finally:
            leave(full)
    return {"MB idle": idle, f"MB after {THREADS * POSTS:,} posts": busy}


def _resident(here: Place, room: Room) -> dict[str, float]:
    """MB by process, its children counted with it; the broker and the database have served other benches too."""
    pids = {running.name: running.pid for running in room.node.processes}
    servers = {"RabbitMQ": here.servers.rabbitmq.pid, "MongoDB": here.servers.mongodb.pid}
    sizes = {}
    for name, pid in {**pids, **servers}.items():
        if pid is not None:
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
            sizes[name] = sum(each.memory_info().rss for each in family) / 1e6
    return sizes


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
