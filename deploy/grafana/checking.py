"""Tries every query of dashboards, alerts and recordings on a running Prometheus that watches a busy node."""

import math
import time
from collections.abc import Callable, Iterable, Sequence

from deploy.grafana.queries import PanelQuery
from deploy.prometheus.asking import PrometheusApi, Refused, is_known
from deploy.prometheus.expressions import Malformed, metrics_of
from deploy.prometheus.rules import Rule

# What Prometheus makes itself, out of firing alerts.
OWN = {"ALERTS", "ALERTS_FOR_STATE"}


def faults(prometheus: PrometheusApi, queries: Iterable[PanelQuery], rules: Iterable[Rule]) -> list[str]:
    """Return one sentence for every query that says nothing, is no PromQL or needs a metric that nobody has.

    An alert is expected to say nothing; that it would speak is shown by its own test.
    """
    rules = list(rules)
    known = prometheus.metrics() | OWN | {rule.name for rule in rules if not rule.is_alert}
    found = []
    for query in queries:
        fault = _unknown(query.expression, known) or _silence(prometheus, query.expression)
        if fault:
            found.append(f"{query.where}: {fault}: {query.expression}")
    for rule in rules:
        fault = _unknown(rule.expression, known)
        if not rule.is_alert:
            fault = fault or _silence(prometheus, rule.name)
        if fault:
            found.append(f"{rule.name}: {fault}: {rule.expression}")
    return found


def faults_in_the_end(
    prometheus: PrometheusApi,
    queries: Sequence[PanelQuery],
    rules: Sequence[Rule],
    patience: float = 60.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[str]:
    """Return what is still at fault after `patience` seconds of asking again.

    A rate needs two scrapes, and a recording needs a rate.

    Args:
        prometheus: whom to ask.
        queries: the panels'.
        rules: the alerts and recordings.
        patience: seconds.
        meanwhile: done between two rounds, so that something happens on the node.
    """
    until = time.monotonic() + patience
    while (found := faults(prometheus, queries, rules)) and time.monotonic() < until:
        meanwhile()
        time.sleep(1)
    return found


def _unknown(expression: str, known: set[str]) -> str | None:
    try:
        needed = metrics_of(expression)
    except Malformed as malformed:
        return f"is no PromQL ({malformed})"
    missing = sorted(name for name in needed if not is_known(name, known))
    return f"nobody has {', '.join(missing)}" if missing else None


def _silence(prometheus: PrometheusApi, expression: str) -> str | None:
    try:
        values = prometheus.query(expression)
    except Refused as refused:
        return f"Prometheus refuses it ({refused})"
    return None if any(not math.isnan(value) for value in values) else "is empty"
