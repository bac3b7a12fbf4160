"""Archives for tests: a small invented one, and the real one where it is at hand."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deploy.node.folder import CHECKOUT

VARIABLE = "COMMONPLACE_CORPUS"
BESIDE = CHECKOUT.parent / "shared" / "corpus"


def corpus() -> Path:
    """The folder of the real archive; the test is skipped, and says why, where there is none."""
    folder = Path(os.environ.get(VARIABLE) or BESIDE)
    if not (folder / "threads.jsonl.gz").exists():
        pytest.skip(
            f"The real archive is not here: no threads.jsonl.gz in {folder}; {VARIABLE} names its folder."
        )
    return folder


def write_archive(folder: Path, threads: int, posts: int, people: int) -> Path:
    """Write an invented archive of two communities.

    Args:
        threads: how many; every tenth has twenty times as many posts.
        posts: in each thread.
        people: who write in turns.
    """
    path = folder / "invented.jsonl.gz"
    with gzip.open(path, "wt") as out:
        for number in range(threads):
            written = [
                {
                    "author": f"person-{(number * 7 + place) % people}",
                    "at": f"2019-{1 + number % 12:02}-{1 + place // 60 % 28:02}T10:{place % 60:02}:00Z",
                    "html": f"<p>Post {place} of <b>thread {number}</b>.</p>",
                }
                for place in range(posts * 20 if number % 10 == 9 else posts)
            ]
            thread = {"community": f"Invented {number % 2}", "topic": f"Topic {number}?", "posts": written}
            out.write(json.dumps(thread) + "\n")
    return path


def write_organisations(folder: Path, *names: str) -> Path:
    """Write a file of organisations."""
    path = folder / "organisations.json"
    path.write_text(json.dumps(names))
    return path


def importing(environment: Mapping[str, str], *words: object) -> subprocess.Popen[str]:
    """Start `commonplace import --json` with these words."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from deploy.commands import main; main()",
            "import",
            "--json",
            *map(str, words),
        ],
        cwd=CHECKOUT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def report_of(running: subprocess.Popen[str], seconds: float = 240) -> dict[str, Any]:
    """Wait for an import and return its report, with its exit code as `exit`."""
    out, errors = running.communicate(timeout=seconds)
    assert out, errors
    return {**json.loads(out), "exit": running.returncode}
