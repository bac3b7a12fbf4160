"""Every alert says how bad it is, what it means and where its runbook lies; every runbook has its alert."""

import pytest
import yaml

from deploy.node.folder import CHECKOUT
from deploy.prometheus.expressions import Malformed, metrics_of
from deploy.prometheus.rules import Rule, rules

ALERTS = [rule for rule in rules() if rule.is_alert]
RECORDINGS = [rule for rule in rules() if not rule.is_alert]
RUNBOOKS = CHECKOUT / "deploy/runbooks"
HEADINGS = ["## For members", "## See more", "## What to do", "## It is mended when"]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda rule: rule.name)
def test_an_alert_is_complete(alert: Rule) -> None:
    assert alert.labels["severity"] in ("page", "ticket", "none")
    assert set(alert.annotations) == {"summary", "description", "runbook_url"}
    assert alert.annotations["runbook_url"] == f"deploy/runbooks/{alert.name}.md"
    runbook = (CHECKOUT / alert.annotations["runbook_url"]).read_text()
    assert [line for line in runbook.splitlines() if line.startswith("## ")] == HEADINGS
    assert runbook.startswith(f"# {alert.name}\n")
    assert ("Somebody is called." in runbook) == (alert.labels["severity"] == "page")


def test_names_are_given_once_and_no_runbook_is_left_over() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    assert {file.stem for file in RUNBOOKS.glob("*.md")} == {rule.name for rule in ALERTS}


def test_runbooks_point_at_runbooks_that_are_there() -> None:
    for file in RUNBOOKS.glob("*.md"):
        for part in file.read_text().split("](")[1:]:
            assert (RUNBOOKS / part.partition(")")[0]).exists(), f"{file.name}: {part[:40]}"


@pytest.mark.parametrize("rule", [*ALERTS, *RECORDINGS], ids=lambda rule: rule.name)
def test_a_rule_is_well_formed(rule: Rule) -> None:
    assert metrics_of(rule.expression) or rule.name == "Watchdog"


def test_what_is_recorded_is_asked_for() -> None:
    text = "\n".join(rule.expression for rule in ALERTS)
    assert not [rule.name for rule in RECORDINGS if rule.name not in text]


@pytest.mark.parametrize("expression", ["sum(rate(up[1m])", '{job="commonplace"}', "up{", "rate(up[5x])"])
def test_what_is_no_promql_is_told_from_what_is(expression: str) -> None:
    with pytest.raises(Malformed):
        metrics_of(expression)


def test_metrics_are_found_everywhere_in_an_expression() -> None:
    expression = "topk(scalar(a), sum by (x) (rate(b_total[5m]))) / on (x) -(c offset 1h) unless max_over_time(d[1h:1m]) > 0"
    assert metrics_of(expression) == {"a", "b_total", "c", "d"}


def test_a_cause_that_silences_what_follows_from_it_is_an_alert() -> None:
    """A renamed alert must not leave its consequences to ring."""
    configuration = yaml.safe_load((CHECKOUT / "deploy/alertmanager/alertmanager.yml").read_text())
    names = {rule.name for rule in ALERTS}
    for rule in configuration["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            for name in matcher.partition("=")[2].strip('~"').split("|"):
                wanted = name.removesuffix(".*")
                assert any(
                    known == name or (name != wanted and known.startswith(wanted)) for known in names
                ), name
