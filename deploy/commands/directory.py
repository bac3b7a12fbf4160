"""`commonplace directory tokens issue | list | revoke`: by what an organisation's directory comes in."""

import json
from typing import Annotated

import typer
from rich.console import Console

from deploy.node.operating import operate, shown_once
from deploy.tables import show
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    DirectoryToken,
    DirectoryTokens,
    IssueDirectoryToken,
    ListDirectoryTokens,
    RevokeDirectoryToken,
)

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Connect organisations' directories (SCIM 2.0).", no_args_is_help=True)
tokens = typer.Typer(help="Issue what a directory shows at /scim/v2, and end it.", no_args_is_help=True)
Organisation = Annotated[str, typer.Argument(help="The id of whose it is; `commonplace organisations list`.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    tokens.command()(issue)
    tokens.command(name="list")(list_tokens)
    tokens.command()(revoke)
    commands.add_typer(tokens, name="tokens")
    app.add_typer(commands, name="directory")


def issue(
    organisation: Organisation,
    name: Annotated[str, typer.Option(help="What it is for.")] = "Directory",
    days: Annotated[int, typer.Option(help="How long it is good, 1 to 731.")] = 365,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Issue a directory token; an organisation has two at most. It is shown this once, and kept nowhere."""
    made = operate(
        IssueDirectoryToken, DirectoryToken, organisation=organisation, name=name, expires_in_days=days
    )
    secret = shown_once(made.secret, f"commonplace directory tokens revoke {organisation} {made.token}")
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(
            f"Directory token {made.token} is good until {made.expires_at:%Y-%m-%d}. It is shown this once:"
        )
        print(secret)


def list_tokens(
    organisation: Organisation,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List an organisation's directory tokens, without their secrets."""
    found = operate(ListDirectoryTokens, DirectoryTokens, organisation=organisation).items
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    show(
        ("id", "good until", "name"),
        ((one.token, f"{one.expires_at:%Y-%m-%d}", one.name) for one in found),
    )


def revoke(
    organisation: Organisation, token: Annotated[str, typer.Argument(help="Its id, not the secret.")]
) -> None:
    """End a directory token; within ten seconds it opens no door any more."""
    operate(RevokeDirectoryToken, Done, organisation=organisation, token=token)
    console.print(f"Directory token {token} is ended.")
