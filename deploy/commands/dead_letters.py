"""`commonplace dead-letters list | show | replay | drop`: what a service could not handle, and what becomes of it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy import dead_letters, tables
from deploy.dead_letters import SERVICES, Letter, Wanted
from deploy.node.problems import NodeProblem
from deploy.node.reaching import broker_url

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(
    help="Look at what a service could not handle, replay it or drop it.", no_args_is_help=True
)


def _services(named: list[str] | None) -> Sequence[str]:
    if unknown := set(named or ()) - set(SERVICES):
        raise typer.BadParameter(f"no such service: {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    return named or SERVICES


MOST = 5_000
"""Letters of one service that are looked at to list the oldest; a queue may hold a million."""

SHOWN = 20
"""Letters that are named before somebody is asked whether to drop them all."""

Service = Annotated[
    list[str] | None,
    typer.Option("--service", callback=_services, help="Only of this service; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Ids = Annotated[list[str] | None, typer.Argument(help="The ids of letters, as `list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="Every letter, instead of ids.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_letters)
    commands.command()(show)
    commands.command()(replay)
    commands.command()(drop)
    app.add_typer(commands, name="dead-letters")


def list_letters(
    service: Service = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, oldest first; nothing is taken away."""
    broker, services = broker_url(), service or SERVICES
    letters = dead_letters.look(broker, lambda _: True, services, most=max(limit, MOST))[:limit]
    if as_json:
        print(_json(letters))
        return
    if not letters:
        console.print("There are no dead letters.")
        return
    tables.show(("id", "service", "heard in", "died at", "tried", "reason"), map(_row, letters))
    if len(letters) == limit and (total := dead_letters.count(broker, services)) > limit:
        typer.echo(f"These are {limit} of {total}; --limit shows more.", err=True)


def _row(letter: Letter) -> list[str]:
    row = (letter.id, letter.service, letter.queue, letter.died_at[:19], str(letter.attempts), letter.reason)
    return [_printable(cell) for cell in row]


def show(ids: Ids = None, service: Service = None, as_json: AsJson = False) -> None:
    """Show dead letters with what they say, and where in the code it went wrong."""
    letters = _found(broker_url(), _those(ids, every=False), service or SERVICES, ids)
    if as_json:
        print(_json(letters))
        return
    for letter in letters:
        for name, value in asdict(letter).items():
            text = _printable(_indented(value) if name == "body" else str(value))
            start = "\n" if "\n" in text else ""
            console.print(f"[bold]{name.replace('_', ' ')}[/]: {start}{escape(text)}")
        console.print()


def replay(ids: Ids = None, service: Service = None, every: All = False, as_json: AsJson = False) -> None:
    """Send dead letters back to where they were heard, to be tried from the first attempt on."""
    wanted, services, broker = _those(ids, every), service or SERVICES, broker_url()
    if ids:
        _found(broker, wanted, services, ids)
    replayed, staying = dead_letters.replay(broker, wanted, services)
    _report("replayed", replayed, as_json)
    if staying:
        names = ", ".join(letter.id for letter in staying)
        raise NodeProblem(f"{len(staying)} stay, because where they came from takes nothing: {names}.")


def drop(
    ids: Ids = None, service: Service = None, every: All = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Throw dead letters away, for good; asks before."""
    wanted, services, broker = _those(ids, every), service or SERVICES, broker_url()
    letters = _found(broker, wanted, services, ids) if ids or not yes else []
    if not yes:
        for letter in letters[:SHOWN]:
            typer.echo(_printable(f"{letter.id}  {letter.queue}  {letter.reason}"), err=True)
        if len(letters) > SHOWN:
            typer.echo(f"… and {len(letters) - SHOWN} more", err=True)
        typer.confirm(f"Drop {len(letters)} for good?", abort=True, err=True)
        wanted = _listed(letters)  # nothing that died while somebody was thinking
    _report("dropped", dead_letters.drop(broker, wanted, services), as_json)


def _those(ids: list[str] | None, every: bool) -> Wanted:
    if bool(ids) == every:
        raise typer.BadParameter("name letters by their ids, or say --all where that is offered; not both")
    chosen = set(ids or ())
    return lambda letter: every or letter.id in chosen


def _listed(letters: list[Letter]) -> Wanted:
    deaths = {(letter.service, letter.id, letter.died_at) for letter in letters}
    return lambda letter: (letter.service, letter.id, letter.died_at) in deaths


def _found(broker: str, wanted: Wanted, services: Sequence[str], ids: list[str] | None) -> list[Letter]:
    letters = dead_letters.look(broker, wanted, services)
    if missing := [id for id in ids or () if id not in {letter.id for letter in letters}]:
        raise NodeProblem(
            f"There is no dead letter {', '.join(missing)}: `commonplace dead-letters list` shows all."
        )
    return letters


def _report(done: str, letters: list[Letter], as_json: bool) -> None:
    if as_json:
        print(_json(letters))
    else:
        console.print(f"{len(letters)} {done}." if letters else f"There was nothing to be {done}.")


def _json(letters: list[Letter]) -> str:
    return json.dumps([asdict(letter) for letter in letters], indent=2)


def _indented(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def _printable(text: str) -> str:
    """Return text that can't steer a terminal: a poison message may hold anything."""
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)
