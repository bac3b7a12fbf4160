"""`commonplace audit list | head | verify`: what was done, and whether the log of it was touched."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from deploy.node.operating import operate
from deploy.node.pages import listed
from deploy.node.problems import NodeProblem
from deploy.tables import show
from services.membership.domain.act import BEFORE_THE_FIRST, hash_of
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import ListSealedActs, SealedAct

MOST_ON_A_PAGE = 100

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Read the audit log, and check that nobody has touched it.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs: one entry a line.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_acts)
    commands.command()(head)
    commands.command()(verify)
    app.add_typer(commands, name="audit")


def list_acts(
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 50, as_json: AsJson = False
) -> None:
    """List what was done, newest first."""
    shown = listed(ListSealedActs, Page[SealedAct], limit, which="newest")
    if as_json:
        for act in shown:
            print(act.model_dump_json())
        return
    show(("number", "at", "act", "by", "through", "concerns"), map(_row, shown))


def _row(act: SealedAct) -> tuple[str, ...]:
    by = "the operator" if act.operator else (act.member or "a system")
    concerns = ", ".join(f"{name} {id}" for name, id in sorted(act.concerns.items()))
    return str(act.number), f"{act.at:%Y-%m-%d %H:%M:%S}", act.act, by, act.client or "", concerns


def head() -> None:
    """Print the number and hash of the newest entry: keep it where the node's operator cannot change it."""
    print(_head_of(next(_newest_first(), None)))


def verify(
    noted: Annotated[
        list[str] | None,
        typer.Option("--head", help="What `commonplace audit head` printed once; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check the whole chain: every hash, every number, and what was noted elsewhere. Ends with 1 when it is broken."""
    heads = dict(_noted(one) for one in noted or ())
    newest: SealedAct | None = None
    wanted: tuple[int, str] | None = None
    count = 0
    for act in _newest_first():
        if wanted and wanted[0] != act.number:
            raise NodeProblem(f"The audit log lacks its entry {wanted[0]}.")
        if hash_of(act) != act.hash or (wanted and wanted != (act.number, act.hash)):
            raise NodeProblem(f"Entry {act.number} of the audit log is not what it was when it was written.")
        if heads.pop(act.number, act.hash) != act.hash:
            raise NodeProblem(f"Entry {act.number} of the audit log is not the one whose hash was noted.")
        newest = newest or act
        wanted = (act.number - 1, act.previous)
        count += 1
    if wanted and wanted != (0, BEFORE_THE_FIRST):
        raise NodeProblem(f"The audit log lacks everything up to its entry {wanted[0]}.")
    if missing := {number: hash for number, hash in heads.items() if number or hash != BEFORE_THE_FIRST}:
        raise NodeProblem(f"The audit log lacks its entry {max(missing)}, whose hash was noted.")
    if as_json:
        print(json.dumps({"entries": count, "head": _head_of(newest)}))
    else:
        console.print(f"[green]✓[/] {count:,} entries, each where it belongs.")


def _head_of(newest: SealedAct | None) -> str:
    return f"{newest.number}:{newest.hash}" if newest else f"0:{BEFORE_THE_FIRST}"


def _newest_first() -> Iterator[SealedAct]:
    after = None
    while True:
        page = operate(ListSealedActs, Page[SealedAct], limit=MOST_ON_A_PAGE, after=after)
        yield from page.items
        if (after := page.next) is None:
            return


def _noted(text: str) -> tuple[int, str]:
    number, _, hash = text.strip().partition(":")
    if not number.isdecimal() or len(hash) != len(BEFORE_THE_FIRST):
        raise NodeProblem(
            f"{text!r} is not what `commonplace audit head` prints: a number, a colon and a hash."
        )
    return int(number), hash
