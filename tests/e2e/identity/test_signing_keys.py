"""The gateway's signing keys change while tokens are bought and used: a running gateway finds what another process lays down."""

import base64
import json
import time
from pathlib import Path

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from services.gateway.auth.keys import SigningKeys
from tests.e2e.api.conftest import Town, access_token


def test_signing_keys_change_without_anybody_being_refused(
    town: Town, module_environment_for_sign_in: dict[str, str]
) -> None:
    """The operator's side is another process: the gateway finds what it lays down by itself."""
    keys = SigningKeys(Path(module_environment_for_sign_in["COMMONPLACE_KEYS"]))
    client, secret = town.client(town.organisation("Signs"))

    def buy() -> tuple[str, str]:
        token = access_token(town, client, secret).json()["access_token"]
        kid = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]
        return token, kid

    def works(token: str) -> bool:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.get(f"{town.url}/v1/organisations", headers=headers).status_code == 200

    def published() -> KeySet:
        return KeySet.import_key_set(httpx2.get(f"{town.url}/oauth/jwks.json").json())

    before, old = buy()
    coming = keys.add()
    until = time.monotonic() + 20
    while coming.kid not in {key.kid for key in published().keys}:
        assert time.monotonic() < until
        time.sleep(0.5)
    assert buy()[1] == old, "it is published before it signs"
    urgent = keys.add(at_once=True)
    while buy()[1] != urgent.kid:
        assert time.monotonic() < until
        time.sleep(0.5)
    after, _ = buy()
    assert works(before) and works(after)
    assert {old, urgent.kid} <= {key.kid for key in published().keys}
    jwt.decode(before, published(), algorithms=["ES256"])
    keys.retire(old, at_once=True)
    until = time.monotonic() + 60
    while works(before):
        assert time.monotonic() < until, "what a key signed ends with it, within a minute"
        time.sleep(0.5)
    assert works(after)
