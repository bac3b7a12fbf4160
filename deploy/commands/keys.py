"""`commonplace keys rotate | list | retire`: the keys that sign the gateway's access tokens."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.node.folder import node_folder
from deploy.node.problems import NodeProblem
from deploy.tables import show
from services.gateway.auth.keys import LIFETIME, MARGIN, NoSuchKey, SigningKeys, StillNeeded

console = Console(highlight=False, soft_wrap=True)
commands = typer.Typer(help="Change the keys that sign access tokens.", no_args_is_help=True)

AtOnce = Annotated[
    bool, typer.Option("--at-once", help="Do not wait: for a key that somebody else may have got hold of.")
]


def register(app: typer.Typer) -> None:
    """Add the subcommands to `commonplace`."""
    commands.command()(rotate)
    commands.command(name="list")(list_keys)
    commands.command()(retire)
    app.add_typer(commands, name="keys")


def signing_keys() -> SigningKeys:
    """The keys in the folder that COMMONPLACE_KEYS names, else those of the node on this machine."""
    folder = Path(os.environ.get("COMMONPLACE_KEYS") or node_folder().keys)
    if not folder.is_dir():
        raise NodeProblem(f"There are no keys in {folder}: COMMONPLACE_KEYS names the gateways' folder.")
    return SigningKeys(folder)


def rotate(at_once: AtOnce = False) -> None:
    """Lay down a new key. It is published now, signs in ten minutes, and the old one goes by itself later."""
    new = signing_keys().add(at_once)
    begins = "now" if at_once else f"from {_moment(new.signs_from)}"
    console.print(
        f"Key {new.kid} signs {begins}. Tokens of the one before it are good for {(LIFETIME + MARGIN) // 60}"
        " minutes after that; `commonplace keys list` shows it."
    )


def list_keys(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """List the keys, and how each of them stands."""
    now, every = time.time(), signing_keys().all()
    if as_json:
        moments = [(_at(one.signs_from), _at(one.ends)) for one in every]
        said = [
            {"key": one.kid, "state": one.state(now), "signs_from": begins, "needed_until": ends}
            for one, (begins, ends) in zip(every, moments, strict=True)
        ]
        print(json.dumps(said, indent=2))
        return
    show(
        ("key", "state", "signs from", "needed until"),
        (
            (one.kid, one.state(now), *(_moment(at) if at else "–" for at in (one.signs_from, one.ends)))
            for one in every
        ),
    )


def retire(key: Annotated[str, typer.Argument(help="Its id.")], at_once: AtOnce = False) -> None:
    """Take a key away for good. With --at-once its tokens end with it, within a quarter of a minute."""
    try:
        signing_keys().retire(key, at_once)
    except NoSuchKey:
        raise NodeProblem("There is no such key: `commonplace keys list` shows them.") from None
    except StillNeeded as needed:
        how = "`commonplace keys rotate --at-once` first" if str(needed) != "ending" else "wait, or --at-once"
        raise NodeProblem(f"This key is {needed}: {how}.") from None
    console.print(f"Key {key} is gone.")


def _at(seconds: float | None) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
