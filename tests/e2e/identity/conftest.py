"""A node whose organisations have identity providers: npm's oidc-provider, which nobody here wrote, and a false one."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from deploy.node.ports import free_ports
from services.gateway.auth.relying_party import PROVIDER_SECRET
from services.gateway.auth.sealing import Sealing
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.membership import (
    IdentityProvider,
    Member,
    NewIdentityProvider,
    NewMember,
    RegisterIdentityProvider,
    RegisterMember,
)
from tests.conftest import StartNode
from tests.e2e.api.conftest import OPERATOR, Town
from tests.e2e.identity.browser import Browser, link, prove
from tests.oracles.installed import oracles

TENANT, OTHER_TENANT = "1c9b6d0e-0000-4000-8000-00000000000a", "2c9b6d0e-0000-4000-8000-00000000000b"
OBJECT_ID = "aaaaaaaa-0000-4000-8000-000000000001"
PROCESSES = {"membership": 1, "discussion": 1, "notifications": 1, "gateway": 1}


@pytest.fixture(scope="module")
def module_environment_for_sign_in(
    module_environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Providers are on this machine, which no node calls unless its operator says so."""
    return {**module_environment, "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*"}


@pytest.fixture(scope="module")
def town(module_environment_for_sign_in: dict[str, str], module_node: StartNode) -> Iterator[Town]:
    """The node."""
    environment = module_environment_for_sign_in
    node = module_node(environment, PROCESSES)
    switchboard = Switchboard(environment["COMMONPLACE_BROKER"], name="tests")
    assert switchboard.wait_until_open(10)
    yield Town(node, switchboard)
    switchboard.close()


@dataclass
class Home:
    """An organisation with a provider, and how its people sign in.

    Args:
        town: the node.
        organisation: its id.
        provider: as registered here.
    """

    town: Town
    organisation: str
    provider: IdentityProvider

    def member(self, name: str, **more: Any) -> str:
        """Register a member; their id."""
        new = NewMember(name=name, handle=f"m.{token_hex(6)}", profession="Nurse", **more)
        call = RegisterMember(caller=OPERATOR, organisation=self.organisation, new=new)
        return self.town.operate(call, Member).member

    def begin(self, browser: Browser, **query: str) -> str:
        """Go from the sign-in page to the provider's; where that is."""
        domain = self.provider.domains[0]
        page = browser.post(f"{self.town.url}/sign-in", {"email": f"somebody@{domain}", **query})
        return browser.get(link(page), "same-origin").headers["location"]

    def proved(self, browser: Browser, login: str, **query: str) -> str:
        """Prove at the provider who one is; the address that it sends the browser back to."""
        return prove(browser, browser.get(self.begin(browser, **query), "cross-site"), login)


@dataclass
class Registering:
    """Registers providers at a node.

    Args:
        town: the node.
        keys: the folder with the gateway's keys, as the operator's command has it.
    """

    town: Town
    keys: Path

    def at(self, organisation: str, issuer: str, client: str, secret: str | None, **more: Any) -> Home:
        """Register a provider of an organisation."""
        sealed = None if secret is None else Sealing(self.keys).seal(PROVIDER_SECRET, secret)
        given = {
            "name": "Example sign-in",
            "domains": (f"{token_hex(6)}.example",),
            "contact": "the help desk, 1234",
        }
        new = NewIdentityProvider(issuer=issuer, client_id=client, sealed_secret=sealed, **(given | more))
        call = RegisterIdentityProvider(caller=OPERATOR, organisation=organisation, new=new)
        return Home(self.town, organisation, self.town.operate(call, IdentityProvider))


@pytest.fixture(scope="module")
def registering(town: Town, module_environment_for_sign_in: dict[str, str]) -> Registering:
    return Registering(town, Path(module_environment_for_sign_in["COMMONPLACE_KEYS"]))


def run_provider(
    port: int, clients: list[dict[str, Any]], claims: Any, path: str = ""
) -> subprocess.Popen[str]:
    """Start oidc-provider and wait until it answers."""
    told = {"port": port, "path": path, "clients": clients, "claims": claims}
    running = subprocess.Popen(
        ["node", "openid_provider.mjs", json.dumps(told)],
        cwd=oracles(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    return running


def client(home: Home, secret: str | None, address: str) -> dict[str, Any]:
    """How the provider knows the node."""
    return {
        "client_id": home.provider.client_id,
        "redirect_uris": [f"{address}/sign-in/back/{home.provider.provider}"],
        "post_logout_redirect_uris": [f"{address}/sign-in/signed-out"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        **({"client_secret": secret} if secret else {"token_endpoint_auth_method": "none"}),
    }


@pytest.fixture(scope="module")
def home(town: Town, registering: Registering) -> Iterator[Home]:
    """An organisation whose provider is oidc-provider; nobody at it is known here but who is registered by a test."""
    (port,) = free_ports(1)
    secret = token_hex(24)
    one = registering.at(town.organisation("Home"), f"http://127.0.0.1:{port}", "commonplace", secret)
    claims = {"eve": {"email": "victim@example.org", "email_verified": True}}
    running = run_provider(port, [client(one, secret, town.url)], claims)
    yield one
    running.kill()
    running.wait()


@pytest.fixture(scope="module")
def entra(town: Town, registering: Registering) -> Iterator[Home]:
    """An organisation with a tenant of Entra ID, as far as oidc-provider can be one: its path, `tid` and `oid`."""
    (port,) = free_ports(1)
    issuer = f"http://127.0.0.1:{port}/{TENANT}/v2.0"
    one = registering.at(town.organisation("Tenant"), issuer, "commonplace", None, kind="entra")
    claims = {
        "ann": {"tid": TENANT, "oid": OBJECT_ID},
        "stranger": {"tid": OTHER_TENANT, "oid": OBJECT_ID},
        "nameless": {"tid": TENANT},
    }
    running = run_provider(port, [client(one, None, town.url)], claims, f"/{TENANT}/v2.0")
    yield one
    running.kill()
    running.wait()
