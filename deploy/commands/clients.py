"""`commonplace clients register | revoke`: the OAuth clients by which partners' systems come in."""

from typing import Annotated, get_args

import typer
from rich.console import Console

from deploy.node.operating import operate, shown_once
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import Client, RegisterClient, RevokeClient, Scope

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Register partners' systems, and shut them out.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="register")(register_client)
    commands.command()(revoke)
    app.add_typer(commands, name="clients")


def register_client(
    name: Annotated[str, typer.Argument(help="What the system is called.")],
    organisation: Annotated[
        str, typer.Option(help="The id of whose it is; `commonplace organisations list`.")
    ],
    scope: Annotated[
        list[str], typer.Option(help=f"What it may do; may be repeated: {', '.join(get_args(Scope))}.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Register a system of an organisation. Its secret is shown this once, and kept nowhere."""
    new = {"name": name, "scopes": scope}
    made = operate(RegisterClient, Client, organisation=organisation, new=new)
    secret = shown_once(made.secret, f"commonplace clients revoke {made.client}")
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(f"Client {made.client} is registered. Its secret is shown this once:")
        print(secret)


def revoke(client: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """End a client, and every token it issued."""
    operate(RevokeClient, Done, client=client)
    console.print(f"Client {client} is ended.")
