"""Credentials: a member's tokens, kept as digests of their secrets, and what holds for every secret."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.errors import Conflict, NotAllowed, NotFound


class Token(State):
    """A personal access token.

    Args:
        client: the client that issued it for the member, None when the member or the operator did; it ends
            with that client.
    """

    digest: str
    member: str
    client: str | None = None
    name: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime

    def shown(self, secret: str | None = None) -> calls.Token:
        """The token for its owner; `secret` only in the answer that issues it."""
        return calls.Token(
            token=self.id,
            name=self.name,
            scopes=self.scopes,
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            secret=secret,
        )


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret in hex: enough for secrets of 256 random bits, which nobody can guess their way to."""
    return sha256(secret.encode()).hexdigest()


def nobody() -> NotFound:
    """The one refusal for a credential that is unknown, ended, expired, or stands for nobody any more."""
    return NotFound("This credential is not known, or no longer good.", "credential-unknown")


def used_before() -> Conflict:
    """The refusal for what counts once, such as a signed assertion, when it comes a second time."""
    return Conflict("This was used before; make a new one.", "used-before")


def no_such_token() -> NotFound:
    """The refusal for a token that isn't there or is somebody else's."""
    return NotFound("You have no such token.", where="token")


def whose_token(caller: Caller, member: str | None) -> str:
    """The member whose tokens are meant: the caller, or whom the operator names.

    Raises:
        NotAllowed: when the caller is not a member, or names another.
    """
    if caller.operator and member is not None:
        return member
    asks = check_is_member(caller)
    if member not in (None, asks):
        raise NotAllowed("A member issues and lists tokens for themselves only.", where="member")
    return asks


def check_scopes(caller: Caller, scopes: Collection[str]) -> None:
    """Refuse a token that may do more than the credential it is issued with.

    Raises:
        NotAllowed: `scope-too-wide`.
    """
    if not caller.operator and not caller.scopes.issuperset(scopes):
        raise NotAllowed(
            "A token can't have more scopes than the credential it is issued with; leave some out.",
            "scope-too-wide",
            "scopes",
        )


def issue(id: str, digest: str, member: str, client: str | None, new: calls.NewToken, at: datetime) -> Token:
    """Make a token for a member, good for `expires_in_days` days from now."""
    return Token(
        id=id,
        digest=digest,
        member=member,
        client=client,
        name=new.name,
        scopes=tuple(sorted(set(new.scopes))),
        issued_at=at,
        expires_at=at + timedelta(days=new.expires_in_days),
    )


def identify_token(token: Token | None, member: Member | None, at: datetime) -> calls.Identity:
    """Say for whom a token stands.

    Raises:
        NotFound: when it is nobody's, has expired, or its member has left.
    """
    if token is None or member is None or at >= token.expires_at or not member.is_here(at):
        raise nobody()
    return calls.Identity(
        member=member.id,
        organisation=member.organisation,
        # What a system issued for a member it holds itself: no way to read as a person what it may not read.
        client=token.client,
        scopes=token.scopes,
        expires_at=member.until(token.expires_at),
    )
