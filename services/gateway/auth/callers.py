"""From the credential in a request to a `Caller`, without any web framework: the stream asks here too."""

import hashlib
import re
import time
from datetime import UTC, datetime
from typing import cast

from services.gateway.auth.access_tokens import AccessToken, AccessTokens, NotAToken
from services.gateway.auth.allowance import Allowance
from services.gateway.auth.remembered import Remembered
from services.gateway.problems import Fault, Problem, unauthenticated
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import IdentifyClient, IdentifyToken, Identity
from shared.errors import NotFound

BELIEVED = 10.0
"""Seconds for which a credential is believed without asking again; one that was revoked opens no longer."""

TRUSTED = 3_600.0
"""Seconds for which a credential that was sound is asked about also when its address has sent too many others."""

MOST = 10_000
NOBODY = Caller()
PERSONAL_TOKEN = re.compile(r"cop_[A-Za-z0-9_-]{16,200}")
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
        if acting_for is not None:
            raise Problem(
                "not-allowed",
                "A personal access token stands for its own member; leave out `Commonplace-Member`.",
                [Fault("Commonplace-Member", "is for a partner's client only")],
            )
        return caller

    def _by_personal_token(self, digest: str, address: str | None) -> Caller:
        try:
            identity = self._ask(IdentifyToken(caller=NOBODY, digest=digest), digest, address)
        except NotFound:
            raise unauthenticated(ENDED) from None
        caller = Caller(
            member=identity.member,
            organisation=identity.organisation,
            scopes=frozenset(identity.scopes),
            client=identity.client,
        )
        return self._remembered.put((digest, None), caller, _seconds_until(identity.expires_at))

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
        at_most = min(token.expires - time.time(), self._clients.seconds_left(token.client))
        return self._remembered.put(key, caller, at_most)

    def _client(self, token: AccessToken, address: str | None) -> Identity:
        known = self._clients.get(token.client)
        if known:
            return known
        try:
            identity = self._ask(IdentifyClient(caller=NOBODY, client=token.client), token.client, address)
        except NotFound:
            raise unauthenticated(ENDED) from None
        return self._clients.put(token.client, identity)

    def _ask(self, call: IdentifyToken | IdentifyClient, whose: str, address: str | None) -> Identity:
        """Ask membership, unless too much from that address was no credential; one that was sound is heard."""
        is_trusted = self._trusted.get(whose)
        left = self.failures.left(address)
        if address and self.failures.per_minute and left.remaining <= 0 and not is_trusted:
            detail = "Too many credentials from your address were none; wait."
            raise Problem("too-many-requests", detail, headers={"Retry-After": str(left.reset)})
        try:
            identity = cast(Identity, self.switchboard.ask(call))
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
            return self._ask(call, f"{token.client} {member}", address)
        except NotFound:
            raise Problem(
                "member-unknown",
                "",
                [Fault("Commonplace-Member", "names no active member of the client's organisation")],
            ) from None


def _seconds_until(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - datetime.now(UTC)).total_seconds()
