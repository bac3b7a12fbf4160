"""`commonplace erasures list | show | ask | cancel`: who is forgotten, and what every service has answered."""

import json
from typing import Annotated

import typer
from rich.console import Console

from deploy import tables
from deploy.node.operating import operate, shown_once
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import (
    AskForErasure,
    CancelErasure,
    Erasure,
    GetErasure,
    ListErasures,
)

MOST_ON_A_PAGE = 100

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Erase members, and read the receipts.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_erasures)
    commands.command()(show)
    commands.command()(ask)
    commands.command()(cancel)
    app.add_typer(commands, name="erasures")


def list_erasures(
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only those that wait or have begun.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List erasures, newest first, with the services that have yet to answer."""
    found: list[Erasure] = []
    after = None
    while True:
        page = operate(ListErasures, Page[Erasure], limit=MOST_ON_A_PAGE, after=after)
        found += [one for one in page.items if not unfinished or one.state in ("waiting", "begun")]
        if (after := page.next) is None:
            break
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    tables.show(("erasure", "member", "state", "asked at", "due at", "still to answer"), map(_row, found))


def _row(one: Erasure) -> tuple[str, ...]:
    at, due = (f"{moment:%Y-%m-%d %H:%M}" for moment in (one.asked_at, one.due_at))
    return one.erasure, one.member, one.state, at, due, ", ".join(_missing(one))


def show(
    erasure: Annotated[str, typer.Argument(help="Its id; `commonplace erasures list`.")],
    as_json: AsJson = False,
) -> None:
    """Show an erasure with its receipts."""
    one = operate(GetErasure, Erasure, erasure=erasure)
    if as_json:
        print(one.model_dump_json(indent=2))
        return
    texts = "with their texts" if one.remove_texts else "texts stay, as a former member's"
    console.print(f"{one.erasure} of {one.member}: {one.state}, {texts}; due {one.due_at:%Y-%m-%d %H:%M} UTC")
    for receipt in one.receipts:
        what = ", ".join(f"{name} {count}" for name, count in sorted(receipt.erased.items()))
        console.print(
            f"[green]✓[/] {receipt.service}, {receipt.at:%Y-%m-%d %H:%M:%S} UTC: {what or 'nothing there'}"
        )
    for service in _missing(one):
        console.print(f"[yellow]…[/] {service} has not answered yet")


def ask(
    member: Annotated[str, typer.Argument(help="The id of whom to forget.")],
    handle: Annotated[str, typer.Option(help="Their handle, so that nobody is forgotten by mistake.")],
    remove_texts: Annotated[bool, typer.Option(help="What they wrote goes too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask for somebody who can't sign in: be sure that it is they who want it. The number is shown this once."""
    new = {"handle": handle, "remove_texts": remove_texts}
    made = operate(AskForErasure, Erasure, member=member, new=new)
    number = shown_once(made.number, f"commonplace erasures cancel {member}")
    if as_json:
        print(made.model_dump_json(indent=2))
        return
    console.print(
        f"It begins {made.due_at:%Y-%m-%d %H:%M} UTC. Below the gateway's public address, for the member:"
    )
    print(f"/erasure-receipts/{number}")


def cancel(
    member: Annotated[str, typer.Argument(help="The id of whom not to forget.")], as_json: AsJson = False
) -> None:
    """Take an erasure back that waits."""
    one = operate(CancelErasure, Erasure, member=member)
    if as_json:
        print(one.model_dump_json(indent=2))
    else:
        console.print(f"{one.erasure} is cancelled.")


def _missing(one: Erasure) -> list[str]:
    if one.state not in ("waiting", "begun"):
        return []
    return sorted(set(one.expected) - {receipt.service for receipt in one.receipts})
