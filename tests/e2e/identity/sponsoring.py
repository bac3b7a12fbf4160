"""What the tests of outsiders have in common: a facilitator who invites, the mail that it takes, and browsers."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from tests.e2e.api.conftest import Town, start_community
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.postbox import Postbox, opened, told_of
from tests.e2e.identity.test_sign_in_links import SIGNED_IN

LINK = re.compile(r"http://\S+/sign-in/(?:outsider|sponsor|link)/\S+")


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def until(condition: Callable[[], bool], patience: float = 40.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "never"
        time.sleep(0.2)


class Stage:
    """A facilitator with a closed community, and what an outsider needs."""

    def __init__(self, town: Town, postbox: Postbox, database: Database[dict[str, Any]]) -> None:
        self.town, self.postbox, self.database = town, postbox, database
        self.organisation = town.organisation("Village hall")
        self.email = f"sponsor.{token_hex(4)}@hall.example"
        self.sponsor = town.person(self.organisation, "Carys Evans", email=self.email)
        self.community = start_community(self.sponsor, "closed")

    def body(self, **more: Any) -> dict[str, Any]:
        given = {
            "email": f"gwen.{token_hex(4)}@elsewhere.example",
            "name": "Gwen Ellis",
            "profession": "Carer",
            "communities": [self.community],
        }
        return {**given, **more}

    def mailed(self, to: str, number: int = 1) -> str:
        """The newest link that came to an address, when so many mails have come."""
        until(lambda: len(self.postbox.mails.get(to, [])) >= number)
        found = LINK.search(self.postbox.mails[to][-1].get_content())
        assert found
        return found[0]

    def invited(self, **more: Any) -> tuple[str, str]:
        """Invite somebody; their address, and the link they are sent."""
        body = self.body(**more)
        self.sponsor.made("/v1/outsiders", body)
        return body["email"], self.mailed(body["email"])

    def come(self, **more: Any) -> tuple[Browser, str, str]:
        """Somebody who has come in: their browser, id and address."""
        email, address = self.invited(**more)
        browser = Browser()
        answer = use(browser, address)
        assert answer.status_code == 303, answer.text
        return browser, browser.get(f"{self.town.url}/v1/me", "same-origin").json()["member"], email

    def set_end(self, outsider: str, left: timedelta) -> datetime:
        """Let a stay end so long from now, as if time had passed; and be looked at."""
        ends_at = datetime.now(UTC) + left
        change = {"sponsorship.ends_at": ends_at, "sponsorship.next_at": min(ends_at, datetime.now(UTC))}
        self.database["members"].update_one({"_id": outsider}, {"$set": change, "$inc": {"moves": 1}})
        return ends_at


def use(browser: Browser, address: str) -> httpx2.Response:
    """Open a link, and press its button."""
    page = browser.get(address)
    assert page.status_code == 200
    secret = re.search(r'name="secret" value="([^"]+)"', page.text)
    action = re.search(r'action="([^"]+)"', page.text)
    assert secret and action
    return browser.post(action[1], {"secret": secret[1]})


def get(browser: Browser, town: Town, path: str) -> httpx2.Response:
    return browser.get(town.url + path, "same-origin")


def send(browser: Browser, town: Town, path: str, body: Any = None, method: str = "POST") -> httpx2.Response:
    headers = {
        "Cookie": f"{SIGNED_IN}={browser.cookie(SIGNED_IN)}",
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": token_hex(12),
    }
    return browser.http.request(method, town.url + path, json=body, headers=headers)


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    with opened() as box:
        yield box


@pytest.fixture(scope="module")
def module_environment_for_sign_in(module_environment: Mapping[str, str], postbox: Postbox) -> dict[str, str]:
    return {**module_environment, **told_of(postbox)}


@pytest.fixture(scope="module")
def database(module_environment: Mapping[str, str]) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](module_environment["COMMONPLACE_MONGO"]) as client:
        yield client[f"{module_environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]


@pytest.fixture
def stage(town: Town, postbox: Postbox, database: Database[dict[str, Any]]) -> Stage:
    return Stage(town, postbox, database)
