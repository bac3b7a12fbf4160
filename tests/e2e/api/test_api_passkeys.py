"""Passkeys at a node that is reached by a number: for such an address no browser keeps any."""

from tests.e2e.api.conftest import Town
from tests.e2e.identity.browser import Browser


def test_a_number_has_no_passkeys_and_says_so(town: Town) -> None:
    browser = Browser()
    browser.at = town.url
    answer = browser.post("/sign-in/passkey/challenge", {})
    assert answer.status_code == 409 and "reached by a number" in answer.text
    assert not browser.cookies[town.url]
