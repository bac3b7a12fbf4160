"""`commonplace members register`: the first people of an organisation, before its own system enrols them."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.operating import operate
from shared.contracts.calls.membership import Member, RegisterMember

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Register members.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.callback()(lambda: None)  # else typer takes the only subcommand for the command itself
    commands.command(name="register")(register_member)
    app.add_typer(commands, name="members")


def register_member(
    name: Annotated[str, typer.Argument(help="How others read it.")],
    organisation: Annotated[str, typer.Option(help="The id of theirs; `commonplace organisations list`.")],
    handle: Annotated[str, typer.Option(help="How others mention them, without the @.")],
    profession: Annotated[str, typer.Option(help="Such as `Physiotherapist`.")],
    interest: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    email: Annotated[
        str | None, typer.Option(help="Shown to nobody: invitations to it are theirs alone.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Register a member, and say their id."""
    new = {
        "name": name,
        "handle": handle,
        "profession": profession,
        "interests": interest or [],
        "email": email,
    }
    made = operate(RegisterMember, Member, organisation=organisation, new=new)
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(f"{escape(made.name)} (@{made.handle}) is registered: {made.member}")
