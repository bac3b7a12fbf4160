"""The few kinds of panel that our dashboards are made of, so that a dashboard's file reads as a list of questions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    VariableOption,
    VariableRefresh,
)

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
REFERENCES = "ABCDEFGHIJ"

Panel = stat.Panel | timeseries.Panel


class Query(NamedTuple):
    """What to ask Prometheus, and what to call each line of the answer (`{{label}}` stands for its value)."""

    expression: str
    legend: str = ""


class Colours(NamedTuple):
    """From which value on a number turns amber, and red; `falling` when less is worse."""

    amber: float
    red: float
    falling: bool = False


def graph(
    title: str, says: str, *queries: Query, unit: str = "short", span: int = 8, stacked: bool = False
) -> timeseries.Panel:
    """A panel of lines over time.

    Args:
        title: what it shows.
        says: one or two sentences for whoever wonders what to make of it.
        queries: its lines.
        unit: Grafana's name of the unit.
        span: its width, of 24.
        stacked: whether the lines are parts of a whole.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(unit)
        .min(0)
        .span(span)
        .height(8)
        .line_width(2 if not stacked else 1)
        .fill_opacity(30 if stacked else 5)
        .show_points(VisibilityMode.NEVER)
        .draw_style(GraphDrawStyle.LINE)
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))
    for reference, query in zip(REFERENCES, queries, strict=False):
        panel.with_target(_target(query, reference))
    return panel


def number(
    title: str, says: str, query: str, unit: str = "short", span: int = 4, colours: Colours | None = None
) -> stat.Panel:
    """A panel of one number, with its colour when `colours` say what is bad; arguments as for `graph`."""
    return (
        stat.Panel()
        .title(title)
        .description(says)
        .datasource(SOURCE)
        .unit(unit)
        .span(span)
        .height(4)
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA)
        .thresholds(_thresholds(colours))
        .with_target(_target(Query(query), "A"))
    )


def percentiles(histogram: str, by: str = "", which: Sequence[float] = (0.5, 0.95, 0.99)) -> list[Query]:
    """The percentiles of a histogram without its `_bucket`; with a label in `by`, one line for each value."""
    labels = f"le, {by}" if by else "le"
    name = f"{{{{{by}}}}} " if by else ""
    return [
        Query(
            f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket[$__rate_interval])))",
            f"{name}p{share * 100:g}",
        )
        for share in which
    ]


def per_second(counter: str, by: str, legend: str = "") -> Query:
    """How fast a counter grows, one line for each value of the labels `by`."""
    words = legend or " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(","))
    return Query(f"sum by ({by}) (rate({counter}[$__rate_interval]))", words)


def page(title: str, uid: str, says: str, rows: Mapping[str, Sequence[Panel]]) -> dashboard.Dashboard:
    """A dashboard: rows of panels under headings, in the order in which they are given."""
    result = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(says)
        .tags(["commonplace"])
        .time("now-1h", "now")
        .refresh("30s")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Commonplace")
            .type("dashboards")  # type: ignore[arg-type]  # the enum's own value
            .tags(["commonplace"])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
        .with_variable(_processes())
    )
    for heading, panels in rows.items():
        result.with_row(dashboard.Row(heading))
        for panel in panels:
            result.with_panel(panel)
    return result


def _processes() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("process")
        .label("Process")
        .datasource(SOURCE)
        .query({"query": 'label_values(up{job="commonplace"}, process)', "refId": "process"})
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".+")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def _target(query: Query, reference: str) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .expr(query.expression)
        .legend_format(query.legend or "__auto")
        .ref_id(reference)
        .datasource(SOURCE)
    )


def _thresholds(colours: Colours | None) -> dashboard.ThresholdsConfig:
    steps = [Threshold(color="text", value=None)]
    if colours and colours.falling:
        steps = [
            Threshold(color="red", value=None),
            Threshold(color="orange", value=colours.red),
            Threshold(color="green", value=colours.amber),
        ]
    elif colours:
        steps = [
            Threshold(color="green", value=None),
            Threshold(color="orange", value=colours.amber),
            Threshold(color="red", value=colours.red),
        ]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
