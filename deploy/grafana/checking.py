"""Tries every query of dashboards, alerts and recordings on a running Prometheus that watches a busy node."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from deploy.grafana.queries import PanelQuery
from deploy.prometheus.asking import PrometheusApi, Refused, is_known
from deploy.prometheus.expressions import Malformed, metrics_of
from deploy.prometheus.rules import Rule

# What Prometheus makes itself, out of firing alerts.
OWN = {"ALERTS", "ALERTS_FOR_STATE"}


class Found(NamedTuple):
    """What became of the queries, one sentence for each that is named.

    Args:
        broken: is no PromQL, is refused, or needs a metric that nobody has.
        empty: is right, and there is nothing to show just now.
    """

    broken: list[str]
    empty: list[str]


def look(prometheus: PrometheusApi, queries: Iterable[PanelQuery], rules: Iterable[Rule]) -> Found:
    """Try every query once.

    An alert is expected to say nothing; that it would speak is shown by its own test.
    """
    rules = list(rules)
    known = prometheus.metrics() | OWN | {rule.name for rule in rules if not rule.is_alert}
    found = Found([], [])
    for query in queries:
        _note(found, prometheus, known, query.where, query.expression, query.expression)
    for rule in rules:
        _note(found, prometheus, known, rule.name, rule.expression, None if rule.is_alert else rule.name)
    return found


def found_in_the_end(
    prometheus: PrometheusApi,
    queries: Sequence[PanelQuery],
    rules: Sequence[Rule],
    patience: float = 60.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> Found:
    """Return what is still broken or empty after `patience` seconds of asking again.

    A rate needs two scrapes, and a recording needs a rate.

    Args:
        prometheus: whom to ask.
        queries: the panels'.
        rules: the alerts and recordings.
        patience: seconds.
        meanwhile: done between two rounds, so that something happens on the node.
    """
    until = time.monotonic() + patience
    while any(found := look(prometheus, queries, rules)) and time.monotonic() < until:
        meanwhile()
        time.sleep(1)
    return found


def _note(
    found: Found, prometheus: PrometheusApi, known: set[str], where: str, expression: str, asked: str | None
) -> None:
    """Add a sentence to what was found when this expression is broken, or what is asked for it says nothing."""
    fault = _unknown(expression, known)
    if fault is None and asked is not None:
        try:
            if not any(not math.isnan(value) for value in prometheus.query(asked)):
                found.empty.append(f"{where}: empty just now: {expression}")
        except Refused as refused:
            fault = f"Prometheus refuses it ({refused})"
    if fault:
        found.broken.append(f"{where}: {fault}: {expression}")


def _unknown(expression: str, known: set[str]) -> str | None:
    try:
        needed = metrics_of(expression)
    except Malformed as malformed:
        return f"is no PromQL ({malformed})"
    missing = sorted(name for name in needed if not is_known(name, known))
    return f"nobody has {', '.join(missing)}" if missing else None
