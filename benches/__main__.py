"""`make bench`: run every bench, or those that are named, and write docs/benchmarks.md.

Ends with 1 when a ratio that the project holds itself to is missed. What was measured stands in
docs/benchmarks.json, from which the page is written, so that one bench can be run again alone.
"""

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benches.page import page
from deploy.node.folder import CHECKOUT

BENCHES = (
    "events",
    "relay",
    "fan_out",
    "post_to_inbox",
    "gateway",
    "webhooks",
    "importing",
    "memory",
    "guard",
    "door",
)
RESULTS = CHECKOUT / "docs" / "benchmarks.json"
PAGE = CHECKOUT / "docs" / "benchmarks.md"


def main() -> int:
    """Run them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benches", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="bench", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="print what was measured as JSON as well")
    parser.add_argument("--page-only", action="store_true", help="only write the page again")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    missed = []
    for name in [] if arguments.page_only else arguments.names or BENCHES:
        began = time.monotonic()
        with console.status(f"{name} …"), tempfile.TemporaryDirectory() as folder:
            result = importlib.import_module(f"benches.{name}").run(Path(folder))
        results[name] = {
            "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
            "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
            "load_before": round(os.getloadavg()[2], 1),
            **json.loads(json.dumps(result)),
        }
        for what, ((middle, *_), held_to) in results[name].get("ratios", {}).items():
            at_most = "/ 250 ms" in what or "raw hops" in what
            kept = held_to is None or (middle <= held_to if at_most else middle >= held_to)
            console.print(
                f"{'✓' if kept else '✗'} {name}: {what}: {middle:.2f}"
                + (f" (held to {held_to})" if held_to else "")
            )
            if not kept:
                missed.append(what)
        console.print(f"  {name} took {time.monotonic() - began:.0f} s")
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    PAGE.write_text(page(results))
    if arguments.json:
        print(json.dumps(results, indent=1))
    if missed:
        console.print(f"Missed: {'; '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
