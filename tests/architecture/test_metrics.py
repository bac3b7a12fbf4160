"""Every metric is declared in one file, says what it counts in a sentence, is counted, and has bounded labels."""

import re
from pathlib import Path

import pytest
from prometheus_client import Counter, Gauge, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from shared.wiring import metrics

ROOT = Path(__file__).parents[2]
DECLARED = {name: thing for name, thing in vars(metrics).items() if isinstance(thing, MetricWrapperBase)}
BOUNDED = {
    "check", "community_stage", "contract", "crossing", "decision", "direction", "kind", "line", "method", "outcome", "process", "reason", "result",
    "road", "route", "service", "status", "way", "what",
}  # fmt: skip
"""Labels whose values come from short lists in the code; never an id, a name or a text."""


def code(*folders: str) -> str:
    return "\n".join(
        path.read_text()
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if path != ROOT / "shared/wiring/metrics.py"
    )


def test_there_is_one_place_for_them() -> None:
    elsewhere = re.findall(
        r"from prometheus_client import [^\n]*\b(?:Counter|Gauge|Histogram|Info)\b",
        code("services", "shared"),
    )
    assert not elsewhere


@pytest.mark.parametrize("name", DECLARED)
def test_each_is_a_sentence_and_is_counted(name: str) -> None:
    metric = DECLARED[name]
    assert metric._documentation.endswith("."), "A sentence ends with a full stop"
    words = set(re.findall(r"\b[A-Z_]+\b", code("services", "shared", "deploy")))
    assert name in words, "Nothing counts it"


@pytest.mark.parametrize("name", DECLARED)
def test_each_is_named_as_prometheus_wants(name: str) -> None:
    metric = DECLARED[name]
    assert isinstance(metric, Counter | Gauge | Histogram | Info)
    assert metric._name.startswith("commonplace_")
    assert not re.search(r"_(total|count|sum|bucket|milliseconds|ms|minutes)$", metric._name)
    if isinstance(metric, Histogram) and metric._upper_bounds[:-1] != list(map(float, metrics.SIZES)):
        assert metric._name.endswith("_seconds"), "Times are in seconds"


@pytest.mark.parametrize("name", DECLARED)
def test_no_label_grows_with_people_or_posts(name: str) -> None:
    # Clients are those that the operator has registered, and counted only while they use what is on its way out.
    others = {"client"} if name == "DEPRECATED_CALLS" else set()
    assert set(DECLARED[name]._labelnames) <= BOUNDED | others
