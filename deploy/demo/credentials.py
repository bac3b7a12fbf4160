"""The demo's tokens and client: issued once, kept readable for their owner only, and issued anew when no longer good."""

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from deploy.demo import cast
from deploy.demo.cast import Person
from deploy.demo.passing_over import PassingOver
from deploy.node.asking import OPERATOR, Asking
from shared.contracts.calls.membership import (
    Client,
    IdentifyClient,
    IdentifyToken,
    Identity,
    IssueToken,
    NewClient,
    NewToken,
    RegisterClient,
    Scope,
    Token,
)
from shared.errors import NotFound

FILE = "demo.json"
DAYS = 366


class Secret(BaseModel):
    """A client's id and secret."""

    id: str
    secret: str


class Kept(BaseModel):
    """What is kept in the file: tokens by the ids of those owners who are still there, and the client."""

    tokens: dict[str, str] = {}
    client: Secret | None = None


def credentials(asking: Asking, folder: Path, passing: PassingOver) -> Kept:
    """The demo's credentials, those in `folder` as far as they are still good on this node.

    Secrets are shown once, when they are issued; so they are kept in a file of mode 0600. Whoever is given
    none, because they were erased, suspended or have left, is noted by `passing`.
    """
    file = folder / FILE
    before = _read(file)
    kept = Kept()
    with passing.step(f"The system of {cast.CLIENT_OF.new.name}"):
        good = before.client if before.client and _is_client(asking, before.client) else None
        kept.client = good or _register(asking)
    for person in cast.SIGNING_IN:
        with passing.step(person.new.name):
            token = before.tokens.get(person.id)
            kept.tokens[person.id] = token if token and _is_token(asking, token) else _issue(asking, person)
    if kept != before:
        _write(file, kept)
    return kept


def _issue(asking: Asking, person: Person) -> str:
    new = NewToken(name="Demo", scopes=get_args(Scope), expires_in_days=DAYS)
    token = asking.ask(IssueToken(caller=OPERATOR, member=person.id, new=new), Token)
    return token.secret or ""


def _register(asking: Asking) -> Secret:
    new = NewClient(name=f"The system of {cast.CLIENT_OF.new.name}", scopes=get_args(Scope))
    client = asking.ask(RegisterClient(caller=OPERATOR, organisation=cast.CLIENT_OF.id, new=new), Client)
    return Secret(id=client.client, secret=client.secret or "")


def _is_token(asking: Asking, secret: str) -> bool:
    try:
        asking.ask(IdentifyToken(caller=OPERATOR, digest=_digest(secret)), Identity)
    except NotFound:
        return False
    return True


def _is_client(asking: Asking, client: Secret) -> bool:
    try:
        asking.ask(IdentifyClient(caller=OPERATOR, client=client.id, digest=_digest(client.secret)), Identity)
    except NotFound:
        return False
    return True


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _read(file: Path) -> Kept:
    try:
        return Kept.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return Kept()


def _write(file: Path, kept: Kept) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(json.dumps(kept.model_dump(), indent=2))
    draft.replace(file)
