"""`private_key_jwt` as RFC 7523 has it: a statement that is signed by the client, meant for us, and used once."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from services.gateway.auth.remote_keys import RemoteKeys, Unreachable
from services.gateway.door.application import Door
from shared.contracts.calls.membership import ClientKeys, PublicKey
from tests.unit.gateway.conftest import CLIENT, CLIENT_SECRET, OTHER, PlayedSwitchboard

ISSUER = "http://127.0.0.1:8800"
ENDPOINT = f"{ISSUER}/oauth/token"
OWN = ECKey.generate_key("P-256", {"kid": "own"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
OKP = OKPKey.generate_key("Ed25519", {"kid": "okp"})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def public(*keys: Any) -> ClientKeys:
    shown = [PublicKey.model_validate(key.as_dict(private=False)) for key in keys]
    return ClientKeys(keys=tuple(shown), keys_at=None)


@pytest.fixture
def client(app: Door, switchboard: PlayedSwitchboard) -> FlaskClient:
    switchboard.keys = public(OWN, RSA, OKP)
    return app.test_client()


def signed(key: Any = OWN, alg: str = "ES256", header: Any = None, **different: Any) -> str:
    now = int(time.time())
    sound = {"iss": CLIENT, "sub": CLIENT, "aud": ENDPOINT, "jti": token_hex(8), "iat": now, "exp": now + 60}
    claims = {name: value for name, value in (sound | different).items() if value is not None}
    head = {"alg": alg, "kid": key.kid} | (header or {})
    return jwt.encode(
        {name: value for name, value in head.items() if value is not None}, claims, key, algorithms=[alg]
    )


def test_what_is_wrong_with_it_is_said(client: FlaskClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": signed(aud="https://other.example"),
    }
    answer = client.post("/oauth/token", data=form)
    assert answer.json is not None and "`aud`" in answer.json["error_description"]


def ask(client: FlaskClient, assertion: str, **more: Any) -> tuple[int, str]:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    answer = client.post("/oauth/token", data=form | more)
    assert answer.json is not None
    return answer.status_code, answer.json.get("error", "")


@pytest.mark.parametrize(
    "sound",
    [
        signed,
        lambda: signed(aud=ISSUER),
        lambda: signed(aud=[ENDPOINT]),
        lambda: signed(RSA, "RS256"),
        lambda: signed(RSA, "PS256"),
        lambda: signed(OKP, "Ed25519"),
        lambda: signed(header={"kid": None}),
    ],
)
def test_a_signature_buys_a_token(client: FlaskClient, sound: Callable[[], str]) -> None:
    assert ask(client, sound())[0] == 200
    assert ask(client, sound(), client_id=CLIENT, scope="threads:read")[0] == 200
    assert ask(client, sound(), scope="everything") == (400, "invalid_scope")


def test_an_assertion_counts_once(client: FlaskClient) -> None:
    assertion = signed()
    assert ask(client, assertion) == (200, "")
    assert ask(client, assertion) == (401, "invalid_client")


def unsigned() -> str:
    parts = ({"alg": "none"}, jwt_claims())
    texts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b".".join((*texts, b"")).decode()


def jwt_claims() -> dict[str, Any]:
    now = int(time.time())
    return {"iss": CLIENT, "sub": CLIENT, "aud": ENDPOINT, "jti": "1", "exp": now + 60}


def with_the_public_key_as_secret() -> str:
    parts = ({"alg": "HS256", "kid": "own"}, jwt_claims())
    text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    mac = hmac.digest(OWN.as_pem(private=False), text, "sha256")
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


NOT_GOOD: dict[str, Callable[[], str]] = {
    "no signature": unsigned,
    "HS256 with the public key as secret": with_the_public_key_as_secret,
    "somebody else's key": lambda: signed(ECKey.generate_key("P-256", {"kid": "own"})),
    "a key it brings along": lambda: signed(
        ECKey.generate_key("P-256", {"kid": "new"}), header={"jku": "https://evil.example/jwks"}
    ),
    "a key of another name": lambda: signed(header={"kid": "other"}),
    "for somebody else": lambda: signed(aud="https://other.example"),
    "for us and somebody else": lambda: signed(aud=[ENDPOINT, "https://other.example"]),
    "for nobody": lambda: signed(aud=None),
    "expired": lambda: signed(exp=int(time.time()) - 60),
    "without an end": lambda: signed(exp=None),
    "for too long": lambda: signed(exp=int(time.time()) + 3_600),
    "not yet": lambda: signed(nbf=int(time.time()) + 60),
    "from the future": lambda: signed(iat=int(time.time()) + 60),
    "without a name of its own": lambda: signed(jti=None),
    "a name that is no text": lambda: signed(jti=["a"]),
    "by another": lambda: signed(iss=OTHER),
    "of another": lambda: signed(sub=OTHER, iss=OTHER),
    "of a subject that is no id": lambda: signed(sub="$ne", iss="$ne"),
    "of no subject": lambda: signed(sub=None),
    "an end that is a text": lambda: signed(exp="9999999999"),
    "junk": lambda: "junk",
    "two dots": lambda: "..",
    "not ASCII": lambda: "ключ.ключ.ключ",
    "7 kB": lambda: signed(note="x" * 7_000),
}


@pytest.mark.parametrize("wrong", NOT_GOOD.values(), ids=NOT_GOOD.keys())
def test_what_is_not_good_is_nobodys(client: FlaskClient, wrong: Callable[[], str]) -> None:
    assert ask(client, wrong()) == (401, "invalid_client")


def test_one_way_at_a_time(client: FlaskClient) -> None:
    assert ask(client, signed(), client_secret=CLIENT_SECRET, client_id=CLIENT) == (400, "invalid_request")
    assert ask(client, signed(), client_id=OTHER) == (401, "invalid_client")
    assert ask(client, signed(), client_assertion_type="other") == (401, "invalid_client")
    assert ask(client, signed(), client_assertion=[signed(), signed()]) == (400, "invalid_request")


def test_a_client_that_has_ended_or_has_no_keys_is_nobody(
    client: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    switchboard.client_active = False
    assert ask(client, signed()) == (401, "invalid_client")
    switchboard.client_active, switchboard.keys = True, None
    assert ask(client, signed()) == (401, "invalid_client")


def test_a_new_key_at_the_clients_own_address_is_found_but_not_by_asking_without_end() -> None:
    sets = [[OWN], [OWN, RSA]]
    fetched: list[str] = []

    def fetch(address: str) -> Any:
        fetched.append(address)
        return KeySet(sets[min(len(fetched), len(sets)) - 1]).as_dict(private=False)

    remote = RemoteKeys(fetch)
    assert [key["kid"] for key in remote.keys("https://a.example/", "own")] == ["own"]
    assert not remote.keys("https://a.example/", "rsa"), "not so soon after the last fetch"
    remote._place("https://a.example/").fetched = time.monotonic() - 21
    assert [key["kid"] for key in remote.keys("https://a.example/", "rsa")] == ["rsa"]
    for number in range(20):
        assert not remote.keys("https://a.example/", f"made up {number}")
    assert len(fetched) == 2


def test_whoever_is_slow_keeps_nobody_else_waiting() -> None:
    asked, go_on = threading.Event(), threading.Event()

    def fetch(address: str) -> Any:
        if "slow" in address:
            asked.set()
            go_on.wait(10)
        return KeySet([OWN]).as_dict(private=False)

    remote = RemoteKeys(fetch)
    waiting = threading.Thread(target=remote.keys, args=("https://slow.example/", "own"))
    waiting.start()
    assert asked.wait(5)
    assert remote.keys("https://quick.example/", "own")
    go_on.set()
    waiting.join(5)


def test_what_cannot_be_fetched_is_said_and_not_asked_for_at_once_again() -> None:
    asked: list[str] = []

    def fetch(address: str) -> Any:
        asked.append(address)
        raise Unreachable("it is away")

    remote = RemoteKeys(fetch)
    for _ in range(3):
        with pytest.raises(Unreachable, match="it is away"):
            remote.keys("https://a.example/", "own")
    assert len(asked) == 1
