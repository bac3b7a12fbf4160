"""`commonplace clients …`: the OAuth clients by which partners' systems come in, their secrets and their keys."""

import json
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console

from deploy.node.operating import operate, shown_once
from deploy.node.pages import listed
from deploy.node.problems import NodeProblem
from deploy.tables import show
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.membership import (
    AddClientSecret,
    Client,
    ClientSecret,
    ClientSecrets,
    EndClientSecret,
    ListClients,
    ListClientSecrets,
    RegisterClient,
    RevokeClient,
    Scope,
    SetClientKeys,
)

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Register partners' systems, and shut them out.", no_args_is_help=True)

TheClient = Annotated[str, typer.Argument(help="Its id.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Days = Annotated[int | None, typer.Option(help="How long the secret is good; no end when left out.")]
KeysIn = Annotated[
    Path | None,
    typer.Option(
        "--keys", help="A file with its public keys, a JWK set: it signs instead of sending a secret."
    ),
]
KeysAt = Annotated[str | None, typer.Option(help="The https address of such a JWK set.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command(name="register")(register_client)
    commands.command(name="list")(list_clients)
    commands.command()(revoke)
    commands.command()(add_secret)
    commands.command()(list_secrets)
    commands.command()(end_secret)
    commands.command()(set_keys)
    app.add_typer(commands, name="clients")


def register_client(
    name: Annotated[str, typer.Argument(help="What the system is called.")],
    organisation: Annotated[
        str, typer.Option(help="The id of whose it is; `commonplace organisations list`.")
    ],
    scope: Annotated[
        list[str], typer.Option(help=f"What it may do; may be repeated: {', '.join(get_args(Scope))}.")
    ],
    days: Days = None,
    keys: KeysIn = None,
    keys_at: KeysAt = None,
    as_json: AsJson = False,
) -> None:
    """Register a system of an organisation. Its secret, unless it signs, is shown this once, and kept nowhere."""
    new = {"name": name, "scopes": scope, "expires_in_days": days, "keys": _read(keys), "keys_at": keys_at}
    made = operate(RegisterClient, Client, organisation=organisation, new=new)
    signs = bool(keys or keys_at)
    secret = None if signs else shown_once(made.secret, f"commonplace clients revoke {made.client}")
    if as_json:
        print(made.model_dump_json(indent=2))
    elif signs:
        console.print(f"Client {made.client} is registered. It comes in by `private_key_jwt`.")
    else:
        console.print(f"Client {made.client} is registered. Its secret is shown this once:")
        print(secret)


def list_clients(
    organisation: Annotated[str | None, typer.Option(help="Only of this one, by its id.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List clients with their ids, those that were ended too; no secrets."""
    found = listed(ListClients, Page[Client], limit, organisation=organisation)
    if as_json:
        print(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return
    show(
        ("id", "name", "organisation", "active", "scopes"),
        (
            (one.client, one.name, one.organisation, "yes" if one.active else "no", " ".join(one.scopes))
            for one in found
        ),
    )


def revoke(client: TheClient) -> None:
    """End a client, and every token it issued."""
    operate(RevokeClient, Done, client=client)
    console.print(f"Client {client} is ended.")


def add_secret(client: TheClient, days: Days = None, as_json: AsJson = False) -> None:
    """Give a client a second secret; the first stays good until it is ended. It is shown this once."""
    made = operate(AddClientSecret, ClientSecret, client=client, expires_in_days=days)
    secret = shown_once(made.secret, f"commonplace clients end-secret {client} {made.secret_id}")
    if as_json:
        print(made.model_dump_json(indent=2))
    else:
        end = f"until {made.expires_at:%Y-%m-%d}" if made.expires_at else "without an end"
        console.print(f"Secret {made.secret_id} is good {end}. It is shown this once:")
        print(secret)


def list_secrets(client: TheClient, as_json: AsJson = False) -> None:
    """List a client's secrets, not their text."""
    found = operate(ListClientSecrets, ClientSecrets, client=client)
    if as_json:
        print(found.model_dump_json(indent=2))
        return
    show(
        ("secret", "added", "good until"),
        (
            (one.secret_id, *(f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in (one.added_at, one.expires_at)))
            for one in found.secrets
        ),
    )


def end_secret(client: TheClient, secret: Annotated[str, typer.Argument(help="The secret's id.")]) -> None:
    """End one of a client's secrets, and with it, within ten seconds, every token that it bought."""
    operate(EndClientSecret, Done, client=client, secret=secret)
    console.print(f"Secret {secret} is ended.")


def set_keys(client: TheClient, keys: KeysIn = None, keys_at: KeysAt = None) -> None:
    """Let a client come in by what it signs, with these keys in the place of those it had; none ends it."""
    operate(SetClientKeys, Done, client=client, keys=_read(keys), keys_at=keys_at)
    console.print(
        f"Client {client} comes in by signature." if keys or keys_at else f"Client {client} has no keys."
    )


def _read(file: Path | None) -> list[Any]:
    """The keys of a JWK set, or of a file with one JWK."""
    if file is None:
        return []
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise NodeProblem(f"{file} can't be read as JSON: {error}.") from None
    keys = content.get("keys", [content]) if isinstance(content, dict) else None
    if not isinstance(keys, list):
        raise NodeProblem(f'{file} is no JWK set, which looks like {{"keys": […]}}.')
    return keys
