"""`commonplace up | down | reset | status`: the node on this machine."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console

from deploy.commands.demo import make_demo
from deploy.node.folder import CHECKOUT, node_folder
from deploy.node.plan import NodePlan
from deploy.node.problems import NodeProblem
from deploy.node.prometheus import Watching
from deploy.node.settings import PREFIX, NodeSettings
from deploy.node.up import bring_down, bring_up, reset, states
from deploy.node.welcome import Demo, welcome
from deploy.prometheus.scraping import for_this_machine
from deploy.tables import show

console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    app.command(name="up")(up)
    app.command(name="down")(down)
    app.command(name="reset")(reset_node)
    app.command(name="status")(status)


def up() -> None:
    """Start the node on this machine, whatever of it isn't running yet.

    The demo communities are made unless COMMONPLACE_BROKER or COMMONPLACE_MONGO names a server of yours;
    COMMONPLACE_DEMO=yes or no decides.
    """
    settings = _settings()
    node = bring_up(settings, node_folder(), _progress, watching(settings))
    url = f"http://127.0.0.1:{settings.port}"
    if not settings.makes_demo():
        console.print(f"The node is up: {url}")
        return
    with _progress("Demo communities"):
        demo = Demo.model_validate(make_demo(settings))
    addresses = _watchers(node)
    if not settings.mail:
        addresses["mail that it would send"] = str(node_folder().mail)
    print(welcome(url, f"http://127.0.0.1:{settings.stream_port}", demo, addresses))


def _watchers(node: NodePlan) -> dict[str, str]:
    addresses = {}
    if node.prometheus:
        addresses["what is measured"] = node.prometheus.url
        addresses["what is wrong"] = node.prometheus.alerts_url
    if node.alertmanager:
        addresses["who is called for it"] = node.alertmanager.alerts_url
    return addresses


def down() -> None:
    """Stop the node; its data stay."""
    with _progress("Stopping: what is in hand is finished first"):
        was_running = bring_down(node_folder())
    console.print("The node is down." if was_running else "The node was not running.")


def reset_node(yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False) -> None:
    """Stop the node and delete its data, logs and keys, for good; asks before. The fetched software stays."""
    folder = node_folder()
    if not yes:
        _ask_before_deleting(folder.path)
    with _progress("Stopping, and deleting data, logs and keys"):
        reset(folder)


def status(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Say how each process is; exits with 1 unless all run and are ready."""
    found = states(node_folder())
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    elif found:
        ready = {True: "yes", False: "no", None: "–"}
        show(
            ("process", "state", "pid", "ready", "why not"),
            ((one.name, one.state, str(one.pid or "–"), ready[one.ready], one.reason or "") for one in found),
        )
    else:
        console.print("The node is not running: `make up` starts it.")
    if not found or any(one.state != "running" or one.ready is False for one in found):
        raise typer.Exit(1)


def watching(settings: NodeSettings) -> Watching:
    """Return what the Prometheus and the Alertmanager of a node on this machine are told."""
    return Watching(
        prometheus=for_this_machine(settings, CHECKOUT / "deploy/prometheus/alerts"),
        alertmanager=(CHECKOUT / "deploy/alertmanager/alertmanager.yml").read_text(),
    )


def _ask_before_deleting(path: Path) -> None:
    """Ask at the terminal; where there is none, whoever means it says so beforehand.

    Raises:
        typer.Exit: 1 when the answer isn't yes, 2 when nobody can be asked.
    """
    if not sys.stdin.isatty():
        typer.echo(
            f"This deletes the data, logs and keys in {path} for good, and there is no terminal to ask at: "
            "`make reset YES=1` or `commonplace reset --yes` does it without asking.",
            err=True,
        )
        raise typer.Exit(2)
    if not typer.confirm(f"Delete the data, logs and keys in {path} for good?", default=False, err=True):
        typer.echo("Nothing was deleted.", err=True)
        raise typer.Exit(1)


def _settings() -> NodeSettings:
    try:
        return NodeSettings()
    except ValidationError as refusal:
        first = refusal.errors(include_url=False)[0]
        raise NodeProblem(
            f"{PREFIX}{str(first['loc'][0]).upper()}={first['input']} can't be used: {first['msg']}."
        ) from None


@contextmanager
def _progress(sentence: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{sentence} …"):
        yield
    console.print(f"[green]✓[/] {sentence} [dim]{time.monotonic() - began:.1f} s[/]")
