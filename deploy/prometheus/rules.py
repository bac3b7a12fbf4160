"""The rules as they are kept: what is recorded, and what somebody is called for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from deploy.node.folder import CHECKOUT

RULES = CHECKOUT / "deploy/prometheus/alerts"


@dataclass(frozen=True)
class Rule:
    """One rule: an alert, or a recording."""

    name: str
    expression: str
    is_alert: bool
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


def rules(folder: Path = RULES) -> Iterator[Rule]:
    """Yield every rule of the files in `folder`."""
    for file in sorted(folder.glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                name = rule.get("alert") or rule["record"]
                yield Rule(
                    name, rule["expr"], "alert" in rule, rule.get("labels", {}), rule.get("annotations", {})
                )
