"""docs/benchmarks.md, written from what was measured."""

from collections.abc import Iterator
from statistics import median
from typing import Any

HEAD = """# Benchmarks

How fast Commonplace is, side by side with the limit: the raw driver, the raw broker, a bare view. Rates are medians
of rounds taken in turns on one machine with everything on it (clients, services, broker, database), so that only
rows of one table compare. This page is written by `make bench`; `make bench BENCH="events relay"` measures some again.
"""

ABOUT = {
    "events": "Facts heard: effect and memory of it in one transaction, by one listener process and by two.",
    "relay": "Facts told: found in the outbox, published with confirmations, deleted.",
    "fan_out": "One thread told to 10,000 inboxes; and what reading an inbox costs as it grows.",
    "post_to_inbox": "From a post to the asker's open stream, open loop, split by hop.",
    "gateway": "Requests through the gateway, its service, and back; wrk, one thread, 16 connections.",
    "door": "What knowing who asks adds to a request, and what an agreement adds to reading.",
    "guard": "What the confidentiality guard adds to posting, by the service's own handler.",
    "webhooks": "Deliveries to webhooks, by one process; and what receivers that never answer cost the others.",
    "importing": "A real archive of 3,000 threads brought in by `commonplace import`.",
    "memory": "Resident size of every process, its children with it.",
}


def page(results: dict[str, Any]) -> str:
    """The page, in Markdown."""
    return "\n".join([HEAD, *_sections(results)]).rstrip() + "\n"


def _sections(results: dict[str, Any]) -> Iterator[str]:
    for name, about in ABOUT.items():
        if name not in results:
            continue
        result = results[name]
        yield f"## {name.replace('_', ' ').capitalize()}\n\n{about}\n"
        yield f"*{result['measured']}, {result['machine']}. Repeat: `make bench BENCH={name}`.*\n"
        if "skipped" in result:
            yield f"Not measured: {result['skipped']}.\n"
        if "rates" in result:
            yield from _table(
                ("contender", "a second (median)", "rounds"),
                (
                    (
                        what.replace("_", " "),
                        f"{median(rates):,.0f}",
                        ", ".join(f"{rate:,.0f}" for rate in rates),
                    )
                    for what, rates in result["rates"].items()
                ),
            )
        if "ratios" in result:
            yield from _table(
                ("ratio", "median", "smallest to largest", "held to"),
                (
                    (what, f"{middle:.2f}", f"{low:.2f} to {high:.2f}", str(held_to or "–"))
                    for what, ((middle, low, high), held_to) in result["ratios"].items()
                ),
            )
        yield from _rest(result)


def _rest(result: dict[str, Any]) -> Iterator[str]:
    known = {"measured", "machine", "load_before", "rates", "ratios", "skipped"}
    for what, value in result.items():
        if what in known:
            continue
        if isinstance(value, dict) and value and all(isinstance(each, dict) for each in value.values()):
            yield f"{what.capitalize()}:\n"
            columns = list(next(iter(value.values())))
            yield from _table(
                ("", *columns),
                ((row, *(_figure(cells[column]) for column in columns)) for row, cells in value.items()),
            )
        elif isinstance(value, dict):
            yield f"{what.capitalize()}:\n"
            yield from _table(("", "figure"), ((row, _figure(cell)) for row, cell in value.items()))
        else:
            yield f"{what.capitalize()}: {_figure(value)}\n"


def _figure(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_figure(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_figure, value))
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _table(head: tuple[str, ...], rows: Any) -> Iterator[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
