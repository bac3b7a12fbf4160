"""A gateway without a node behind it: the switchboard is answered by the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import BaseModel

from services.gateway.app import create_app
from services.gateway.door.application import Door
from services.gateway.settings import GatewaySettings
from services.gateway.switchboard import Reply
from shared.contracts.calls.call import Call
from shared.contracts.calls.membership import (
    ClientKeys,
    GetClientKeys,
    IdentifyClient,
    IdentifyClientByAssertion,
    IdentifyToken,
    Identity,
)
from shared.errors import Conflict, NotFound

MEMBER = "a" * 24
ORGANISATION = "b" * 24
CLIENT = "c" * 24
OTHER = "d" * 24
TOKEN = "cop_" + "x" * 32
CLIENT_SECRET = "cop_secret_" + "y" * 32
EVERYTHING = (
    "communities:read",
    "communities:write",
    "threads:read",
    "threads:write",
    "inbox:read",
    "inbox:write",
    "members:read",
    "members:write",
    "tokens:write",
    "agreements:read",
    "agreements:write",
    "webhooks:read",
    "webhooks:write",
    "audit:read",
    "guard:read",
    "guard:write",
    "cases:read",
    "cases:decide",
    "clients:write",
)


class PlayedSwitchboard:
    """Answers as a test says, knows one member and one client, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Call] = []
        self.answers: dict[str, Reply | Exception] = {}
        self.scopes = EVERYTHING
        self.client_active = True
        self.tokens_active = True
        self.identifications = 0
        self.keys: ClientKeys | None = None
        self.assertions: set[str] = set()

    def will(self, call: type[Call], answer: Reply | Exception) -> None:
        """Answer calls of that class so from now on."""
        self.answers[call.method()] = answer

    def call(self, call: Call) -> Reply:
        self.asked.append(call)
        answer = self.answers[call.method()]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask(self, call: Call) -> BaseModel:
        self.identifications += 1
        if isinstance(call, IdentifyToken):
            if not self.tokens_active:
                raise NotFound("nobody")
            return Identity(member=MEMBER, organisation=ORGANISATION, scopes=self.scopes)
        if isinstance(call, GetClientKeys | IdentifyClientByAssertion):
            return self.by_signature(call)
        assert isinstance(call, IdentifyClient)
        wrong = call.client != CLIENT or not self.client_active or call.acting_for not in (None, MEMBER)
        if wrong or call.digest not in (None, digest_of(CLIENT_SECRET)):
            raise NotFound("nobody")
        return Identity(member=call.acting_for, organisation=ORGANISATION, client=CLIENT, scopes=self.scopes)

    def by_signature(self, call: GetClientKeys | IdentifyClientByAssertion) -> BaseModel:
        if call.client != CLIENT or not self.client_active or self.keys is None:
            raise NotFound("nobody")
        if isinstance(call, GetClientKeys):
            return self.keys
        if call.assertion in self.assertions:
            raise Conflict("used", "used-before")
        self.assertions.add(call.assertion)
        return Identity(member=None, organisation=ORGANISATION, client=CLIENT, scopes=self.scopes)


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret in hex, as it crosses to membership."""
    import hashlib

    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.fixture
def switchboard() -> PlayedSwitchboard:
    return PlayedSwitchboard()


@pytest.fixture
def make_app(switchboard: PlayedSwitchboard, tmp_path: Path) -> Callable[..., Door]:
    """Makes the application with settings of the test's own."""

    def make(**settings: Any) -> Door:
        return create_app(GatewaySettings(keys=tmp_path / "keys", **settings), switchboard)  # type: ignore[arg-type]

    return make


@pytest.fixture
def app(make_app: Callable[..., Door]) -> Door:
    return make_app()


@pytest.fixture
def client(app: Door) -> FlaskClient:
    """A caller with a personal access token that allows everything."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return client
