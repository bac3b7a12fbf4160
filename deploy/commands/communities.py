"""`commonplace communities list`: every community of the node, for commands that ask for its id."""

import json
from typing import Annotated

import typer

from deploy.node.pages import listed
from deploy.tables import show
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import Community, ListCommunities

commands = typer.Typer(help="Find communities.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="list")(list_communities)
    app.add_typer(commands, name="communities")


def list_communities(
    words: Annotated[
        str | None, typer.Option(help="Only those that have these words in title or charter.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List communities by title with their ids, the closed ones too."""
    found = listed(ListCommunities, Page[Community], limit, words=words)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    show(
        ("id", "title", "visibility", "stage", "members"),
        ((one.community, one.title, one.visibility, one.stage, str(one.members)) for one in found),
    )
