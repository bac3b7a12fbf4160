"""The real ceremony: Chromium with a virtual authenticator adds a passkey on our page, and signs in by it."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.e2e.chromium import PROGRAM, Tab, chromium
from tests.e2e.identity.passkeys import (
    COOKIE,
    Somebody,
    Village,
    database,
    module_environment_for_sign_in,
    somebody,
    village,
)

__all__ = ["database", "module_environment_for_sign_in", "somebody", "village"]
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="There is no Chromium on this machine.")
PICTURES = os.environ.get("COMMONPLACE_TEST_PICTURES")
"""A folder for what the pages look like; none are taken when it is not named."""
STATUS = "document.querySelector('[role=status]').textContent"
ASK = "#passkey-sign-in button"


@pytest.fixture
def tab(village: Village, tmp_path: Path) -> Iterator[Tab]:
    port = urlsplit(village.town.url).port
    assert port
    with chromium(tmp_path / "profile", port) as one:
        yield one


def look(tab: Tab, name: str) -> None:
    if PICTURES:
        tab.picture(Path(PICTURES) / f"{name}.png")
        tab.picture(Path(PICTURES) / f"{name}-narrow.png", width=390)


def sign_in(tab: Tab, somebody: Somebody) -> None:
    tab.sign_in(COOKIE, somebody.browser.cookies[somebody.village.town.url][COOKIE])


def add(tab: Tab, label: str) -> None:
    tab.open("/sign-in/passkeys")
    tab.run(f"document.querySelector('#label').value = '{label}'")
    tab.click("#passkey-add button")


def test_a_passkey_is_added_and_signs_in(tab: Tab, somebody: Somebody) -> None:
    tab.device()
    sign_in(tab, somebody)
    tab.open("/sign-in/passkeys")
    look(tab, "none-yet")
    add(tab, "My telephone")
    tab.until("(document.querySelector('.things') || {}).innerText?.includes('My telephone')")
    look(tab, "one")
    assert [one["label"] for one in somebody.has()] == ["My telephone"]
    add(tab, "The same again")
    tab.until(f"{STATUS}.startsWith('This device has a passkey of yours already')")
    look(tab, "the-same-again")
    tab.ask("Network.clearBrowserCookies")
    tab.open("/sign-in?next=/sign-in/passkeys")
    look(tab, "sign-in")
    tab.click(ASK)
    tab.until("location.pathname === '/sign-in/passkeys'")
    tab.until("document.body.innerText.includes('last used on')")
    tab.open("/sign-in")
    tab.until("document.body.innerText.includes('Fran Facilitator')")
    look(tab, "signed-in")
    tab.open("/sign-in/passkeys")
    tab.click(".things button")
    tab.until("document.body.innerText.includes('You have none yet')")
    assert somebody.has() == []


def test_who_gives_none_is_told_and_can_go_on(tab: Tab, somebody: Somebody) -> None:
    device = tab.device()
    tab.ask("WebAuthn.setUserVerified", authenticatorId=device, isUserVerified=False)
    tab.open("/sign-in")
    tab.click(ASK)
    tab.until(f"{STATUS}.startsWith('No passkey was given')")
    assert tab.run(f"document.activeElement === document.querySelector('{ASK}')")
    assert tab.run(f"document.querySelector('{ASK}').disabled") is False
    look(tab, "none-given")


def test_who_may_not_have_one_reads_why(tab: Tab, village: Village) -> None:
    tab.device()
    sign_in(tab, Somebody(village, "Plain Member", facilitates=False))
    add(tab, "Key")
    tab.until(f"{STATUS}.startsWith('Passkeys are for those who facilitate')")
    look(tab, "not-for-you")


def test_without_a_script_there_is_a_way_in_and_no_button_for_a_passkey(tab: Tab, somebody: Somebody) -> None:
    tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    sign_in(tab, somebody)
    shown = "(selector) => document.querySelector(selector).offsetParent !== null"
    tab.open("/sign-in?again=yes")
    assert tab.run(f"({shown})('#email')") is True and tab.run(f"({shown})('{ASK}')") is False
    tab.open("/sign-in/passkeys")
    assert tab.run(f"({shown})('#passkey-add')") is False
    assert "your browser must run scripts" in tab.run("document.body.innerText")
    look(tab, "without-script")
