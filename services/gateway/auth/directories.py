"""Whose directory is asking: a directory token opens `/scim/v2` and nothing else, and little else opens that."""

import hashlib
import re
from typing import cast

from services.gateway.auth.callers import BELIEVED, ENDED, MOST, NOBODY, Callers, seconds_until
from services.gateway.auth.remembered import Remembered
from services.gateway.problems import Fault, Problem, insufficient_scope, unauthenticated
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import DirectoryIdentity, IdentifyDirectoryToken
from shared.errors import NotFound

SCOPE = "directory:write"
DIRECTORY_TOKEN = re.compile(r"cop_directory_[A-Za-z0-9_-]{16,200}")
OTHER_TOKEN = "cop_"  # noqa: S105 - how members' tokens begin


class Directories:
    """Says whose directory is calling.

    Args:
        callers: knows partners' systems by their access tokens, and asks membership.
    """

    def __init__(self, callers: Callers) -> None:
        self.callers = callers
        self._remembered: Remembered[Caller] = Remembered(BELIEVED, MOST)

    def identify(self, authorization: str | None, acting_for: str | None, address: str | None) -> Caller:
        """Establish for which organisation's directory a request speaks.

        Args:
            authorization: the header `Authorization` as it came; None when there was none.
            acting_for: the header `Commonplace-Member`, which has no place here.
            address: from where the request came.

        Raises:
            Problem: 401 when the credential is neither a directory token nor a system's access token; 403
                when that has not the scope `directory:write` or names a member; 429.
            Unavailable: membership cannot be asked.
        """
        scheme, _, credential = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not credential:
            raise unauthenticated()
        if DIRECTORY_TOKEN.fullmatch(credential):
            digest = hashlib.sha256(credential.encode()).hexdigest()
            caller = self._remembered.get(digest) or self._by_token(digest, address)
        elif credential.startswith(OTHER_TOKEN):
            raise unauthenticated("A member's token does not speak for a directory.")
        else:
            caller = self.callers.identify(authorization, None, address)
        if acting_for is not None:
            detail = "A directory acts for nobody; leave out `Commonplace-Member`."
            raise Problem("not-allowed", detail, [Fault("Commonplace-Member", "has no place here")])
        if SCOPE not in caller.scopes:
            raise insufficient_scope(SCOPE)
        return caller

    def _by_token(self, digest: str, address: str | None) -> Caller:
        try:
            asked = self.callers.ask(IdentifyDirectoryToken(caller=NOBODY, digest=digest), digest, address)
        except NotFound:
            raise unauthenticated(ENDED) from None
        identity = cast(DirectoryIdentity, asked)
        caller = Caller(organisation=identity.organisation, scopes=frozenset({SCOPE}))
        return self._remembered.put(digest, caller, seconds_until(identity.expires_at))
