"""`private_key_jwt` (RFC 7523): a partner's system signs a short statement instead of sending a secret."""

import hashlib
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from services.gateway.auth.access_tokens import LEEWAY
from services.gateway.auth.callers import ID, NOBODY
from services.gateway.auth.remote_keys import RemoteKeys, Unreachable
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.membership import (
    ClientKeys,
    GetClientKeys,
    IdentifyClientByAssertion,
    Identity,
)
from shared.errors import Conflict, NotFound

METHOD = "private_key_jwt"
ASSERTION_TYPE = JWTBearerClientAssertion.CLIENT_ASSERTION_TYPE
ALGORITHMS = ["ES256", "ES384", "ES512", "RS256", "PS256", "Ed25519", "EdDSA"]
LONGEST = 300
"""Seconds that an assertion may be good for, so that few need be remembered."""
LONGEST_TEXT = 4_096


class AssertionRefused(InvalidClientError):  # type: ignore[misc]
    """An assertion proves nothing; the description says why, in our own words."""


class ClientAssertions(JWTBearerClientAssertion):  # type: ignore[misc]
    """Knows clients by what they sign.

    Args:
        switchboard: asks membership for a client's keys, and tells it which assertions were used.
        issuer: the gateway's address; an assertion is meant for it or for its token endpoint.
        token_endpoint: that endpoint's address.
        remote: fetches the keys that a client keeps at an address of its own.
    """

    CLIENT_AUTH_METHOD = METHOD

    def __init__(
        self, switchboard: Switchboard, issuer: str, token_endpoint: str, remote: RemoteKeys
    ) -> None:
        super().__init__()
        self.switchboard = switchboard
        self.audiences = {issuer, token_endpoint}
        self.remote = remote

    def __call__(self, query_client: Any, request: Any) -> Any:
        """The client that signed; None when the request holds no assertion; `InvalidClientError` when a bad one."""
        form = request.form
        assertion = form.get("client_assertion")
        if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
            return None
        header, claimed = self._read(assertion)
        if form.get("client_id", claimed) != claimed:
            raise _refused("`client_id` is not who signed.")
        claims = self._verified(assertion, self._keys(claimed, header.get("kid")))
        self._check(claims, claimed)
        client = query_client(claimed)
        client.scopes = self._used_once(claims, claimed).scopes
        return client

    def _read(self, assertion: str) -> tuple[Mapping[str, Any], str]:
        """The header and the client that it claims to be of; nothing of it is proven yet."""
        if len(assertion) > LONGEST_TEXT:
            raise _refused("The assertion is too long.")
        try:
            header, claims = self.extract_assertion(assertion)
        except (InvalidClientError, ValueError, TypeError, AttributeError):
            raise _refused("The assertion is no JWT.") from None
        claimed = claims.get("sub")
        if not isinstance(claimed, str) or not ID.fullmatch(claimed):
            raise _refused("`sub` must be the client's id.")
        return header, claimed

    def _keys(self, client: str, kid: object) -> Iterable[Mapping[str, Any]]:
        try:
            asked = self.switchboard.ask(GetClientKeys(caller=NOBODY, client=client))
            kept = cast(ClientKeys, asked)
            if kept.keys_at is not None:
                return self.remote.keys(kept.keys_at, kid if isinstance(kid, str) else None)
        except NotFound:
            raise _refused("This client has no keys here.") from None
        except Unreachable as error:
            raise _refused(f"The client's keys cannot be fetched: {error}") from None
        keys = [key.model_dump(exclude_none=True) for key in kept.keys]
        return [key for key in keys if kid is None or key.get("kid") in (None, kid)]

    @staticmethod
    def _verified(assertion: str, keys: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        claims = verified(assertion, keys, ALGORITHMS)
        if claims is None:
            raise _refused("The signature is by none of the client's keys.")
        return claims

    def _check(self, claims: Mapping[str, Any], client: str) -> None:
        now = time.time()
        audience, end, begin = claims.get("aud"), claims.get("exp"), claims.get("nbf", claims.get("iat", 0))
        meant_for = set(audience) if isinstance(audience, list) else {audience}
        if claims.get("iss") != client or claims.get("sub") != client:
            raise _refused("`iss` and `sub` must both be the client's id.")
        if not meant_for or not meant_for <= self.audiences:
            raise _refused("`aud` must be this node's issuer or token endpoint.")
        if not isinstance(end, int | float) or not isinstance(begin, int | float) or end < now - LEEWAY:
            raise _refused("The assertion has ended, or does not say when it ends.")
        if begin > now + LEEWAY or end > now + LONGEST + LEEWAY:
            raise _refused("The assertion must be good now, and for five minutes at most.")
        if not isinstance(claims.get("jti"), str) or not claims["jti"]:
            raise _refused("`jti` is missing.")

    def _used_once(self, claims: Mapping[str, Any], client: str) -> Identity:
        call = IdentifyClientByAssertion(
            caller=NOBODY,
            client=client,
            assertion=hashlib.sha256(claims["jti"].encode()).hexdigest(),
            until=datetime.fromtimestamp(claims["exp"] + 2 * LEEWAY, UTC),
        )
        try:
            return cast(Identity, self.switchboard.ask(call))
        except Conflict:
            raise _refused("This assertion was used before.") from None
        except NotFound:
            raise _refused("This client has ended.") from None


def _refused(description: str) -> AssertionRefused:
    return AssertionRefused(description=description, status_code=401)


def verified(token: str, keys: Iterable[Mapping[str, Any]], algorithms: list[str]) -> dict[str, Any] | None:
    """The claims of a JWT that one of these keys has signed, by one of these algorithms; None when none has."""
    try:
        algorithm = jws.extract_compact(token.encode("ascii")).headers().get("alg")
    except (JoseError, ValueError):
        return None
    for key in keys:
        # A key that says what it is for is used for that only.
        if (
            key.get("use", "sig") != "sig"
            or key.get("alg", algorithm) != algorithm
            or key.get("kty") == "oct"
        ):
            continue
        try:
            return dict(jwt.decode(token, import_key(dict(key)), algorithms=algorithms).claims)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return None
