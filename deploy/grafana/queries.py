"""The queries of the dashboards as they are kept, with Grafana's variables filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.node.folder import CHECKOUT

PROVISIONED = CHECKOUT / "deploy/grafana/provisioned"

# What Grafana would put in their places for a dashboard of the last minutes that shows every process.
VALUES: Mapping[str, str] = {
    "__rate_interval": "1m",
    "__interval": "15s",
    "__range": "10m",
    "process": ".+",
}
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")


@dataclass(frozen=True)
class PanelQuery:
    """One query of one panel, ready to be asked."""

    dashboard: str
    panel: str
    expression: str

    @property
    def where(self) -> str:
        """The dashboard and the panel, for a person."""
        return f"{self.dashboard} / {self.panel}"


class UnknownVariable(Exception):
    """A query uses a variable for which nobody has a value."""


def panel_queries(folder: Path = PROVISIONED) -> Iterator[PanelQuery]:
    """Yield every query of the dashboards in `folder`; raises UnknownVariable."""
    for file in sorted(folder.glob("*.json")):
        dashboard = json.loads(file.read_text())
        for panel in _panels(dashboard["panels"]):
            for target in panel.get("targets", ()):
                yield PanelQuery(dashboard["title"], panel["title"], filled_in(target["expr"]))


def filled_in(expression: str) -> str:
    """Return a query with its variables replaced by their values; raises UnknownVariable."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in VALUES:
            raise UnknownVariable(f"${name} in {expression}")
        return VALUES[name]

    return VARIABLE.sub(value, expression)


def _panels(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from _panels(panel.get("panels", []))
