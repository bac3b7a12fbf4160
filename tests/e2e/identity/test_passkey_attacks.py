"""Whoever would come in by a passkey that is not theirs, or add one that they may not, is turned away at the door."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from tests.e2e.authenticator import PRESENT, Authenticator, text
from tests.e2e.identity.passkeys import (
    CHALLENGE,
    COOKIE,
    ORIGIN,
    UNSOUND,
    Somebody,
    Village,
    ask,
    authenticator,
    database,
    enter,
    module_environment_for_sign_in,
    problem,
    somebody,
    village,
)

__all__ = ["authenticator", "database", "module_environment_for_sign_in", "somebody", "village"]


def refused(browser: Any, answer: httpx2.Response, status: int = 403) -> str:
    """What the page says to whom it does not let in."""
    assert answer.status_code == status, answer.text
    assert browser.cookie(COOKIE) is None
    page: str = answer.text
    return page


@pytest.mark.parametrize(
    "different", [*UNSOUND.values(), {"type": "webauthn.create"}], ids=[*UNSOUND, "making one"]
)
def test_an_unsound_answer_signs_nobody_in(
    village: Village, somebody: Somebody, authenticator: Authenticator, different: dict[str, Any]
) -> None:
    assert somebody.add(authenticator).status_code == 201
    browser = village.browser()
    page = refused(browser, enter(browser, authenticator, **different))
    assert "This passkey was not accepted. Try again, or sign in another way." in page
    assert enter(browser, authenticator).status_code == 303, "the passkey itself is as good as before"


def test_a_signature_by_another_key_signs_nobody_in(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    browser = village.browser()
    refused(browser, enter(browser, authenticator, key=Authenticator(ORIGIN).key))
    made = authenticator.sign(ask(browser))
    refused(browser, browser.post("/sign-in/passkey", {**made, "signature": text(bytes(70))}))


def test_a_challenge_is_answered_once(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    browser = village.browser()
    options = ask(browser)
    kept = browser.cookie(CHALLENGE) or ""
    made = authenticator.sign(options)
    assert browser.post("/sign-in/passkey", made).status_code == 303
    assert browser.cookie(CHALLENGE) is None
    again = village.browser()
    again.cookies[village.town.url] = {CHALLENGE: kept}
    assert "It was answered before" in refused(again, again.post("/sign-in/passkey", made))
    again.cookies[village.town.url] = {CHALLENGE: kept}
    refused(again, again.post("/sign-in/passkey", authenticator.sign(options)))


def test_a_wrong_answer_uses_the_challenge_up_too(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    browser = village.browser()
    options = ask(browser)
    kept = browser.cookie(CHALLENGE) or ""
    refused(browser, browser.post("/sign-in/passkey", authenticator.sign(options, flags=PRESENT)))
    browser.cookies[village.town.url] = {CHALLENGE: kept}
    page = refused(browser, browser.post("/sign-in/passkey", authenticator.sign(options)))
    assert "It was answered before" in page


def test_a_challenge_ends_after_five_minutes(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    browser = village.browser()
    options = ask(browser)
    village.later("passkey_challenges", "expires_at", member=None, used=False)
    page = refused(browser, browser.post("/sign-in/passkey", authenticator.sign(options)))
    assert "older than five minutes" in page
    making = somebody.begin().json()
    village.later("passkey_challenges", "expires_at", member=somebody.id, used=False)
    answer = somebody.answer(Authenticator(ORIGIN), making)
    assert problem(answer) == (403, "challenge-no-longer-good")


def test_another_browsers_challenge_signs_nobody_in(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    """Or somebody could have a victim's browser sign in as them."""
    somebody.add(authenticator)
    one, other, none = (village.browser() for _ in range(3))
    made = authenticator.sign(ask(one))
    ask(other)
    refused(other, other.post("/sign-in/passkey", made))
    refused(none, none.post("/sign-in/passkey", made))
    for kept in ("$ne", "A" * 44, ""):
        none.cookies[village.town.url] = {CHALLENGE: kept}
        refused(none, none.post("/sign-in/passkey", made))


def test_another_site_cannot_sign_a_browser_in(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"X": "y"}):
        browser = village.browser()
        made = authenticator.sign(ask(browser))
        refused(browser, browser.post("/sign-in/passkey", made, **headers))
        assert browser.post("/sign-in/passkey/challenge", {}, **headers).status_code == 403
        assert browser.post("/sign-in/passkeys", made, **headers).status_code == 403


def test_a_counter_that_goes_back_tells_of_a_copy_and_leaves_the_passkey(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    authenticator.counter = 10
    assert enter(village.browser(), authenticator).status_code == 303
    for counter in (11, 10, 1, 0):
        browser = village.browser()
        refused(browser, enter(browser, authenticator, counter=counter))
    assert enter(village.browser(), authenticator, counter=12).status_code == 303


def test_a_counter_is_believed_only_when_it_is_signed(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    """Or whoever learnt a credential's id could shut its owner out, and fill the audit log with copies."""
    somebody.add(authenticator)
    browser = village.browser()
    refused(browser, enter(browser, authenticator, counter=2**31, key=Authenticator(ORIGIN).key))
    refused(browser, enter(browser, authenticator, counter=0, key=Authenticator(ORIGIN).key))
    assert enter(browser, authenticator).status_code == 303


def test_the_user_handle_is_the_members(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    other = Somebody(village, "Other")
    own = Authenticator(ORIGIN)
    other.add(own)
    for handle in (own.user, "AAAA", text(somebody.id.encode())):
        browser = village.browser()
        refused(browser, enter(browser, authenticator, user_handle=handle))


def test_an_unknown_passkey_is_refused_in_the_same_words_as_a_wrong_answer(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    unknown = Authenticator(ORIGIN)
    unknown.user = authenticator.user
    browser = village.browser()
    pages = [
        refused(browser, enter(browser, unknown)),
        refused(browser, enter(browser, authenticator, flags=PRESENT)),
        refused(browser, enter(browser, authenticator, user_handle="AAAA")),
    ]
    assert len(set(pages)) == 1


FORMS: dict[str, Callable[[dict[str, str]], dict[str, str]]] = {
    "not base64url": lambda made: {**made, "client_data": "a+b/"},
    "not base64": lambda made: {**made, "signature": "AAAAA"},
    "padding": lambda made: {**made, "user_handle": made["user_handle"] + "=="},
    "too long": lambda made: {**made, "authenticator_data": "A" * 1_001},
    "empty": lambda made: {**made, "credential": ""},
    "missing": lambda made: {name: value for name, value in made.items() if name != "user_handle"},
    "something more": lambda made: {**made, "member": "0" * 24},
    "an operator of the database": lambda made: {**made, "credential": '{"$ne": 1}'},
    "bits left over": lambda made: {**made, "credential": made["credential"][:-1] + "B"},
    "no JSON": lambda made: {**made, "client_data": text(b"\xff{")},
    "a list": lambda made: {**made, "client_data": text(b"[]")},
    "too deep": lambda made: {**made, "client_data": text(b"[" * 1_500)},
    "too short": lambda made: {**made, "authenticator_data": text(b"x")},
    "more than there is": lambda made: {**made, "authenticator_data": made["authenticator_data"] + "AAAA"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_what_is_no_answer_is_turned_away(
    village: Village,
    somebody: Somebody,
    authenticator: Authenticator,
    form: Callable[[dict[str, str]], dict[str, str]],
) -> None:
    somebody.add(authenticator)
    browser = village.browser()
    answer = browser.post("/sign-in/passkey", form(authenticator.sign(ask(browser))))
    assert answer.status_code in (403, 422) and "<h1>" in answer.text
    assert browser.cookie(COOKIE) is None


def test_more_than_eight_kilobytes_are_not_read(village: Village) -> None:
    browser = village.browser()
    assert browser.post("/sign-in/passkey", {"credential": "A" * 9_000}).status_code == 413
