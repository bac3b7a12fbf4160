"""The dashboards that are kept are those that are written in Python, complete and readable."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.commands import dashboards
from deploy.grafana.queries import PROVISIONED, UnknownVariable, filled_in, panel_queries
from deploy.grafana.writing import write, written
from deploy.node.folder import CHECKOUT
from deploy.node.problems import NodeProblem
from deploy.prometheus.expressions import metrics_of

DASHBOARDS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in written().items()}


def test_the_files_are_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "left-over.json").write_text("{}")
    fresh = {file.name: file.read_text() for file in write(tmp_path)}
    kept = {file.name: file.read_text() for file in PROVISIONED.glob("*.json")}
    assert kept == fresh, "run `make dashboards`"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_panel_says_what_it_is_and_fits(name: str) -> None:
    dashboard = DASHBOARDS[name]
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len(panels) >= 10 and dashboard["description"]
    cells = set()
    for panel in panels:
        assert panel["description"].endswith((".", "`")) and panel["targets"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        mine = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not mine & cells, panel["title"]
        cells |= mine


def test_dashboards_are_told_apart() -> None:
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS) == 4


def test_every_query_is_promql() -> None:
    for query in panel_queries():
        assert metrics_of(query.expression), query.where
        assert "$" not in query.expression


def test_a_planted_bad_panel_is_found(tmp_path: Path) -> None:
    dashboard = json.loads((PROVISIONED / "1-glance.json").read_text())
    dashboard["panels"][1]["targets"][0]["expr"] = "rate(up[$__magic])"
    (tmp_path / "bad.json").write_text(json.dumps(dashboard))
    with pytest.raises(UnknownVariable, match="__magic"):
        list(panel_queries(tmp_path))


def test_variables_are_filled_in_both_ways_of_writing_them() -> None:
    assert filled_in('rate(a{p=~"$process"}[$__rate_interval])') == 'rate(a{p=~".+"}[1m])'
    assert filled_in('a{p=~"${process:regex}"}') == 'a{p=~".+"}'


def test_no_dashboard_and_no_metric_is_about_a_person() -> None:
    text = json.dumps(DASHBOARDS)
    assert "member=" not in text and "by (member)" not in text and "by (community)" not in text


@pytest.mark.parametrize("command", [dashboards.write, dashboards.check])
def test_a_command_that_lacks_packages_names_a_target_that_brings_them(
    command: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboards, "find_spec", lambda _package: None)
    with pytest.raises(NodeProblem) as problem:
        command()
    (target,) = re.findall(r"`make ([a-z-]+)`", str(problem.value))
    recipe = re.search(
        rf"^{target}: \$\(TESTS\).*\n\t(.+)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE
    )
    assert recipe and recipe[1].endswith(f"commonplace dashboards {command.__name__}")
