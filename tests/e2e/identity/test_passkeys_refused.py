"""Whoever would add a passkey that is not sound, or that they may not have, is turned away at the door."""

from typing import Any

import cbor2
import pytest

from tests.e2e.api.conftest import Person, access_token
from tests.e2e.authenticator import ES384, SELF, Authenticator, text
from tests.e2e.identity.passkeys import (
    CHALLENGE,
    COOKIE,
    ORIGIN,
    OTHER,
    UNSOUND,
    Somebody,
    Village,
    api,
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
NO_KEY = {1: 2, 3: -7, -1: 1, -2: bytes(32), -3: b"\1" * 32}
WITH_THE_WRONG_CURVE = {1: 1, 3: -8, -1: 4, -2: b"\1" * 32}
SHORT_RSA = {1: 3, 3: -257, -1: b"\xff" * 64, -2: b"\1\0\1"}
UNSOUND_AT_REGISTRATION: dict[str, dict[str, Any]] = {
    **UNSOUND,
    "an assertion": {"type": "webauthn.get"},
    "a point that is on no curve": {"public_key": cbor2.dumps(NO_KEY)},
    "a curve of another algorithm": {"public_key": cbor2.dumps(WITH_THE_WRONG_CURVE)},
    "a key that is too short": {"public_key": cbor2.dumps(SHORT_RSA)},
    "no key at all": {"public_key": b"\xff"},
    "an attestation nobody asked for": {"statement": {"fmt": "fido-u2f", "attStmt": {"sig": b"", "x5c": []}}},
    "a certificate": {"statement": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"", "x5c": [b"x"]}}},
    "a signature that is none": {"statement": {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x"}}},
    "a statement that is none": {"statement": {"fmt": "none", "attStmt": 3}},
}


@pytest.mark.parametrize("different", UNSOUND_AT_REGISTRATION.values(), ids=UNSOUND_AT_REGISTRATION.keys())
def test_an_unsound_registration_adds_nothing(
    somebody: Somebody, authenticator: Authenticator, different: dict[str, Any]
) -> None:
    answer = somebody.add(authenticator, **different)
    expected = {(422, "passkey-unfit"), (403, "challenge-no-longer-good")}
    assert problem(answer) in expected, answer.text
    assert somebody.has() == []


def test_a_key_may_vouch_for_itself_and_nobody_else_for_it(
    somebody: Somebody, authenticator: Authenticator
) -> None:
    """Nobody asked which make of device it is, so nobody reads certificates of strangers."""
    assert problem(somebody.add(authenticator, statement=SELF, certified=True)) == (422, "passkey-unfit")
    assert somebody.add(authenticator, statement=SELF).status_code == 201


def test_an_algorithm_that_was_not_offered_is_none(somebody: Somebody) -> None:
    assert somebody.begin().json()["algorithms"] == [-8, -7, -257]
    assert problem(somebody.add(Authenticator(ORIGIN, ES384))) == (422, "passkey-unfit")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", " "),
        ("label", "a" * 61),
        ("label", "two\nlines"),
        ("client_data", "a+b/"),
        ("client_data", "A" * 2_049),
        ("attestation", "A" * 5_001),
        ("attestation", None),
    ],
)
def test_what_is_no_registration_is_named(
    somebody: Somebody, authenticator: Authenticator, field: str, value: Any
) -> None:
    made = {"label": "Key", **authenticator.make(somebody.begin().json()), field: value}
    answer = api(somebody.browser, "POST", "/v1/passkeys", made)
    assert problem(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["where"] == field


@pytest.mark.parametrize(
    "attestation", [b"\xff", b"\x80", cbor2.dumps({"fmt": "none"}), b"\xa1" * 3_000, b"\xc1\x61a"]
)
def test_what_is_no_cbor_adds_nothing(
    somebody: Somebody, authenticator: Authenticator, attestation: bytes
) -> None:
    made = authenticator.make(somebody.begin().json()) | {"label": "Key", "attestation": text(attestation)}
    assert problem(api(somebody.browser, "POST", "/v1/passkeys", made)) == (422, "passkey-unfit")


def test_a_registrations_challenge_is_for_one_sign_in_once(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    options = somebody.begin().json()
    for browser in (Somebody(village, "Other").browser, somebody.sign_in()):
        made = authenticator.make(options) | {"label": "Key"}
        answer = api(browser, "POST", "/v1/passkeys", made)
        assert problem(answer) == (403, "challenge-no-longer-good")
    assert problem(somebody.answer(authenticator, ask(village.browser()) | {"user": "AAAA"})) == (
        403,
        "challenge-no-longer-good",
    )
    assert somebody.answer(authenticator, options).status_code == 201
    assert problem(somebody.answer(Authenticator(ORIGIN), options)) == (403, "challenge-no-longer-good")
    browser = village.browser()
    browser.cookies[village.town.url] = {CHALLENGE: somebody.begin().json()["challenge"]}
    made = authenticator.sign({**options, "challenge": browser.cookies[village.town.url][CHALLENGE]})
    assert browser.post("/sign-in/passkey", made).status_code == 403 and browser.cookie(COOKIE) is None


def test_a_passkey_is_registered_once_whoever_has_it(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    assert somebody.add(authenticator).status_code == 201
    own, other = somebody.add(authenticator), Somebody(village, "Other").add(authenticator)
    assert problem(own) == problem(other) == (409, "passkey-known")
    assert own.json()["detail"] == other.json()["detail"]


def test_members_who_facilitate_nothing_are_told_who_may(
    village: Village, authenticator: Authenticator
) -> None:
    member = Somebody(village, "Plain Member", facilitates=False)
    answer = member.begin()
    assert problem(answer) == (403, "passkeys-for-facilitators")
    assert "those who facilitate a community" in answer.json()["detail"]
    made = authenticator.make({"challenge": OTHER, "user": "AAAA", "relying_party": "x"})
    page = member.browser.post("/sign-in/passkeys", {"label": "Key", **made})
    assert page.status_code == 403 and "those who facilitate a community" in page.text


def test_only_who_has_just_signed_in_adds_and_removes(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    options = somebody.begin().json()
    passkey = somebody.add(authenticator).json()["passkey"]
    somebody.browser = somebody.sign_in()
    village.later("sign_ins", "signed_in_at", member=somebody.id)
    more = {"label": "Key", **Authenticator(ORIGIN).make(options)}
    for answer in (
        somebody.begin(),
        api(somebody.browser, "POST", "/v1/passkeys", more),
        api(somebody.browser, "DELETE", f"/v1/passkeys/{passkey}"),
    ):
        assert problem(answer) == (403, "sign-in-needed")
    page = somebody.browser.post("/sign-in/passkeys/remove", {"passkey": passkey})
    assert page.status_code == 403 and "/sign-in?again=yes&amp;next=/sign-in/passkeys" in page.text
    question = somebody.browser.get("/sign-in?again=yes&next=/sign-in/passkeys", "same-origin").text
    assert 'name="email"' in question and 'value="/sign-in/passkeys"' in question
    assert len(somebody.has()) == 1


def test_a_token_adds_and_removes_nothing_and_a_system_not_even_sees(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    passkey = somebody.add(authenticator).json()["passkey"]
    more = {"label": "Key", **Authenticator(ORIGIN).make({**somebody.begin().json()})}
    token = access_token(village.town, *village.town.client(village.organisation)).json()["access_token"]
    acting = Person(village.town.url, somebody.id, token, "")
    acting.http.headers["Commonplace-Member"] = somebody.id
    for person, expected in ((somebody.person, "sign-in-needed"), (acting, "persons-only")):
        assert problem(person.post("/v1/passkey-challenges", None)) == (403, expected)
        assert problem(person.post("/v1/passkeys", more)) == (403, expected)
        assert problem(person.change("DELETE", f"/v1/passkeys/{passkey}")) == (403, expected)
    assert problem(acting.get("/v1/passkeys")) == (403, "persons-only")


def test_anothers_passkey_is_not_there(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    passkey = somebody.add(authenticator).json()["passkey"]
    other = Somebody(village, "Other")
    hidden, absent = (api(other.browser, "DELETE", f"/v1/passkeys/{id}") for id in (passkey, "0" * 24))
    assert problem(hidden) == problem(absent) == (404, "not-found")
    assert hidden.json()["detail"] == absent.json()["detail"]
    assert other.has() == []
    assert other.browser.post("/sign-in/passkeys/remove", {"passkey": passkey}).status_code == 404
    assert enter(village.browser(), authenticator).status_code == 303
