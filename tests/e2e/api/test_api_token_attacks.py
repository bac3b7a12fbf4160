"""Every way that is known to get in with a token that is none, tried at the door of a running node."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from services.gateway.auth.keys import SigningKeys
from tests.e2e.api.conftest import Neighbours, Town, access_token

FOREIGN = ECKey.generate_key("P-256")
INVALID = 'error="invalid_token"'


class Forger:
    """Somebody who has seen a good token, knows the node's public keys, and (for the test's sake) can sign."""

    def __init__(self, issuer: str, keys: SigningKeys, good: str) -> None:
        self.issuer = issuer
        self.key = keys.signing()
        self.good = good
        self.head: dict[str, Any] = self._part(0)
        self.claims: dict[str, Any] = self._part(1)

    def _part(self, number: int) -> dict[str, Any]:
        part = self.good.split(".")[number]
        return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))

    def signed(self, head: Any = None, key: Any = None, **different: Any) -> str:
        claims = {name: value for name, value in (self.claims | different).items() if value is not None}
        header = {name: value for name, value in (self.head | (head or {})).items() if value is not None}
        return jwt.encode(header, claims, key or self.key, algorithms=["ES256"])

    def raw(self, head: Any, sign: Callable[[bytes], bytes], **different: Any) -> str:
        parts = (self.head | head, self.claims | different)
        text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
        return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()

    def confused(self) -> str:
        """HS256 with the published key as the secret."""
        public = self.key.as_pem(private=False)
        return self.raw({"alg": "HS256"}, lambda text: hmac.digest(public, text, "sha256"))


@pytest.fixture(scope="module")
def forger(town: Town, neighbours: Neighbours, node_environment: dict[str, str]) -> Forger:
    client, secret = town.client(neighbours.first, ("members:read",))
    good = access_token(town, client, secret).json()["access_token"]
    return Forger(town.url, SigningKeys(Path(node_environment["COMMONPLACE_KEYS"])), good)


def now() -> int:
    return int(time.time())


FORGED: dict[str, Callable[[Forger], str]] = {
    "alg none": lambda f: f.raw({"alg": "none"}, lambda text: b""),
    "alg NONE": lambda f: f.raw({"alg": "NONE"}, lambda text: b""),
    "alg none with the old signature": lambda f: f.raw({"alg": "none"}, lambda text: b"x" * 64),
    "no algorithm": lambda f: f.raw({"alg": None}, lambda text: b"x" * 64),
    "HS256 with the public key": Forger.confused,
    "a wider scope, the old signature": lambda f: f.raw({}, lambda text: b"x" * 64, scope="tokens:write"),
    "an empty signature": lambda f: f.raw({}, lambda text: b""),
    "a signature of zeros": lambda f: f.raw({}, lambda text: bytes(64)),
    "a foreign key": lambda f: f.signed(key=FOREIGN),
    "a foreign kid": lambda f: f.signed({"kid": FOREIGN.thumbprint()}, FOREIGN),
    "a kid that is a path": lambda f: f.signed({"kid": "../../../../etc/passwd"}),
    "a kid that is a query": lambda f: f.signed({"kid": '{"$ne": ""}'}),
    "no kid": lambda f: f.signed({"kid": None}),
    "a jku": lambda f: f.signed({"kid": "mine", "jku": "http://127.0.0.1:9/jwks"}, FOREIGN),
    "an embedded jwk": lambda f: f.signed({"kid": "mine", "jwk": FOREIGN.as_dict(private=False)}, FOREIGN),
    "another issuer": lambda f: f.signed(iss="https://other.example"),
    "no issuer": lambda f: f.signed(iss=None),
    "another audience": lambda f: f.signed(aud="https://other.example"),
    "no audience": lambda f: f.signed(aud=None),
    "expired": lambda f: f.signed(exp=now() - 60),
    "no end": lambda f: f.signed(exp=None),
    "nbf in the future": lambda f: f.signed(nbf=now() + 600),
    "iat in the future": lambda f: f.signed(iat=now() + 600, exp=now() + 900),
    "an ID token": lambda f: f.signed({"typ": "JWT"}, scope=None, client_id=None, nonce="n", aud=f.issuer),
    "another kind of token": lambda f: f.signed({"typ": "logout+jwt"}),
    "no kind": lambda f: f.signed({"typ": None}),
    "a client that is nobody": lambda f: f.signed(client_id="f" * 24, sub="f" * 24),
    "encrypted": lambda f: "a.b.c.d.e",
    "cut short": lambda f: f.good[:-10],
    "7 kB": lambda f: "x" * 7_000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_what_is_no_token_opens_nothing(forger: Forger, forge: Callable[[Forger], str]) -> None:
    token = forge(forger)
    answer = httpx2.get(f"{forger.issuer}/v1/organisations", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthenticated")
    assert INVALID in answer.headers["www-authenticate"]
    assert token not in answer.text


def test_the_token_that_they_are_made_of_is_good(forger: Forger) -> None:
    """Or else the refusals above would prove nothing."""
    for token in (forger.good, forger.signed(jti="another")):
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx2.get(f"{forger.issuer}/v1/organisations", headers=headers).status_code == 200


def test_a_token_in_the_address_or_the_body_is_never_read(forger: Forger) -> None:
    url = f"{forger.issuer}/v1/organisations"
    for answer in (
        httpx2.get(url, params={"access_token": forger.good}),
        httpx2.post(f"{forger.issuer}/v1/tokens", data={"access_token": forger.good}),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="commonplace"', "no error, for none came"
    headers = {"Authorization": f"Bearer {forger.good}"}
    both = httpx2.get(url, params={"access_token": forger.good}, headers=headers)
    assert (both.status_code, both.json()["type"]) == (422, "/problems/invalid")


def test_a_scope_that_the_token_lacks_is_named(forger: Forger) -> None:
    headers = {"Authorization": f"Bearer {forger.good}"}
    answer = httpx2.get(f"{forger.issuer}/v1/tokens", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/insufficient-scope")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    widened = forger.signed(scope="members:read tokens:write", jti="wider")
    answer = httpx2.get(f"{forger.issuer}/v1/tokens", headers={"Authorization": f"Bearer {widened}"})
    assert answer.status_code == 403, "a token gives no more than its client has now"


def test_two_credentials_are_none(forger: Forger) -> None:
    twice = [("Authorization", f"Bearer {forger.good}"), ("Authorization", f"Bearer {forger.good}")]
    assert httpx2.get(f"{forger.issuer}/v1/organisations", headers=twice).status_code in (400, 401)


@pytest.mark.parametrize("doubled", ["grant_type", "scope", "client_id", "client_secret", "client_assertion"])
def test_a_doubled_parameter_is_refused(town: Town, neighbours: Neighbours, doubled: str) -> None:
    client, secret = town.client(neighbours.first)
    form = {"grant_type": ["client_credentials"], "client_id": [client], "client_secret": [secret]}
    form[doubled] = form.get(doubled, ["x"]) * 2
    answer = httpx2.post(f"{town.url}/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
