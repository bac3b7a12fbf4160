"""`commonplace dashboards write | check`: the dashboards as files, and whether they say anything on a node."""

from importlib.util import find_spec
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.folder import CHECKOUT, node_folder
from deploy.node.problems import NodeProblem
from deploy.node.up import running_settings
from deploy.prometheus.scraping import for_compose

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Write the dashboards, and try their queries.", no_args_is_help=True)

COMPOSE_CONFIGURATION = CHECKOUT / "deploy/prometheus/prometheus.yml"


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command()(write)
    commands.command()(check)
    app.add_typer(commands, name="dashboards")


def write() -> None:
    """Write the dashboards, and the configuration with which docker compose's Prometheus finds the node."""
    _need("grafana_foundation_sdk", "dashboards")
    from deploy.grafana import writing  # noqa: PLC0415 - a node has no dashboard builder; developers do

    COMPOSE_CONFIGURATION.write_text(for_compose())
    for file in [*writing.write(), COMPOSE_CONFIGURATION]:
        console.print(f"[green]✓[/] {file.relative_to(CHECKOUT)}")


def check(
    prometheus: Annotated[
        str, typer.Option(help="Where Prometheus is; the running node's when left out.")
    ] = "",
    patience: Annotated[float, typer.Option(help="Seconds to ask again what is empty.")] = 0.0,
) -> None:
    """Try every panel's query, every alert and every recording on a Prometheus that watches a node.

    Only a query that fails is at fault. Where nothing happens, panels about what members do are rightly empty:
    `make dashboards-check` runs a node with members at work, and fails when a panel stays empty.
    """
    _need("promql_parser", "dashboards-now")
    from deploy.grafana import checking, queries  # noqa: PLC0415 - as above
    from deploy.prometheus.asking import PrometheusApi, Refused  # noqa: PLC0415 - as above
    from deploy.prometheus.rules import rules  # noqa: PLC0415 - as above

    url = prometheus or f"http://127.0.0.1:{running_settings(node_folder()).prometheus_port}"
    panels, every = list(queries.panel_queries()), list(rules())
    try:
        found = checking.found_in_the_end(PrometheusApi(url), panels, every, patience)
    except Refused as refused:
        raise NodeProblem(
            f"{refused}: start the node with `make up`, or name another in --prometheus."
        ) from None
    for empty in found.empty:
        console.print(escape(empty))
    for fault in found.broken:
        console.print("[red]✗[/]", escape(fault))
    console.print(
        f"{len(panels)} queries and {len(every)} rules tried, {len(found.empty)} empty just now, "
        f"{len(found.broken)} at fault."
    )
    if found.broken:
        raise typer.Exit(1)


def _need(package: str, target: str) -> None:
    if find_spec(package) is None:
        raise NodeProblem(
            f"This needs the development packages ({package}): `make {target}` brings them and does it."
        )
