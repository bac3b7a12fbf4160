"""How a partner's system comes in: two secrets that overlap, signatures of its own, and what another language's library says."""

import time
from secrets import token_hex

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    AddClientSecret,
    Client,
    ClientSecret,
    ClientSecrets,
    EndClientSecret,
    ListClientSecrets,
    NewClient,
    PublicKey,
    RegisterClient,
    RevokeClient,
    SetClientKeys,
)
from tests.e2e.api.conftest import OPERATOR, Neighbours, Town, access_token
from tests.oracles.installed import consult

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def own_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": token_hex(4)})


def public(key: ECKey) -> PublicKey:
    return PublicKey.model_validate(key.as_dict(private=False))


def signed(town: Town, client: str, key: ECKey) -> str:
    now = int(time.time())
    claims = {
        "iss": client,
        "sub": client,
        "aud": f"{town.url}/oauth/token",
        "jti": token_hex(12),
        "exp": now + 60,
    }
    return jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])


def by_assertion(town: Town, assertion: str) -> httpx2.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return httpx2.post(f"{town.url}/oauth/token", data=form)


def test_a_secret_is_changed_while_the_system_runs(town: Town, neighbours: Neighbours) -> None:
    client, first = town.client(neighbours.first)
    call = AddClientSecret(caller=OPERATOR, client=client, expires_in_days=90)
    second = town.operate(call, ClientSecret)
    assert second.secret is not None
    assert [access_token(town, client, one).status_code for one in (first, second.secret)] == [200, 200]
    listed = town.operate(ListClientSecrets(caller=OPERATOR, client=client), ClientSecrets).secrets
    assert [one.secret for one in listed] == [None, None]
    old = listed[0].secret_id
    tokens = [access_token(town, client, one).json()["access_token"] for one in (first, second.secret)]
    town.operate(EndClientSecret(caller=OPERATOR, client=client, secret=old), Done)
    assert access_token(town, client, second.secret).status_code == 200
    refused = access_token(town, client, first)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")

    def works(token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.get(f"{town.url}/v1/organisations", headers=headers).status_code == 200

    until = time.monotonic() + 60
    while works(tokens[0]):
        assert time.monotonic() < until, "what a secret bought ends with it, within a minute"
        time.sleep(0.5)
    assert works(tokens[1])


def test_a_signature_counts_once_and_only_while_the_key_is_the_clients(
    town: Town, neighbours: Neighbours
) -> None:
    client, _ = town.client(neighbours.first)
    key = own_key()
    assert by_assertion(town, signed(town, client, key)).status_code == 401
    town.operate(SetClientKeys(caller=OPERATOR, client=client, keys=(public(key),)), Done)
    assertion = signed(town, client, key)
    assert by_assertion(town, assertion).status_code == 200
    replayed = by_assertion(town, assertion)
    assert (replayed.status_code, replayed.json()["error"]) == (401, "invalid_client")
    assert by_assertion(town, signed(town, client, own_key())).status_code == 401
    town.operate(RevokeClient(caller=OPERATOR, client=client), Done)
    assert by_assertion(town, signed(town, client, key)).status_code == 401


def test_a_client_may_have_keys_and_no_secret(town: Town, neighbours: Neighbours) -> None:
    key = own_key()
    new = NewClient(name="Signer", scopes=("members:read",), keys=(public(key),))
    made = town.operate(RegisterClient(caller=OPERATOR, organisation=neighbours.first, new=new), Client)
    assert made.secret is None
    bought = by_assertion(town, signed(town, made.client, key))
    assert bought.json()["scope"] == "members:read"
    assert access_token(town, made.client, "anything").status_code == 401


def test_oauth4webapi_finds_its_way_and_gets_tokens(town: Town, neighbours: Neighbours) -> None:
    """A strict client library of another language, which knows of us only what our metadata says."""
    client, secret = town.client(neighbours.first, ("members:read", "threads:read"))
    key = own_key()
    town.operate(SetClientKeys(caller=OPERATOR, client=client, keys=(public(key),)), Done)
    told = {
        "issuer": town.url,
        "client": client,
        "secret": secret,
        "key": key.as_dict(private=True),
        "scope": "members:read",
    }
    found = consult("client_credentials.mjs", told)
    assert {token["scope"] for token in found["tokens"].values()} == {"members:read"}
    assert (found["claims"]["client_id"], found["claims"]["aud"]) == (client, town.url)
    assert "private_key_jwt" in found["server"]["token_endpoint_auth_methods_supported"]
    assert {"members:read", "members:write"} <= set(found["server"]["scopes_supported"])
    for token in found["tokens"].values():
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        assert httpx2.get(f"{town.url}/v1/organisations", headers=headers).status_code == 200
