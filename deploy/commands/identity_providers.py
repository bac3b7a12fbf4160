"""`commonplace identity-providers add | list | remove`: where organisations' people prove who they are."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from deploy.node.folder import node_folder
from deploy.node.operating import operate
from deploy.node.problems import NodeProblem
from deploy.tables import show
from services.gateway.auth.relying_party import PROVIDER_SECRET
from services.gateway.auth.sealing import Sealing
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    IdentityProvider,
    IdentityProviders,
    ListIdentityProviders,
    ProviderKind,
    RegisterIdentityProvider,
    RemoveIdentityProvider,
)

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Connect organisations' own sign-in.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command()(add)
    commands.command(name="list")(list_providers)
    commands.command()(remove)
    app.add_typer(commands, name="identity-providers")


def add(
    name: Annotated[str, typer.Argument(help="What its people call it, such as `NHS Wales sign-in`.")],
    organisation: Annotated[
        str, typer.Option(help="The id of whose it is; `commonplace organisations list`.")
    ],
    issuer: Annotated[str, typer.Option(help="Its issuer, exactly as its metadata give it.")],
    client_id: Annotated[str, typer.Option(help="How it knows this node.")],
    secret_file: Annotated[
        Path | None,
        typer.Option(
            help="A file with the client secret; nothing else is in it. Left out for a client without."
        ),
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option(help="Of the e-mail addresses that lead to it; may be repeated.")
    ] = None,
    kind: Annotated[str, typer.Option(help="openid, or entra for one tenant of Entra ID.")] = "openid",
    contact: Annotated[str | None, typer.Option(help="Whom its people ask who are not known here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Register an organisation's OpenID Provider, and say which address to register there."""
    new = {
        "name": name,
        "kind": _kind(kind),
        "issuer": issuer,
        "client_id": client_id,
        "sealed_secret": None if secret_file is None else _sealed(secret_file),
        "domains": domain or [],
        "contact": contact,
    }
    made = operate(RegisterIdentityProvider, IdentityProvider, organisation=organisation, new=new)
    if as_json:
        print(made.model_dump_json(indent=2))
        return
    console.print(f"{escape(made.name)} is registered: {made.provider}")
    console.print("There, register this address to come back to, below the gateway's public address:")
    print(f"/sign-in/back/{made.provider}")


def list_providers(as_json: AsJson = False) -> None:
    """List all providers."""
    found = operate(ListIdentityProviders, IdentityProviders)
    if as_json:
        print(found.model_dump_json(indent=2))
        return
    show(
        ("id", "name", "organisation", "issuer", "domains"),
        (
            (one.provider, one.name, one.organisation, one.issuer, " ".join(one.domains))
            for one in found.providers
        ),
    )


def remove(provider: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Remove a provider; whoever came in by it is signed out. Who is who there is remembered."""
    operate(RemoveIdentityProvider, Done, provider=provider)
    console.print(f"Provider {provider} is removed.")


def _kind(kind: str) -> ProviderKind:
    if kind == "openid":
        return "openid"
    if kind == "entra":
        return "entra"
    raise NodeProblem(f"The kind {kind!r} can't be used: openid or entra.")


def _sealed(file: Path) -> str:
    """The secret as only the gateways can read it; it never leaves this machine otherwise."""
    try:
        secret = file.read_text().strip()
    except OSError as error:
        raise NodeProblem(f"{file} can't be read: {error.strerror}.") from None
    if not secret:
        raise NodeProblem(f"{file} is empty.")
    folder = Path(os.environ.get("COMMONPLACE_KEYS") or node_folder().keys)
    if not folder.is_dir():
        raise NodeProblem(f"There are no keys in {folder}: COMMONPLACE_KEYS names the gateways' folder.")
    return Sealing(folder).seal(PROVIDER_SECRET, secret)
