"""A system that keeps its public keys at an address of its own: they are fetched through the guarded client."""

import time
from secrets import token_hex

import httpx2
from joserfc import jwt

from deploy.node.ports import free_ports
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import SetClientKeys
from tests.e2e.api.conftest import OPERATOR, Town
from tests.e2e.identity.false_provider import KEY, false_provider

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def ask(town: Town, client: str, kid: str = "1") -> httpx2.Response:
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": town.url, "jti": token_hex(8), "exp": now + 60}
    assertion = jwt.encode({"alg": "ES256", "kid": kid}, claims, KEY, algorithms=["ES256"])
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return httpx2.post(f"{town.url}/oauth/token", data=form, timeout=15)


def test_keys_are_fetched_from_where_the_client_keeps_them(town: Town) -> None:
    client, _ = town.client(town.organisation("Signs"))
    with false_provider(free_ports(1)[0]) as place:
        keys_at = f"{place.issuer}/jwks_uri"
        town.operate(SetClientKeys(caller=OPERATOR, client=client, keys_at=keys_at), Done)
        assert ask(town, client).status_code == 200
    assert ask(town, client).status_code == 200, "they are kept for some minutes"
    assert ask(town, client, "unknown").status_code == 401


def test_keys_are_fetched_from_no_address_that_is_not_the_publics(town: Town) -> None:
    client, _ = town.client(town.organisation("Points inwards"))
    for keys_at in ("https://169.254.169.254/latest", "https://10.0.0.1/jwks", "https://[::1]/jwks"):
        town.operate(SetClientKeys(caller=OPERATOR, client=client, keys_at=keys_at), Done)
        began = time.monotonic()
        answer = ask(town, client)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert time.monotonic() - began < 3
