"""What an organisation's directory shows at the door: two at most, so that one can follow the other without a gap."""

from collections.abc import Collection
from datetime import datetime, timedelta

from services.membership.domain.credential import nobody
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.errors import Conflict, NotFound

AT_A_TIME = 2


class DirectoryToken(State):
    """A directory's token, kept as the digest of its secret.

    Args:
        slot: which of the organisation's places it has, 0 or 1; the store keeps one for each.
    """

    digest: str
    organisation: str
    slot: int
    name: str
    issued_at: datetime
    expires_at: datetime

    def shown(self, secret: str | None = None) -> calls.DirectoryToken:
        """The token for the operator; `secret` only in the answer that issues it."""
        return calls.DirectoryToken(
            token=self.id,
            organisation=self.organisation,
            name=self.name,
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            secret=secret,
        )


def no_such_token() -> NotFound:
    """The refusal for a token that isn't there or is another organisation's."""
    return NotFound("This organisation has no such directory token.", where="token")


def issue(
    id: str, digest: str, call: calls.IssueDirectoryToken, there: Collection[DirectoryToken], at: datetime
) -> DirectoryToken:
    """Make a token in a place that is free.

    Args:
        there: the organisation's tokens that have not expired.

    Raises:
        Conflict: `two-tokens-already`.
    """
    free = sorted(set(range(AT_A_TIME)) - {token.slot for token in there})
    if not free:
        raise Conflict(
            "This organisation has two directory tokens; revoke one before you issue another.",
            "two-tokens-already",
        )
    return DirectoryToken(
        id=id,
        digest=digest,
        organisation=call.organisation,
        slot=free[0],
        name=call.name,
        issued_at=at,
        expires_at=at + timedelta(days=call.expires_in_days),
    )


def identify(token: DirectoryToken | None, at: datetime) -> calls.DirectoryIdentity:
    """Say whose directory shows a token.

    Raises:
        NotFound: when it is nobody's or has expired.
    """
    if token is None or at >= token.expires_at:
        raise nobody()
    return calls.DirectoryIdentity(organisation=token.organisation, expires_at=token.expires_at)
