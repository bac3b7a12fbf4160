"""From the credential in a request to a `Caller`, without any web framework: the stream asks here too."""

import hashlib
import re
import time
from datetime import UTC, datetime
from typing import cast

from services.gateway.auth.access_tokens import AccessToken, AccessTokens, NotAToken
from services.gateway.auth.remembered import Remembered
from services.gateway.problems import Fault, Problem, unauthenticated
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import IdentifyClient, IdentifyToken, Identity
from shared.errors import NotFound

BELIEVED = 10.0
"""Seconds for which a credential is believed without asking again; one that was revoked opens no longer."""

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
    """

    def __init__(self, switchboard: Switchboard, tokens: AccessTokens) -> None:
        self.switchboard = switchboard
        self.tokens = tokens
        self._remembered: Remembered[Caller] = Remembered(BELIEVED, MOST)
        self._clients: Remembered[Identity] = Remembered(BELIEVED, MOST)

    def identify(self, authorization: str | None, acting_for: str | None = None) -> Caller:
        """Establish the caller.

        Args:
            authorization: the header `Authorization` as it came; None when there was none.
            acting_for: the header `Commonplace-Member`: for whom a partner's client acts.

        Raises:
            Problem: 401 when no credential or none that is valid; 404 when a client names a member that is
                not of its organisation; 403 when a member's own token names one.
            Unavailable: membership cannot be asked.
        """
        scheme, _, credential = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credential:
            raise unauthenticated()
        key = (hashlib.sha256(credential.encode()).hexdigest(), acting_for)
        known = self._remembered.get(key)
        if known:
            return known
        if PERSONAL_TOKEN.fullmatch(credential):
            return self._by_personal_token(key, acting_for)
        return self._by_access_token(credential, key, acting_for)

    def _by_personal_token(self, key: tuple[str, str | None], acting_for: str | None) -> Caller:
        if acting_for is not None:
            raise Problem(
                "not-allowed",
                "A personal access token stands for its own member; leave out `Commonplace-Member`.",
                [Fault("Commonplace-Member", "is for a partner's client only")],
            )
        try:
            identity = self._ask(IdentifyToken(caller=NOBODY, digest=key[0]))
        except NotFound:
            raise unauthenticated(ENDED) from None
        caller = Caller(
            member=identity.member, organisation=identity.organisation, scopes=frozenset(identity.scopes)
        )
        return self._remembered.put(key, caller, _seconds_until(identity.expires_at))

    def _by_access_token(
        self, credential: str, key: tuple[str, str | None], acting_for: str | None
    ) -> Caller:
        try:
            token = self.tokens.read(credential)
        except NotAToken:
            raise unauthenticated(ENDED) from None
        client = self._client(token)
        identity = client if acting_for is None else self._acting(token, acting_for)
        caller = Caller(
            member=identity.member,
            organisation=identity.organisation,
            scopes=token.scopes & frozenset(client.scopes),
            client=token.client,
        )
        return self._remembered.put(key, caller, token.expires - time.time())

    def _client(self, token: AccessToken) -> Identity:
        known = self._clients.get(token.client)
        if known:
            return known
        try:
            identity = self._ask(IdentifyClient(caller=NOBODY, client=token.client))
        except NotFound:
            raise unauthenticated(ENDED) from None
        return self._clients.put(token.client, identity)

    def _ask(self, call: IdentifyToken | IdentifyClient) -> Identity:
        return cast(Identity, self.switchboard.ask(call))

    def _acting(self, token: AccessToken, member: str) -> Identity:
        try:
            if not ID.fullmatch(member):
                raise NotFound
            return self._ask(IdentifyClient(caller=NOBODY, client=token.client, acting_for=member))
        except NotFound:
            raise Problem(
                "member-unknown",
                "",
                [Fault("Commonplace-Member", "names no active member of the client's organisation")],
            ) from None


def _seconds_until(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - datetime.now(UTC)).total_seconds()
