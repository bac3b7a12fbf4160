"""Who is calling is settled before anything else, and a credential that is not sound is none."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from services.gateway.auth.access_tokens import AccessTokens, NotAToken
from services.gateway.auth.allowance import Allowance
from services.gateway.auth.callers import Callers
from services.gateway.auth.keys import SigningKeys
from services.gateway.door.application import Door
from services.gateway.problems import Problem
from shared.contracts.calls.discussion import GetPost
from tests.unit.gateway import answers
from tests.unit.gateway.conftest import (
    CLIENT,
    CLIENT_SECRET,
    EVERYTHING,
    MEMBER,
    ORGANISATION,
    OTHER,
    TOKEN,
    PlayedSwitchboard,
)

ISSUER = "http://127.0.0.1:8800"
POST = f"/v1/posts/{answers.ID}"


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return SigningKeys(tmp_path / "keys")


@pytest.fixture
def callers(keys: SigningKeys, switchboard: PlayedSwitchboard) -> Callers:
    return Callers(switchboard, AccessTokens(keys, ISSUER))  # type: ignore[arg-type]


def claims(**different: Any) -> dict[str, Any]:
    now = int(time.time())
    sound = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": CLIENT,
        "client_id": CLIENT,
        "iat": now,
        "exp": now + 900,
        "jti": "1",
        "scope": "threads:read",
    }
    return {name: value for name, value in (sound | different).items() if value is not None}


def token(keys: SigningKeys, header: dict[str, Any] | None = None, key: Any = None, **different: Any) -> str:
    head = {"alg": "ES256", "typ": "at+jwt", "kid": keys.signing().kid} | (header or {})
    return jwt.encode(head, claims(**different), key or keys.signing(), algorithms=[head["alg"]])


def unsigned(keys: SigningKeys, alg: str) -> str:
    header = {"alg": alg, "typ": "at+jwt", "kid": keys.signing().kid}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims()))
    return b".".join((*parts, b"")).decode()


def edited(keys: SigningKeys) -> str:
    header, _, signature = token(keys).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims(scope="tokens:write")).encode()).rstrip(b"=").decode()
    return f"{header}.{body}.{signature}"


def signed_with_the_public_key(keys: SigningKeys) -> str:
    header = {"alg": "HS256", "typ": "at+jwt", "kid": keys.signing().kid}
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims()))
    signed = b".".join(parts)
    mac = hmac.digest(keys.signing().as_pem(private=False), signed, "sha256")
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


NOT_TOKENS: dict[str, Any] = {
    "no signature": lambda keys: unsigned(keys, "none"),
    "no signature, another spelling": lambda keys: unsigned(keys, "nOnE"),
    "HS256 with the public key as secret": signed_with_the_public_key,
    "a scope edited in": edited,
    "somebody else's key": lambda keys: token(keys, key=ECKey.generate_key("P-256")),
    "a key id that is a path": lambda keys: token(keys, {"kid": "../../etc/passwd"}),
    "a key of its own in the header": lambda keys: token(
        keys, {"kid": "x", "jwk": keys.signing().as_dict(private=False), "jku": "https://evil.example/jwks"}
    ),
    "an ID token": lambda keys: token(keys, {"typ": "JWT"}),
    "for somebody else": lambda keys: token(keys, aud="https://other.example"),
    "from somebody else": lambda keys: token(keys, iss="https://other.example"),
    "expired": lambda keys: token(keys, exp=int(time.time()) - 60),
    "not yet valid": lambda keys: token(keys, nbf=int(time.time()) + 600),
    "issued in the future": lambda keys: token(keys, iat=int(time.time()) + 600),
    "without an end": lambda keys: token(keys, exp=None),
    "without a client": lambda keys: token(keys, client_id=None),
    "a scope that is a list": lambda keys: token(keys, scope=["threads:read"]),
    "an end that is a text": lambda keys: token(keys, exp="9999999999"),
    "7 kB": lambda keys: "x" * 7000,
    "two dots": lambda keys: "..",
    "encrypted": lambda keys: "a.b.c.d.e",
    "not ASCII": lambda keys: "ключ.ключ.ключ",
}


@pytest.mark.parametrize("forged", NOT_TOKENS.values(), ids=NOT_TOKENS.keys())
def test_a_token_that_is_not_sound_is_none(forged: Any, keys: SigningKeys, callers: Callers) -> None:
    with pytest.raises(Problem) as turned_away:
        callers.identify(f"Bearer {forged(keys)}")
    assert turned_away.value.code == "unauthenticated"
    assert turned_away.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_sound_token_is_read(keys: SigningKeys) -> None:
    read = AccessTokens(keys, ISSUER).read(token(keys))
    assert (read.client, read.scopes) == (CLIENT, {"threads:read"})
    with pytest.raises(NotAToken):
        AccessTokens(keys, "https://another.example").read(token(keys))


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Token {TOKEN}"])
def test_without_a_bearer_credential_nobody_is_calling(
    header: str | None, callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    with pytest.raises(Problem) as turned_away:
        callers.identify(header)
    assert turned_away.value.code == "unauthenticated"
    assert switchboard.identifications == 0


def test_a_personal_token_stands_for_its_member(callers: Callers, switchboard: PlayedSwitchboard) -> None:
    caller = callers.identify(f"Bearer {TOKEN}")
    assert (caller.member, caller.organisation, caller.client) == (MEMBER, ORGANISATION, None)
    assert caller.scopes == set(EVERYTHING)
    assert callers.identify(f"bearer {TOKEN}") == caller
    assert switchboard.identifications == 1, "a credential is not asked about at every request"


def test_a_personal_token_cannot_act_for_another(callers: Callers) -> None:
    callers.identify(f"Bearer {TOKEN}")
    with pytest.raises(Problem) as turned_away:
        callers.identify(f"Bearer {TOKEN}", acting_for=OTHER)
    assert turned_away.value.code == "not-allowed"


def test_a_client_acts_for_its_own_members_only(keys: SigningKeys, callers: Callers) -> None:
    credential = f"Bearer {token(keys)}"
    alone = callers.identify(credential)
    assert (alone.member, alone.client, alone.organisation) == (None, CLIENT, ORGANISATION)
    acting = callers.identify(credential, acting_for=MEMBER)
    assert (acting.member, acting.client, acting.scopes) == (MEMBER, CLIENT, {"threads:read"})
    for foreign in (OTHER, "", "$ne", "A" * 24):
        with pytest.raises(Problem) as turned_away:
            callers.identify(credential, acting_for=foreign)
        assert turned_away.value.code == "member-unknown"


def test_a_client_has_no_more_scopes_than_it_has_now(
    keys: SigningKeys, callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    switchboard.scopes = ("inbox:read",)
    assert callers.identify(f"Bearer {token(keys)}").scopes == set()


def test_a_client_that_was_ended_is_nobody(
    keys: SigningKeys, callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    switchboard.client_active = False
    for acting_for in (None, MEMBER):
        with pytest.raises(Problem) as turned_away:
            callers.identify(f"Bearer {token(keys)}", acting_for)
        assert turned_away.value.code == "unauthenticated"


def test_what_is_remembered_is_forgotten_in_time(
    monkeypatch: pytest.MonkeyPatch, callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    callers.identify(f"Bearer {TOKEN}")
    later = time.monotonic() + 10.1
    monkeypatch.setattr(callers._remembered, "_clock", lambda: later)
    callers.identify(f"Bearer {TOKEN}")
    assert switchboard.identifications == 2


def test_the_end_of_a_client_is_felt_by_all_its_tokens_at_once(
    monkeypatch: pytest.MonkeyPatch, keys: SigningKeys, callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    """What is remembered of a token ends with what is remembered of its client; the times do not add up."""
    began = time.monotonic()
    now = [began]
    for remembered in (callers._remembered, callers._clients):
        monkeypatch.setattr(remembered, "_clock", lambda: now[0])
    first, second = (f"Bearer {token(keys, jti=number)}" for number in "12")
    callers.identify(first)
    now[0] = began + 9
    callers.identify(second)
    callers.identify(second, acting_for=MEMBER)
    switchboard.client_active = False
    now[0] = began + 10.1
    for acting_for in (None, MEMBER):
        with pytest.raises(Problem) as turned_away:
            callers.identify(second, acting_for)
        assert turned_away.value.code == "unauthenticated"


def test_a_junk_token_is_nobodys_whatever_else_is_said(
    callers: Callers, switchboard: PlayedSwitchboard
) -> None:
    switchboard.tokens_active = False
    with pytest.raises(Problem) as turned_away:
        callers.identify(f"Bearer {TOKEN}", acting_for=OTHER)
    assert turned_away.value.code == "unauthenticated"


def test_an_address_is_not_asked_about_without_end(
    monkeypatch: pytest.MonkeyPatch, keys: SigningKeys, switchboard: PlayedSwitchboard
) -> None:
    callers = Callers(switchboard, AccessTokens(keys, ISSUER), Allowance(3))  # type: ignore[arg-type]
    callers.identify(f"Bearer {TOKEN}", address="here")
    switchboard.tokens_active = False
    codes = []
    for number in range(5):
        with pytest.raises(Problem) as turned_away:
            callers.identify(f"Bearer cop_{number:032}", address="here")
        codes.append(turned_away.value.code)
    assert codes == ["unauthenticated"] * 3 + ["too-many-requests"] * 2
    assert int(turned_away.value.headers["Retry-After"]) > 0
    assert switchboard.identifications == 1 + 3, "membership was not asked"
    with pytest.raises(Problem, match="unauthenticated"):
        callers.identify(f"Bearer cop_{9:032}", address="elsewhere")
    switchboard.tokens_active = True
    later = time.monotonic() + 10.1
    monkeypatch.setattr(callers._remembered, "_clock", lambda: later)
    assert callers.identify(f"Bearer {TOKEN}", address="here").member == MEMBER, "known from before"
    switchboard.tokens_active = False
    monkeypatch.setattr(callers._remembered, "_clock", lambda: later + 10.1)
    codes = []
    for _ in range(2):
        with pytest.raises(Problem) as turned_away:
            callers.identify(f"Bearer {TOKEN}", address="here")
        codes.append(turned_away.value.code)
    assert codes == ["unauthenticated", "too-many-requests"], "it has ended, and is like any other now"


def test_only_a_trusted_proxy_says_who_sent_a_credential(
    make_app: Callable[..., Door], switchboard: PlayedSwitchboard
) -> None:
    switchboard.tokens_active = False

    def statuses(proxies: int) -> list[int]:
        client = make_app(bad_credentials_per_minute=1, trusted_proxies=proxies).test_client()
        authorization = f"Bearer {TOKEN}"
        return [
            client.get(
                "/v1/me",
                headers={
                    "Authorization": authorization,
                    "X-Forwarded-For": f"10.9.9.{number}, 10.0.0.{number}",
                },
            ).status_code
            for number in (1, 2)
        ]

    assert statuses(0) == [401, 429]
    assert statuses(1) == [401, 401]
    assert statuses(3) == [401, 429], "fewer addresses than proxies: it came past them"


def test_the_schema_is_not_shown_to_strangers(app: Door, switchboard: PlayedSwitchboard) -> None:
    stranger = app.test_client()
    for answer in (
        stranger.get(f"{POST}?unknown=1"),
        stranger.post(f"/v1/threads/{answers.ID}/posts", json={"no": 1}),
        stranger.get("/v1/no-such-address"),
        stranger.delete("/v1/communities"),
        stranger.get(f"{POST}?access_token={TOKEN}"),
        stranger.get(POST, headers={"Authorization": f"Basic {TOKEN}"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="commonplace"'
    assert switchboard.asked == []


def test_a_scope_that_is_missing_is_named(client: FlaskClient, switchboard: PlayedSwitchboard) -> None:
    switchboard.scopes = ("threads:read",)
    switchboard.will(GetPost, answers.post())
    assert client.get(POST).status_code == 200
    answer = client.post(f"/v1/threads/{answers.ID}/posts", json={"nonsense": 1})
    assert answer.status_code == 403
    assert answer.json["type"] == "/problems/insufficient-scope"  # type: ignore[index]
    assert 'scope="threads:write"' in answer.headers["WWW-Authenticate"]


def test_the_host_must_be_ours(client: FlaskClient) -> None:
    answer = client.get(POST, base_url="http://evil.example")
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/bad-request")  # type: ignore[index]


def test_a_client_without_a_member_is_told_to_name_one(app: Door) -> None:
    asking = app.test_client()
    answer = asking.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": CLIENT_SECRET},
    )
    access = answer.json["access_token"]  # type: ignore[index]
    me = asking.get("/v1/me", headers={"Authorization": f"Bearer {access}"})
    assert me.status_code == 403
    assert "Commonplace-Member" in me.json["detail"]  # type: ignore[index]
