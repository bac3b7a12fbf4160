"""`commonplace members register | list | invite`: the first people of an organisation, before its own system enrols them."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.operating import operate, shown_once
from deploy.node.pages import listed
from deploy.tables import show
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import (
    InviteToSignIn,
    ListMembers,
    Member,
    RegisterMember,
    SignInInvitation,
)

console = Console(highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]

commands = typer.Typer(help="Register members, list them, and invite them to sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="register")(register_member)
    commands.command(name="list")(list_members)
    commands.command()(invite)
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
    external_id: Annotated[
        str | None,
        typer.Option(help="How the organisation's directory and its identity provider call them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Register a member, and say their id."""
    new = {
        "name": name,
        "handle": handle,
        "profession": profession,
        "interests": interest or [],
        "email": email,
        "external_id": external_id,
    }
    made = operate(RegisterMember, Member, organisation=organisation, new=new)
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        console.print(f"{escape(made.name)} (@{made.handle}) is registered: {made.member}")


def list_members(
    organisation: Annotated[str | None, typer.Option(help="Only of this one, by its id.")] = None,
    handle: Annotated[str | None, typer.Option(help="Only who has it, without the @.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List members with their ids, those who left too."""
    found = listed(ListMembers, Page[Member], limit, organisation=organisation, handle=handle)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    show(
        ("id", "handle", "name", "organisation", "active"),
        (
            (one.member, one.handle, one.name, one.organisation_name or "–", "yes" if one.active else "no")
            for one in found
        ),
    )


def invite(
    member: Annotated[str, typer.Argument(help="The id of whom it is for.")],
    days: Annotated[int, typer.Option(help="How long it is good, 1 to 30.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Invite a member to connect their account at the organisation's identity provider. It is shown this once."""
    made = operate(InviteToSignIn, SignInInvitation, member=member, expires_in_days=days)
    secret = shown_once(made.secret, "commonplace members invite")
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        end = f"{made.expires_at:%Y-%m-%d %H:%M}"
        console.print(f"The invitation is good once, until {end} UTC, below the gateway's public address:")
        print(f"/sign-in/invitation/{secret}")
