"""`commonplace cases list | show | decide | rule`: where a community has no facilitator left who may decide."""

import json
from typing import Annotated

import typer
from rich.console import Console

from deploy import tables
from deploy.node.operating import operate
from deploy.node.pages import listed
from shared.contracts.calls.call import Page
from shared.contracts.calls.discussion import Case, DecideAppeal, DecideCase, GetCase, ListCases, WholeCase
from shared.contracts.vocabulary import CaseOutcome

console = Console(highlight=False, soft_wrap=True, markup=False)
commands = typer.Typer(
    help="Decide about reported posts where nobody in the community may, or has for a week.",
    no_args_is_help=True,
)

CaseId = Annotated[str, typer.Argument(help="The id of the case.")]
Outcome = Annotated[CaseOutcome, typer.Argument(help="What becomes of the post, or of its thread.")]
Reason = Annotated[str, typer.Option(help="Why; the author of the post reads it.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_waiting)
    commands.command()(show)
    commands.command()(decide)
    commands.command()(rule)
    app.add_typer(commands, name="cases")


def list_waiting(
    community: Annotated[
        str, typer.Argument(help="The id of the community; `commonplace communities list`.")
    ],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the cases that wait in a community, longest wait first."""
    waiting = listed(ListCases, Page[Case], limit, community=community)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in waiting], indent=2))
        return
    tables.show(("id", "opened at", "state", "reasons"), map(_row, waiting))


def _row(case: Case) -> tuple[str, ...]:
    reasons = ", ".join(reason.value for reason in case.reasons)
    return case.case, f"{case.opened_at:%Y-%m-%d %H:%M}", case.state, reasons


def show(case: CaseId) -> None:
    """Show a case with the reports and what the post says."""
    print(operate(GetCase, WholeCase, case=case).model_dump_json(indent=2))


def decide(case: CaseId, outcome: Outcome, reason: Reason) -> None:
    """Decide what becomes of the post."""
    decision = {"outcome": outcome, "reason": reason}
    seen = operate(GetCase, WholeCase, case=case).revision
    _say(operate(DecideCase, Case, case=case, decision=decision, revision=seen))


def rule(case: CaseId, outcome: Outcome, reason: Reason) -> None:
    """Decide an appeal."""
    ruling = {"outcome": outcome, "reason": reason}
    seen = operate(GetCase, WholeCase, case=case).revision
    _say(operate(DecideAppeal, Case, case=case, ruling=ruling, revision=seen))


def _say(case: Case) -> None:
    console.print(f"Case {case.case} is {case.state}: {case.outcome.value if case.outcome else ''}.")
