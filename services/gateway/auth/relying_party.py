"""Sign-in at an organisation's own OpenID Provider: authorization code with PKCE, state and nonce.

What holds against whom:

    an answer to nobody's question    `state`, sealed at the browser that asked, counts once
    a code that was caught            PKCE (S256): worth nothing without what the browser's cookie holds
    an ID token of another sign-in    `nonce`
    another provider's answer         each provider has an address of its own to come back to, and `iss` is
                                      checked (RFC 9207), so that no code goes to the wrong one
    another tenant of Entra           one issuer a registration, and `tid` must be its tenant
    an e-mail address                 is not looked at

Sources: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207; RFC 9700.
"""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import compare_digest, token_urlsafe
from urllib.parse import quote_plus, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway.auth import id_token
from services.gateway.auth.client_assertion import verified
from services.gateway.auth.fetching import Fetching, Json
from services.gateway.auth.id_token import Refused
from services.gateway.auth.remembered import Remembered
from services.gateway.auth.remote_keys import RemoteKeys, Unreachable
from services.gateway.auth.sealing import NotSealedHere, Sealing
from shared.contracts.calls.membership import IdentityProvider

ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]
ATTEMPT = "sign-in-attempt"
PROVIDER_SECRET = "identity-provider-secret"  # noqa: S105 - a purpose, no secret
ATTEMPT_LASTS = 600
METADATA_KEPT = 300.0
AWAY_KEPT = 5.0
"""Seconds in which a provider that did not answer is not asked again, whoever knocks."""
MOST_PROVIDERS = 1_000


@dataclass(frozen=True)
class Proven:
    """Who somebody is at their provider.

    Args:
        subject: what they are known by together with the issuer.
        external_id: how their organisation's directory may call them.
        attempt: the SHA-256 of the attempt's state, which counts once.
        invitation: the secret of the invitation with which they began; None without one.
        next: where they wanted to go.
    """

    subject: str
    external_id: str
    attempt: str
    invitation: str | None
    next: str


class Attempt(BaseModel):
    """What the browser that began a sign-in holds, sealed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str
    issuer: str
    state: str
    nonce: str
    verifier: str
    began: float
    next: str
    invitation: str | None = None


class RelyingParty:
    """The gateway as its organisations' providers know it. Safe for threads.

    Args:
        fetching: reads what providers publish.
        keys: the providers' keys.
        sealing: seals attempts, and opens the providers' secrets.
        address: the gateway's public address.
    """

    def __init__(self, fetching: Fetching, keys: RemoteKeys, sealing: Sealing, address: str) -> None:
        self._fetching = fetching
        self._keys = keys
        self._sealing = sealing
        self._address = address
        self._metadata: Remembered[Json] = Remembered(METADATA_KEPT, MOST_PROVIDERS)
        self._away: Remembered[str] = Remembered(AWAY_KEPT, MOST_PROVIDERS)

    def comes_back_to(self, provider: IdentityProvider) -> str:
        """The provider's own address to come back to, which is registered there."""
        return f"{self._address}/sign-in/back/{provider.provider}"

    def begin(self, provider: IdentityProvider, next: str, invitation: str | None) -> tuple[str, str]:
        """Begin: the address to go to, and what the browser is to keep.

        Raises:
            Unreachable: the provider's metadata cannot be had, or are not its own.
        """
        attempt = Attempt(
            provider=provider.provider,
            issuer=provider.issuer,
            state=token_urlsafe(32),
            nonce=token_urlsafe(32),
            verifier=token_urlsafe(48),
            began=time.time(),
            next=next,
            invitation=invitation,
        )
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": self.comes_back_to(provider),
            # Entra gives the object id only with `profile`.
            "scope": "openid profile" if provider.kind == "entra" else "openid",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        address = self._endpoint(provider, "authorization_endpoint")
        joined = "&" if "?" in address else "?"
        return f"{address}{joined}{urlencode(asked)}", self._sealing.seal(ATTEMPT, attempt.model_dump_json())

    def finish(self, provider: IdentityProvider, sealed: str, answered: Mapping[str, str]) -> Proven:
        """Finish: who they are.

        Args:
            provider: to whose address they came back.
            sealed: what the browser kept.
            answered: the parameters of the answer.

        Raises:
            Refused: it is no answer to what was asked, or proves nothing.
            Unreachable: the provider cannot be asked.
        """
        attempt = self._attempt(provider, sealed, answered)
        metadata = self._metadata_of(provider)
        wants_issuer = metadata.get("authorization_response_iss_parameter_supported") is True
        if answered.get("iss", None if wants_issuer else provider.issuer) != provider.issuer:
            raise Refused("the answer is another issuer's")
        if "error" in answered or "code" not in answered:
            raise Refused(f"the provider says {answered.get('error', 'nothing')[:60]}")
        token = self._trade(provider, metadata, answered["code"], attempt)
        claims = self._claims(provider, metadata, token, attempt)
        subject, external_id = id_token.who(provider, claims)
        return Proven(
            subject,
            external_id,
            hashlib.sha256(attempt.state.encode()).hexdigest(),
            attempt.invitation,
            attempt.next,
        )

    def ends_at(self, provider: IdentityProvider) -> str | None:
        """Where one signs out at the provider; None when it has no such place.

        Raises:
            Unreachable: it cannot be asked.
        """
        address = self._metadata_of(provider).get("end_session_endpoint")
        if not isinstance(address, str) or not _is_as_safe(address, provider.issuer):
            return None
        asked = {
            "client_id": provider.client_id,
            "post_logout_redirect_uri": f"{self._address}/sign-in/signed-out",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def _attempt(self, provider: IdentityProvider, sealed: str, answered: Mapping[str, str]) -> Attempt:
        try:
            attempt = Attempt.model_validate_json(self._sealing.open(ATTEMPT, sealed))
        except (NotSealedHere, ValidationError):
            raise Refused("no attempt was begun at this browser") from None
        if not compare_digest(attempt.state, answered.get("state", "")):
            raise Refused("the state is not the one that was sent")
        if (attempt.provider, attempt.issuer) != (provider.provider, provider.issuer):
            raise Refused("it was begun at another provider")
        if time.time() > attempt.began + ATTEMPT_LASTS:
            raise Refused("it was begun too long ago")
        return attempt

    def _metadata_of(self, provider: IdentityProvider) -> Json:
        known = self._metadata.get(provider.issuer)
        if known is not None:
            return known
        if reason := self._away.get(provider.issuer):
            raise Unreachable(reason)
        try:
            known = self._fetching.get(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
            if known.get("issuer") != provider.issuer:
                raise Unreachable("its metadata are another issuer's")
        except Unreachable as reason:
            self._away.put(provider.issuer, str(reason))
            raise
        return self._metadata.put(provider.issuer, known)

    def _endpoint(self, provider: IdentityProvider, name: str) -> str:
        address = self._metadata_of(provider).get(name)
        if not isinstance(address, str) or not _is_as_safe(address, provider.issuer):
            raise Unreachable(f"its metadata name no {name} over https")
        return address

    def _trade(self, provider: IdentityProvider, metadata: Json, code: str, attempt: Attempt) -> str:
        """Trade the code for an ID token."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.comes_back_to(provider),
            "code_verifier": attempt.verifier,
            "client_id": provider.client_id,
        }
        headers = []
        if provider.sealed_secret is not None:
            try:
                secret = self._sealing.open(PROVIDER_SECRET, provider.sealed_secret)
            except NotSealedHere:
                raise Unreachable("its secret was sealed with another key; register it again") from None
            ways = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if isinstance(ways, list) and "client_secret_basic" in ways:
                pair = f"{quote_plus(provider.client_id)}:{quote_plus(secret)}"
                headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
            else:
                form["client_secret"] = secret
        status, answer = self._fetching.post(self._endpoint(provider, "token_endpoint"), form, headers)
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise Refused(f"the code was not taken: {status} {str(answer.get('error', ''))[:60]}")
        return token

    def _claims(self, provider: IdentityProvider, metadata: Json, token: str, attempt: Attempt) -> Json:
        kid = id_token.kid(token)
        address = metadata.get("jwks_uri")
        if not isinstance(address, str) or not _is_as_safe(address, provider.issuer):
            raise Unreachable("its metadata name no jwks_uri over https")
        claims = verified(token, self._keys.keys(address, kid), ALGORITHMS)
        if claims is None:
            raise Refused("the ID token's signature is none of its provider's")
        id_token.check(claims, provider, attempt.nonce)
        return claims


def _is_as_safe(address: str, issuer: str) -> bool:
    """Whether an address is https, or on this machine like its issuer."""
    parts, own = urlsplit(address), urlsplit(issuer)
    return parts.scheme == "https" or (parts.scheme, parts.hostname) == (own.scheme, own.hostname)
