"""What the confidentiality guard adds to posting: the service's own handler over MongoDB, with it and without.

In this process, so that nothing else is measured; the texts are those of the real archive where it is at
hand, and a paragraph where it is not. Beside it, what a look alone takes, and the longest of them.
"""

import gzip
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from benches.place import Place, corpus, in_turns, place, ratio
from benches.room import PARAGRAPH
from services.discussion.domain import gate, guard
from services.discussion.domain.markdown import sanitised, words_of
from services.discussion.repositories import INDEXES
from shared.wiring.store import Store
from tests.services.discussion_room import Room

ROUNDS = 15
POSTS = 100
LOOKS = 4_000
LONGEST_POST = 40_000
HELD_TO = 0.9


def run(folder: Path) -> dict[str, object]:
    """Measure; returns posts a second with the guard and without, and microseconds a look."""
    texts = _texts()
    with place(folder) as here:
        return _measure(here, texts)


def _texts() -> Sequence[str]:
    folder = corpus()
    if folder is None:
        return [PARAGRAPH * length for length in range(1, 9)]
    texts: list[str] = []
    with gzip.open(folder / "threads.jsonl.gz", "rt") as lines:
        for line in islice(lines, 400):
            posts = (words_of(sanitised(post["html"])) for post in json.loads(line)["posts"])
            texts += [text[:LONGEST_POST] for text in posts if text]
    return [text for text in texts[:LOOKS] if not guard.findings(text)]


def _measure(here: Place, texts: Sequence[str]) -> dict[str, object]:
    database = here.database("discussion")
    store = Store(database.client, f"{database.name}_guard", "discussion")
    store.ensure(INDEXES)
    room = Room(store)
    community = room.community()
    author = room.newcomer(community)
    assert author.member
    thread = room.open_thread(author, community).thread

    def posting() -> float:
        began = time.perf_counter()
        for number in range(POSTS):
            room.add_post(author, thread, texts[number % len(texts)])
        return POSTS / (time.perf_counter() - began)

    def unguarded() -> float:
        with patch.object(gate, "findings_in", lambda _parts, _rules: {}):
            return posting()

    posting()
    figures = in_turns(ROUNDS, guarded=posting, unguarded=unguarded)
    looks = sorted(map(_seconds, texts))
    return {
        "rates": figures,
        "texts": len(texts),
        "microseconds a look": {
            "median": 1e6 * statistics.median(looks),
            "mean": 1e6 * statistics.mean(looks),
            "longest": 1e6 * looks[-1],
        },
        "ratios": {"posting / without the guard": (ratio(figures, "guarded", "unguarded"), HELD_TO)},
    }


def _seconds(text: str) -> float:
    began = time.perf_counter()
    guard.findings(text)
    return time.perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        json.dump(run(Path(folder)), sys.stdout, indent=1)
