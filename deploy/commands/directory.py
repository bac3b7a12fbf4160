"""`commonplace directory tokens issue | list | revoke`: by what an organisation's directory comes in."""

from typing import Annotated

import typer
from rich.console import Console

from deploy.node.operating import operate, shown_once
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


def list_tokens(organisation: Organisation) -> None:
    """List an organisation's directory tokens, without their secrets."""
    for token in operate(ListDirectoryTokens, DirectoryTokens, organisation=organisation).items:
        print(f"{token.token}  until {token.expires_at:%Y-%m-%d}  {token.name}")


def revoke(
    organisation: Organisation, token: Annotated[str, typer.Argument(help="Its id, not the secret.")]
) -> None:
    """End a directory token; within ten seconds it opens no door any more."""
    operate(RevokeDirectoryToken, Done, organisation=organisation, token=token)
    console.print(f"Directory token {token} is ended.")
