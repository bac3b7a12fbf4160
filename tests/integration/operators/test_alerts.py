"""Every alert fires when it should and is silent when it should not, as Prometheus itself computes it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.node.folder import CHECKOUT, node_folder
from deploy.node.software import Software, get_software

RULES = CHECKOUT / "deploy/prometheus/alerts"
CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("alert_cases.yml").read_text())
NEVER_SILENT = {"Watchdog"}


def alerts() -> Iterator[tuple[str, Path]]:
    """Every alert's name, and its file."""
    for file in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            yield from ((rule["alert"], file) for rule in group["rules"] if "alert" in rule)


@pytest.fixture(scope="module")
def software() -> Software:
    return get_software(node_folder().software)


def scenario(series: dict[str, str], alert: str, expected: dict[str, bool]) -> dict[str, Any]:
    """One test of promtool: with these series, does the alert fire at these moments?"""
    fires = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})'
    return {
        "name": alert,
        "interval": "1m",
        "input_series": [{"series": name, "values": str(values)} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": fires,
                "eval_time": moment,
                "exp_samples": [{"labels": "{}", "value": 1}] if firing else [],
            }
            for moment, firing in expected.items()
        ],
    }


@pytest.mark.parametrize("alert", CASES)
def test_it_fires_when_it_should_and_only_then(alert: str, software: Software, tmp_path: Path) -> None:
    case = CASES[alert]
    moments = {case["silent"]: False} if "silent" in case else {}
    tests = [scenario(case["given"], alert, {**moments, case["fires"]: True})]
    if "otherwise" in case:
        tests.append(scenario(case["otherwise"], alert, {case["fires"]: False}))
    document = {
        "rule_files": [str(RULES / "recording.yml"), str(dict(alerts())[alert])],
        "evaluation_interval": "1m",
        "tests": tests,
    }
    file = tmp_path / f"{alert}.yml"
    file.write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [software.promtool, "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_alert_is_untested() -> None:
    assert sorted(name for name, _ in alerts()) == sorted(CASES)
    assert {name for name, case in CASES.items() if "silent" not in case} == NEVER_SILENT


def test_prometheus_accepts_every_rule(software: Software) -> None:
    done = subprocess.run(
        [software.promtool, "check", "rules", *sorted(RULES.glob("*.yml"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
