"""Metrics are declared in one place, their labels are bounded, and whatever asks for one asks for one that is there."""

from pathlib import Path

import pytest
from prometheus_client import Counter
from prometheus_client.metrics import MetricWrapperBase

from deploy.grafana.queries import panel_queries
from deploy.prometheus.asking import is_known
from deploy.prometheus.expressions import metrics_of
from deploy.prometheus.rules import rules
from shared.wiring import metrics

CHECKOUT = Path(__file__).parents[3]
DECLARED = [thing for thing in vars(metrics).values() if isinstance(thing, MetricWrapperBase)]
BOUNDED = {
    "service", "method", "route", "status", "outcome", "contract", "road", "line", "check",
    "kind", "crossing", "decision", "direction", "reason", "way", "what",
}  # fmt: skip
NAMING_CLIENTS = {"commonplace_deprecated_calls"}
"""Bounded by the clients that there are; whose system must be changed is what this one is for."""


@pytest.mark.parametrize("metric", DECLARED, ids=lambda metric: metric._name)
def test_it_has_a_name_of_ours_a_sentence_and_bounded_labels(metric: MetricWrapperBase) -> None:
    assert metric._name.startswith("commonplace_")
    assert metric._documentation.endswith(".") and not metric._documentation[0].islower()
    assert set(metric._labelnames) <= BOUNDED | ({"client"} if metric._name in NAMING_CLIENTS else set())


def test_nobody_declares_a_metric_elsewhere() -> None:
    elsewhere = [
        file
        for folder in ("services", "shared")
        for file in (CHECKOUT / folder).rglob("*.py")
        if "prometheus_client import" in file.read_text()
    ]
    assert {file.relative_to(CHECKOUT).as_posix() for file in elsewhere} == {
        "shared/wiring/metrics.py",
        "shared/wiring/admin.py",
    }


def test_every_metric_is_measured_somewhere() -> None:
    code = "\n".join(
        file.read_text()
        for folder in ("services", "shared")
        for file in (CHECKOUT / folder).rglob("*.py")
        if file.name != "metrics.py"
    )
    names = [name for name, thing in vars(metrics).items() if isinstance(thing, MetricWrapperBase)]
    direct = "from shared.wiring.metrics import"
    unused = [name for name in names if f"metrics.{name}" not in code and f"{direct} {name}" not in code]
    assert not unused


def test_every_metric_of_ours_that_a_panel_or_a_rule_asks_for_is_declared() -> None:
    expressions = [query.expression for query in panel_queries()] + [rule.expression for rule in rules()]
    declared = {metric._name for metric in DECLARED} | {rule.name for rule in rules() if not rule.is_alert}
    asked = {name for expression in expressions for name in metrics_of(expression)}
    ours = {name for name in asked if name.startswith(("commonplace_", "commonplace:"))}
    assert not {name for name in ours if not is_known(name, declared)}


def test_every_counter_of_what_members_do_is_seen_on_a_dashboard() -> None:
    """What is counted and never looked at is not worth counting."""
    asked = {name for query in panel_queries() for name in metrics_of(query.expression)}
    asked |= {name for rule in rules() for name in metrics_of(rule.expression)}
    counters = {f"{metric._name}_total" for metric in DECLARED if isinstance(metric, Counter)}
    assert not counters - asked


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("a", "b", "across"), ("a", "a", "within"), (None, "a", "within"), ("a", None, "within")],
)
def test_only_two_different_organisations_are_across(
    one: str | None, other: str | None, expected: str
) -> None:
    assert metrics.crossing(one, other) == expected
