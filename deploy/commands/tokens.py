"""`commonplace tokens issue | list | revoke`: a member's first token, with which they make the others themselves."""

import json
from typing import Annotated, get_args

import typer
from rich.console import Console

from deploy.node.operating import operate, shown_once
from deploy.node.pages import listed
from deploy.tables import show
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.membership import IssueToken, ListTokens, RevokeToken, Scope, Token

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Issue members' tokens, list them, and end them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command()(issue)
    commands.command(name="list")(list_tokens)
    commands.command()(revoke)
    app.add_typer(commands, name="tokens")


def issue(
    member: Annotated[str, typer.Argument(help="The id of its owner.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "First token",
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"May be repeated; all when left out: {', '.join(get_args(Scope))}."),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it is good, 1 to 366.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Issue a token that signs in as a member. It is shown this once, and kept nowhere."""
    new = {"name": name, "scopes": scope or list(get_args(Scope)), "expires_in_days": days}
    made = operate(IssueToken, Token, member=member, new=new)
    secret = shown_once(made.secret, f"commonplace tokens revoke {made.token}")
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(f"Token {made.token} is good until {made.expires_at:%Y-%m-%d}. It is shown this once:")
        print(secret)


def list_tokens(
    member: Annotated[str, typer.Argument(help="The id of their owner; `commonplace members list`.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List a member's tokens that are good, newest first, without their secrets."""
    found = listed(ListTokens, Page[Token], limit, member=member)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    show(
        ("id", "name", "issued", "good until", "scopes"),
        (
            (
                one.token,
                one.name,
                f"{one.issued_at:%Y-%m-%d}",
                f"{one.expires_at:%Y-%m-%d}",
                " ".join(one.scopes),
            )
            for one in found
        ),
    )


def revoke(token: Annotated[str, typer.Argument(help="Its id, not the secret.")]) -> None:
    """End a token; within ten seconds it opens no door any more."""
    operate(RevokeToken, Done, token=token)
    console.print(f"Token {token} is ended.")
