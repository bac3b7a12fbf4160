"""Every way that is known to be signed in as somebody else, or to have somebody signed in as oneself."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc.jwk import ECKey

from deploy.node.ports import free_ports
from services.gateway.auth.relying_party import ATTEMPT as PURPOSE
from services.gateway.auth.sealing import Sealing
from tests.e2e.api.conftest import Town
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Home, Registering
from tests.e2e.identity.false_provider import KEY, FalseProvider, false_provider

SIGNED_IN = "__Host-commonplace"
ATTEMPT = "__Host-commonplace-attempt"
SECRET = token_hex(24)


@pytest.fixture(scope="module")
def false() -> Iterator[FalseProvider]:
    with false_provider(free_ports(1)[0]) as provider:
        yield provider


@pytest.fixture(scope="module")
def theirs(town: Town, registering: Registering, false: FalseProvider) -> Home:
    """The organisation that the false provider is of, with one member."""
    one = registering.at(town.organisation("Theirs"), false.issuer, "commonplace", SECRET)
    one.member("Mallory", external_id="mallory")
    return one


def back_to(home: Home, **answered: str) -> str:
    return f"{home.town.url}/sign-in/back/{home.provider.provider}?{urlencode(answered)}"


def forged(false: FalseProvider, head: dict[str, object], sign: Callable[[bytes], bytes]) -> str:
    claims = json.loads(base64.urlsafe_b64decode(false.token().split(".")[1] + "=="))
    parts = (json.dumps(part).encode() for part in (head, claims))
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()


FALSE: dict[str, Callable[[FalseProvider], str]] = {
    "no nonce": lambda f: f.token(nonce=None),
    "another sign-in's nonce": lambda f: f.token(nonce="another"),
    "another issuer": lambda f: f.token(iss="https://login.example"),
    "another client's": lambda f: f.token(aud="another"),
    "another client's too, and no azp": lambda f: f.token(aud=[f.client, "another"]),
    "authorized for another": lambda f: f.token(azp="another"),
    "ended": lambda f: f.token(exp=int(time.time()) - 120),
    "no end": lambda f: f.token(exp=None),
    "issued yesterday": lambda f: f.token(iat=int(time.time()) - 86_400),
    "no subject": lambda f: f.token(sub=None),
    "a subject that is none": lambda f: f.token(sub={"$ne": ""}),
    "a foreign key": lambda f: f.token(ECKey.generate_key("P-256", {"kid": "1"})),
    "a key of its own": lambda f: f.token(
        ECKey.generate_key("P-256"), {"kid": "2", "jku": "http://127.0.0.1:9/"}
    ),
    "no signature": lambda f: forged(f, {"alg": "none"}, lambda text: b""),
    "HS256 with the client's secret": lambda f: forged(
        f, {"alg": "HS256", "kid": "1"}, lambda text: hmac.digest(SECRET.encode(), text, "sha256")
    ),
    "HS256 with the public key": lambda f: forged(
        f, {"alg": "HS256", "kid": "1"}, lambda text: hmac.digest(KEY.as_pem(private=False), text, "sha256")
    ),
    "no token": lambda f: "",
    "junk": lambda f: "a.b.c",
}


@pytest.mark.parametrize("make", FALSE.values(), ids=FALSE.keys())
def test_an_id_token_that_is_not_sound_signs_nobody_in(
    theirs: Home, false: FalseProvider, make: Callable[[FalseProvider], str]
) -> None:
    false.make = make
    browser = Browser()
    state = false.heard(theirs.begin(browser))
    answer = browser.get(back_to(theirs, code="any", state=state), "cross-site")
    assert answer.status_code == 400
    assert browser.cookie(SIGNED_IN) is None


def test_the_one_that_they_are_made_of_is_sound(theirs: Home, false: FalseProvider) -> None:
    """Or else the refusals above would prove nothing; and the code goes with the verifier and the secret."""
    false.make = FalseProvider.token
    browser = Browser()
    state = false.heard(theirs.begin(browser))
    answer = browser.get(back_to(theirs, code="the-code", state=state), "cross-site")
    assert answer.status_code == 303 and browser.cookie(SIGNED_IN)
    traded = false.traded[-1]
    assert traded["code"] == ["the-code"] and len(traded["code_verifier"][0]) >= 43
    assert "client_secret" not in traded, (
        "it goes by the header, which the provider did not say that it dislikes"
    )


def test_a_state_counts_once_and_at_its_own_browser_only(theirs: Home, false: FalseProvider) -> None:
    false.make = FalseProvider.token
    browser, other = Browser(), Browser()
    state = false.heard(theirs.begin(browser))
    kept = browser.cookie(ATTEMPT) or ""
    back = back_to(theirs, code="any", state=state)
    assert other.get(back, "cross-site").status_code == 400, "a link that somebody sends signs nobody in"
    false.heard(theirs.begin(other))
    assert other.get(back, "cross-site").status_code == 400, "nor at a browser that has begun its own"
    for wrong in ("", "x", state[:-1]):
        again = Browser()
        again.cookies[theirs.town.url] = {ATTEMPT: kept}
        assert again.get(back_to(theirs, code="any", state=wrong), "cross-site").status_code == 400
    false.nonce = _nonce_of(false, state, theirs, browser)
    assert browser.get(back, "cross-site").status_code == 303
    browser.cookies[theirs.town.url][ATTEMPT] = kept
    replayed = browser.get(back, "cross-site")
    assert replayed.status_code == 409, "also with the cookie of the first time"


def _nonce_of(false: FalseProvider, state: str, home: Home, browser: Browser) -> str:
    """The nonce that went with a state: read from what the browser keeps, as only the gateway can."""
    keys = home.town.node.processes[0].command.environment["COMMONPLACE_KEYS"]
    kept = Sealing(Path(keys)).open(PURPOSE, browser.cookie(ATTEMPT) or "")
    found = json.loads(kept)
    assert found["state"] == state
    return str(found["nonce"])


@pytest.mark.parametrize("junk", ["", "junk", "a.b.c.d.e", "x" * 9_000])
def test_an_attempt_that_was_not_sealed_here_is_none(theirs: Home, false: FalseProvider, junk: str) -> None:
    browser = Browser()
    state = false.heard(theirs.begin(browser))
    browser.cookies[theirs.town.url] = {ATTEMPT: junk}
    assert browser.get(back_to(theirs, code="any", state=state), "cross-site").status_code == 400


def test_another_providers_code_is_not_taken(home: Home, theirs: Home, false: FalseProvider) -> None:
    """Mix-up: a code that the honest provider gave never goes to the false one, and the other way round."""
    false.make = FalseProvider.token
    browser = Browser()
    honest = parse_qs(urlsplit(home.proved(browser, "somebody")).query)
    code, state = honest["code"][0], honest["state"][0]
    traded = len(false.traded)
    crossed = browser.get(back_to(theirs, code=code, state=state), "cross-site")
    assert crossed.status_code == 400
    assert len(false.traded) == traded, "the false provider never saw the code"
    browser = Browser()
    state = false.heard(theirs.begin(browser))
    for wrong in (home.provider.issuer, "", f"{false.issuer}/"):
        answer = browser.get(back_to(theirs, code="any", state=state, iss=wrong), "cross-site")
        assert answer.status_code == 400, wrong
        assert len(false.traded) == traded
        state = false.heard(theirs.begin(browser))


def test_a_provider_that_names_the_issuer_must_always_name_it(town: Town, registering: Registering) -> None:
    with false_provider(free_ports(1)[0]) as provider:
        provider.metadata["authorization_response_iss_parameter_supported"] = True
        one = registering.at(town.organisation("Strict"), provider.issuer, "commonplace", None)
        one.member("Nell", external_id="mallory")
        browser = Browser()
        state = provider.heard(one.begin(browser))
        assert browser.get(back_to(one, code="any", state=state), "cross-site").status_code == 400
        state = provider.heard(one.begin(browser))
        answer = browser.get(back_to(one, code="any", state=state, iss=provider.issuer), "cross-site")
        assert answer.status_code == 303


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        ({"issuer": "https://login.example"}, 503),
        ({"authorization_endpoint": "http://login.example/auth"}, 503),
        ({"authorization_endpoint": "javascript:alert(1)"}, 503),
        ({"authorization_endpoint": None}, 503),
    ],
)
def test_metadata_that_are_not_its_own_are_not_followed(
    town: Town, registering: Registering, metadata: dict[str, object], status: int
) -> None:
    with false_provider(free_ports(1)[0]) as provider:
        provider.metadata |= metadata
        one = registering.at(town.organisation("Strange"), provider.issuer, "commonplace", None)
        browser = Browser()
        answer = browser.get(f"{town.url}/sign-in/with/{one.provider.provider}")
        assert answer.status_code == status
        assert browser.cookie(ATTEMPT) is None


def test_the_providers_own_refusal_signs_nobody_in(theirs: Home, false: FalseProvider) -> None:
    browser = Browser()
    state = false.heard(theirs.begin(browser))
    answer = browser.get(back_to(theirs, error="access_denied", state=state, code="any"), "cross-site")
    assert answer.status_code == 400 and "access_denied" not in answer.text
    doubled = f"{back_to(theirs, code='a', state=state)}&code=b"
    assert browser.get(doubled, "cross-site").status_code == 400
