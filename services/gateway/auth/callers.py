"""From the credential in a request to a `Caller`, without any web framework: the stream asks here too."""

import hashlib
import re
import time
from datetime import UTC, datetime
from typing import cast

from pydantic import BaseModel

from services.gateway.auth.access_tokens import AccessToken, AccessTokens, NotAToken
from services.gateway.auth.allowance import Allowance
from services.gateway.auth.remembered import Remembered
from services.gateway.problems import Fault, Problem, unauthenticated
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.membership import IdentifyClient, IdentifySignIn, IdentifyToken, Identity
from shared.errors import NotFound

BELIEVED = 10.0
"""Seconds for which a credential is believed without asking again; one that was revoked opens no longer."""

TRUSTED = 3_600.0
"""Seconds for which a credential that was sound is asked about also when its address has sent too many others."""

MOST = 10_000
NOBODY = Caller()
PERSONAL_TOKEN = re.compile(r"cop_[A-Za-z0-9_-]{16,200}")
SIGN_IN = re.compile(r"cop_signin_[A-Za-z0-9_-]{43}")
ID = re.compile(r"[0-9a-f]{24}")
ENDED = "The token is not valid, or has ended."


class Callers:
    """Says who is calling.

    Args:
        switchboard: asks membership whose a credential is.
        tokens: reads the access tokens that this node issued.
        failures: how many credentials that are none may be asked about, by address; no end when left out.
    """

    def __init__(
        self, switchboard: Switchboard, tokens: AccessTokens, failures: Allowance | None = None
    ) -> None:
        self.switchboard = switchboard
        self.tokens = tokens
        self.failures = failures or Allowance(0)
        self._remembered: Remembered[Caller] = Remembered(BELIEVED, MOST)
        self._clients: Remembered[Identity] = Remembered(BELIEVED, MOST)
        self._trusted: Remembered[bool] = Remembered(TRUSTED, MOST)

    def identify(
        self, authorization: str | None, acting_for: str | None = None, address: str | None = None
    ) -> Caller:
        """Establish the caller.

        Args:
            authorization: the header `Authorization` as it came; None when there was none.
            acting_for: the header `Commonplace-Member`: for whom a partner's client acts.
            address: from where the request came; None when that is of no interest.

        Raises:
            Problem: 401 when no credential or none that is valid; 404 when a client names a member that is
                not of its organisation; 403 when a member's own token names one; 429 when too much that
                came from that address was no credential.
            Unavailable: membership cannot be asked.
        """
        scheme, _, credential = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credential:
            raise unauthenticated()
        digest = hashlib.sha256(credential.encode()).hexdigest()
        if not PERSONAL_TOKEN.fullmatch(credential):
            key = (digest, acting_for)
            return self._remembered.get(key) or self._by_access_token(credential, key, address)
        caller = self._remembered.get((digest, None)) or self._by_personal_token(digest, address)
        return _not_for_another(caller, acting_for)

    def by_sign_in(self, secret: str, acting_for: str | None = None, address: str | None = None) -> Caller:
        """Establish the caller from the secret in a browser's cookie.

        Args:
            secret, acting_for, address: as for `identify`.

        Raises:
            Problem, Unavailable: as `identify`.
        """
        if not SIGN_IN.fullmatch(secret):
            raise unauthenticated(ENDED)
        digest = hashlib.sha256(secret.encode()).hexdigest()
        caller = self._remembered.get((digest, None))
        if caller is None:
            try:
                identity = self._identity(IdentifySignIn(caller=NOBODY, digest=digest), digest, address)
            except NotFound:
                raise unauthenticated(ENDED) from None
            caller = Caller(
                member=identity.member,
                organisation=identity.organisation,
                scopes=frozenset(identity.scopes),
                signed_in_at=identity.signed_in_at,
            )
            self._remembered.put((digest, None), caller, seconds_until(identity.expires_at))
        return _not_for_another(caller, acting_for)

    def forget(self, secret: str) -> None:
        """Believe a secret no longer, for it was just ended here."""
        digest = hashlib.sha256(secret.encode()).hexdigest()
        self._remembered.drop((digest, None))

    def _by_personal_token(self, digest: str, address: str | None) -> Caller:
        try:
            identity = self._identity(IdentifyToken(caller=NOBODY, digest=digest), digest, address)
        except NotFound:
            raise unauthenticated(ENDED) from None
        caller = Caller(
            member=identity.member,
            organisation=identity.organisation,
            scopes=frozenset(identity.scopes),
            client=identity.client,
        )
        return self._remembered.put((digest, None), caller, seconds_until(identity.expires_at))

    def _by_access_token(self, credential: str, key: tuple[str, str | None], address: str | None) -> Caller:
        acting_for = key[1]
        try:
            token = self.tokens.read(credential)
        except NotAToken:
            raise unauthenticated(ENDED) from None
        client = self._client(token, address)
        identity = client if acting_for is None else self._acting(token, acting_for, address)
        caller = Caller(
            member=identity.member,
            organisation=identity.organisation,
            scopes=token.scopes & frozenset(client.scopes),
            client=token.client,
        )
        # Believed no longer than the client is, so that its end is felt when that is asked about again.
        at_most = min(token.expires - time.time(), self._clients.seconds_left((token.client, token.secret)))
        return self._remembered.put(key, caller, at_most)

    def _client(self, token: AccessToken, address: str | None) -> Identity:
        key = (token.client, token.secret)
        known = self._clients.get(key)
        if known:
            return known
        call = IdentifyClient(caller=NOBODY, client=token.client, secret=token.secret)
        try:
            identity = self._identity(call, f"{token.client}.{token.secret}", address)
        except NotFound:
            raise unauthenticated(ENDED) from None
        return self._clients.put(key, identity)

    def _identity(
        self, call: IdentifyToken | IdentifySignIn | IdentifyClient, whose: str, address: str | None
    ) -> Identity:
        return cast(Identity, self.ask(call, whose, address))

    def ask(self, call: Call, whose: str, address: str | None) -> BaseModel:
        """Ask membership whose a credential is, unless too much from that address was none.

        Args:
            call: the question.
            whose: what tells the credential from others; one that was sound before is asked about always.
            address: from where it came.

        Raises:
            NotFound: it is nobody's.
            Problem: 429.
        """
        is_trusted = self._trusted.get(whose)
        left = self.failures.left(address)
        if address and self.failures.per_minute and left.remaining <= 0 and not is_trusted:
            detail = "Too many credentials from your address were none; wait."
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(left.reset)})
        try:
            identity = self.switchboard.ask(call)
        except NotFound:
            self.failures.take(address)
            if is_trusted:
                self._trusted.put(whose, False)
            raise
        self._trusted.put(whose, True)
        return identity

    def _acting(self, token: AccessToken, member: str, address: str | None) -> Identity:
        try:
            if not ID.fullmatch(member):
                raise NotFound
            call = IdentifyClient(caller=NOBODY, client=token.client, acting_for=member)
            return self._identity(call, f"{token.client} {member}", address)
        except NotFound:
            raise Problem(
                "member-unknown",
                "",
                [Fault("Commonplace-Member", "names no active member of the client's organisation")],
            ) from None


def _not_for_another(caller: Caller, acting_for: str | None) -> Caller:
    if acting_for is not None:
        raise Problem(
            "not-allowed",
            "A member's own credential stands for that member; leave out `Commonplace-Member`.",
            [Fault("Commonplace-Member", "is for a partner's client only")],
        )
    return caller


def seconds_until(moment: datetime | None) -> float | None:
    """How long from now until a moment; None when there is none."""
    return None if moment is None else (moment - datetime.now(UTC)).total_seconds()
