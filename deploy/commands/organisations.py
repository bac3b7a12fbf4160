"""`commonplace organisations register | list`: whose people take part."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.operating import operate
from deploy.tables import show
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import ListOrganisations, Organisation, RegisterOrganisation
from shared.contracts.vocabulary import Sector

MOST_ON_A_PAGE = 100

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Register organisations, and list them.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="register")(register_organisation)
    commands.command(name="list")(list_organisations)
    app.add_typer(commands, name="organisations")


def register_organisation(
    name: Annotated[str, typer.Argument(help="Such as `Example Health Board`.")],
    sector: Annotated[Sector, typer.Option(help="Where it works.")],
    geography: Annotated[str, typer.Option(help="Such as `Wales` or `Nottingham`.")],
    as_json: AsJson = False,
) -> None:
    """Register an organisation, and say its id. Twice makes two."""
    new = {"name": name, "sector": sector, "geography": geography}
    made = operate(RegisterOrganisation, Organisation, new=new)
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(f"{escape(made.name)} is registered: {made.organisation}")


def list_organisations(as_json: AsJson = False) -> None:
    """List all organisations, by name."""
    found: list[Organisation] = []
    after = None
    while True:
        page = operate(ListOrganisations, Page[Organisation], limit=MOST_ON_A_PAGE, after=after)
        found += page.items
        if (after := page.next) is None:
            break
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    if not found:
        typer.echo("No organisation is registered: `commonplace organisations register` does it.", err=True)
        return
    show(
        ("id", "name", "sector", "geography"),
        ((one.organisation, one.name, one.sector, one.geography) for one in found),
    )
