"""People at browsers of their own who have passkeys, or would like to, on a node that has a name."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import OpenedSignIn, OpenSignIn
from tests.e2e.api.conftest import Person, Town, start_community
from tests.e2e.authenticator import PRESENT, SOUND, VERIFIED, Authenticator
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Registering

ORIGIN = "http://commons.localhost"
"""A name that a browser trusts without https, so that it keeps passkeys for it."""
COOKIE = "__Host-commonplace"
CHALLENGE = "__Host-commonplace-challenge"
OTHER = "A" * 43
BACKED_UP_WITHOUT_BEING_ABLE_TO = SOUND | 0x10
UNSOUND = {
    "another origin": {"origin": "https://evil.example"},
    "another port": {"origin": f"{ORIGIN}:8080"},
    "in another site's frame": {"cross_origin": True},
    "another relying party": {"relying_party": "evil.example"},
    "another challenge": {"challenge": OTHER},
    "a challenge that is no text": {"challenge": 7},
    "nobody present": {"flags": VERIFIED},
    "nobody verified": {"flags": PRESENT},
    "flags that cannot be": {"flags": BACKED_UP_WITHOUT_BEING_ABLE_TO},
}
"""What makes an answer unsound, of either ceremony."""


@pytest.fixture(scope="module")
def module_environment_for_sign_in(module_environment: Mapping[str, str]) -> dict[str, str]:
    return {
        **module_environment,
        "COMMONPLACE_PUBLIC_URL": ORIGIN,
        "COMMONPLACE_DEADLINE_SECONDS": "8",
        "COMMONPLACE_OUTBOUND_ALLOWED": "http://127.0.0.1:*",
    }


@pytest.fixture(scope="module")
def database(module_environment_for_sign_in: dict[str, str], town: Town) -> Iterator[Database[Any]]:
    """Membership's, in which a test lets time pass."""
    del town
    environment = module_environment_for_sign_in
    with MongoClient[dict[str, Any]](environment["COMMONPLACE_MONGO"], tz_aware=True) as client:
        yield client[f"{environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]


class Somebody:
    """A member, and one browser of theirs.

    Args:
        village: where they are at home.
        name: theirs.
        facilitates: whether they have a community to look after.
    """

    def __init__(self, village: "Village", name: str, facilitates: bool = True) -> None:
        self.village = village
        self.known_as = token_hex(8)
        self.person: Person = village.town.person(village.organisation, name, external_id=self.known_as)
        if facilitates:
            start_community(self.person, "open")
        self.browser = self.sign_in()

    @property
    def id(self) -> str:
        """The member's."""
        return self.person.id

    def sign_in(self) -> Browser:
        """Sign in at another browser, as by the organisation's provider."""
        call = OpenSignIn(
            caller=Caller(),
            provider=self.village.provider,
            subject=self.known_as,
            external_id=self.known_as,
            attempt=token_hex(32),
        )
        secret = self.village.town.operate(call, OpenedSignIn).secret
        browser = self.village.browser()
        browser.cookies[self.village.town.url] = {COOKIE: secret or ""}
        return browser

    def begin(self, browser: Browser | None = None) -> httpx2.Response:
        """Ask for a challenge, to make a passkey with."""
        return api(browser or self.browser, "POST", "/v1/passkey-challenges")

    def add(
        self, authenticator: Authenticator, label: str = "Telephone", **different: Any
    ) -> httpx2.Response:
        """Make a passkey."""
        return self.answer(authenticator, self.begin().json(), label, **different)

    def answer(
        self, authenticator: Authenticator, options: Any, label: str = "Telephone", **different: Any
    ) -> httpx2.Response:
        """Answer a challenge by a new passkey."""
        made = authenticator.make(options, **different)
        return api(self.browser, "POST", "/v1/passkeys", {"label": label, **made})

    def has(self) -> list[dict[str, Any]]:
        """The member's passkeys."""
        items: list[dict[str, Any]] = api(self.browser, "GET", "/v1/passkeys").json()["items"]
        return items


class Village:
    """An organisation with a provider, on a node.

    Args:
        town: the node.
        registering: makes the provider.
        database: membership's.
    """

    def __init__(self, town: Town, registering: Registering, database: Database[Any]) -> None:
        self.town = town
        self.database = database
        self.organisation = town.organisation(f"Village {token_hex(4)}")
        issuer = f"http://127.0.0.1:1/{token_hex(4)}"
        self.provider = registering.at(self.organisation, issuer, "commonplace", None).provider.provider

    def browser(self) -> Browser:
        """A browser at which nobody is signed in."""
        browser = Browser()
        browser.at = self.town.url
        return browser

    def later(self, collection: str, field: str, **which: Any) -> None:
        """Let ten minutes have passed for some rows."""
        moment = datetime.now(UTC) - timedelta(minutes=10)
        changed = self.database[collection].update_many(which, {"$set": {field: moment}})
        assert changed.matched_count


@pytest.fixture(scope="module")
def village(town: Town, registering: Registering, database: Database[Any]) -> Village:
    return Village(town, registering, database)


@pytest.fixture
def somebody(village: Village) -> Somebody:
    """Who facilitates a community, and has just signed in."""
    return Somebody(village, "Fran Facilitator")


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator(ORIGIN)


def api(browser: Browser, method: str, path: str, body: Any = None) -> httpx2.Response:
    """Ask the API from a page of the node's own."""
    jar = browser.cookies.get(_town_of(browser), {})
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()),
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": token_hex(12),
    }
    address = f"{_town_of(browser)}{path}"
    return browser.http.request(method, address, headers=headers, json=body)


def ask(browser: Browser) -> dict[str, Any]:
    """Ask for a challenge, to sign in by."""
    answer = browser.post("/sign-in/passkey/challenge", {})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def enter(browser: Browser, authenticator: Authenticator, **different: Any) -> httpx2.Response:
    """Sign in by a passkey, at a browser."""
    return browser.post("/sign-in/passkey", authenticator.sign(ask(browser), **different))


def problem(answer: httpx2.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def _town_of(browser: Browser) -> str:
    return "/".join(browser.at.split("/")[:3])
