"""A link by mail for those whose organisation has no provider: once, for them alone, and nobody learns who they are."""

import re
import statistics
import time
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from shared.contracts.calls.membership import LeaveOrganisation, Member
from tests.e2e.api.conftest import OPERATOR, Person, Town
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Registering
from tests.e2e.identity.postbox import Postbox, opened, told_of

SIGNED_IN = "__Host-commonplace"
EMAIL = "{}@no-provider.example"


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    with opened() as box:
        yield box


@pytest.fixture(scope="module")
def module_environment_for_sign_in(module_environment: Mapping[str, str], postbox: Postbox) -> dict[str, str]:
    return {**module_environment, **told_of(postbox)}


@pytest.fixture(scope="module")
def organisation(town: Town) -> str:
    return town.organisation("Village hall")


def somebody(town: Town, organisation: str, name: str) -> tuple[Person, str]:
    email = EMAIL.format(f"{name.lower()}.{token_hex(4)}")
    return town.person(organisation, name, email=email), email


def ask(town: Town, email: str) -> httpx2.Response:
    return Browser().post(f"{town.url}/sign-in", {"email": email})


def press(browser: Browser, address: str) -> httpx2.Response:
    """Open the link, and press the button."""
    page = browser.get(address)
    assert page.status_code == 200
    secret = re.search(r'name="secret" value="([^"]+)"', page.text)
    assert secret
    return browser.post("/sign-in/link", {"secret": secret[1]})


def test_a_link_signs_in_once_and_not_by_being_opened(
    town: Town, organisation: str, postbox: Postbox
) -> None:
    ann, email = somebody(town, organisation, "Ann")
    assert ask(town, email.upper()).status_code == 200
    (address,) = postbox.links(email)
    for _ in range(3):
        scanner = Browser()
        assert scanner.get(address).status_code == 200
        assert scanner.http.head(address).status_code == 200
        assert scanner.cookie(SIGNED_IN) is None
    browser = Browser()
    answer = press(browser, address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert browser.get(f"{town.url}/v1/me", "same-origin").json()["member"] == ann.id
    (listed,) = browser.get(f"{town.url}/v1/sign-ins", "same-origin").json()["items"]
    assert listed["way"] == "link"
    second = Browser()
    assert press(second, address).status_code == 403
    assert second.cookie(SIGNED_IN) is None


def test_another_site_cannot_press_the_button(town: Town, organisation: str, postbox: Postbox) -> None:
    """Or somebody could sign a victim's browser in as themselves, and read what the victim then writes."""
    _, email = somebody(town, organisation, "Eve")
    ask(town, email)
    (address,) = postbox.links(email)
    secret = address.rpartition("/")[2]
    browser = Browser()
    browser.at = town.url
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post("/sign-in/link", {"secret": secret}, **headers).status_code == 403
    assert browser.cookie(SIGNED_IN) is None


@pytest.mark.parametrize("secret", ["", "cop_link_" + "a" * 43, "$ne", "x" * 500])
def test_a_secret_that_is_none_signs_nobody_in(town: Town, secret: str) -> None:
    browser = Browser()
    browser.at = town.url
    answer = browser.post("/sign-in/link", {"secret": secret})
    assert answer.status_code == 403 and browser.cookie(SIGNED_IN) is None


def test_nobody_learns_whose_an_address_is(
    town: Town, organisation: str, postbox: Postbox, registering: Registering
) -> None:
    """The same answer, to the last byte, in about the same time: for a member, a leaver, a namesake, and nobody."""
    _, known = somebody(town, organisation, "Known")
    left, gone = somebody(town, organisation, "Gone")
    town.operate(LeaveOrganisation(caller=OPERATOR, member=left.id), Member)
    shared = EMAIL.format(f"office.{token_hex(4)}")
    for name in ("First", "Second"):
        town.person(organisation, name, email=shared)
    elsewhere = registering.at(town.organisation("Has its own"), "http://127.0.0.1:9", "x", None)
    vouched = EMAIL.format(f"vouched.{token_hex(4)}")
    town.person(elsewhere.organisation, "Vouched", email=vouched)
    asked = [known, gone, shared, vouched, EMAIL.format(f"nobody.{token_hex(4)}")]
    answers = [ask(town, email) for email in asked]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    postbox.links(known)
    time.sleep(1)
    assert not set(postbox.mails) & {gone, shared, vouched, asked[-1]}
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(24):
        is_known = bool(number % 2)
        email = somebody(town, organisation, "Timed")[1] if is_known else EMAIL.format(token_hex(6))
        began = time.perf_counter()
        ask(town, email)
        took[is_known].append(time.perf_counter() - began)
    here, nowhere = statistics.median(took[True]), statistics.median(took[False])
    assert here < 3 * nowhere and nowhere < 3 * here, took


def test_an_address_is_not_filled_with_mail(town: Town, organisation: str, postbox: Postbox) -> None:
    _, email = somebody(town, organisation, "Flooded")
    answers = {ask(town, email).text for _ in range(6)}
    assert len(answers) == 1
    assert len(set(postbox.links(email, 3))) == 3
    time.sleep(2)
    assert len(postbox.mails[email]) == 3


def test_who_leaves_takes_no_link_with_them(town: Town, organisation: str, postbox: Postbox) -> None:
    ned, email = somebody(town, organisation, "Ned")
    ask(town, email)
    (address,) = postbox.links(email)
    town.operate(LeaveOrganisation(caller=OPERATOR, member=ned.id), Member)
    assert press(Browser(), address).status_code == 403


def test_a_mail_goes_out_once_though_the_server_is_away_and_the_process_dies(
    town: Town, organisation: str, postbox: Postbox
) -> None:
    _, email = somebody(town, organisation, "Patient")
    postbox.close()
    assert ask(town, email).status_code == 200
    membership = town.node["membership"]
    membership.kill()
    postbox.open()
    membership.start()
    membership.wait_ready()
    # Whoever was sending it when it died is waited for: half a minute, and the listener's next try.
    (address,) = postbox.links(email, patience=90)
    browser = Browser()
    assert press(browser, address).status_code == 303
    time.sleep(3)
    assert len(postbox.mails[email]) == 1


def test_no_secret_and_no_address_is_kept(
    town: Town, organisation: str, postbox: Postbox, module_environment: Mapping[str, str]
) -> None:
    _, email = somebody(town, organisation, "Secret")
    ask(town, email)
    (address,) = postbox.links(email)
    secret = address.rpartition("/")[2]
    browser = Browser()
    press(browser, address)
    with MongoClient[dict[str, Any]](module_environment["COMMONPLACE_MONGO"]) as client:
        database = client[f"{module_environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]
        for name in database.list_collection_names():
            for row in database[name].find():
                assert secret not in str(row), name
                assert (browser.cookie(SIGNED_IN) or "?") not in str(row), name
                assert email not in str(row) or name == "members", name
