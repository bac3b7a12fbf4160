"""A sign-in: a member at a browser, known by a secret that is kept as its digest, until it has been idle or long enough."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from services.membership.domain.credential import nobody
from services.membership.domain.identity_provider import IdentityProvider
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.errors import NotAllowed, NotFound

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when somebody was last seen; more would be a write with every request."""


class SignIn(State):
    """A sign-in as it stands.

    Args:
        provider: by which identity provider they came; None when they came by a link.
        seen_at: when they were last seen, to within five minutes.
        ends_at: when it ends, however busy they are.
    """

    digest: str
    member: str
    way: calls.Way
    provider: str | None = None
    signed_in_at: datetime
    seen_at: datetime
    ends_at: datetime

    def shown(self) -> calls.SignIn:
        """The sign-in for its member."""
        return calls.SignIn(
            sign_in=self.id,
            way=self.way,
            signed_in_at=self.signed_in_at,
            seen_at=self.seen_at,
            ends_at=self.idle_until(),
        )

    def idle_until(self) -> datetime:
        """When it ends if they are not seen again."""
        return min(self.ends_at, self.seen_at + IDLE)


class Identity(State):
    """Who, at a provider, is which member: known by issuer and subject, and by nothing else."""

    issuer: str
    subject: str
    member: str
    linked_at: datetime
    how: Literal["directory", "invitation"]


class SignInInvitation(State):
    """Lets one person connect their account at the provider with a member, once; kept as a digest."""

    digest: str
    member: str
    expires_at: datetime
    used: bool = False

    def shown(self, secret: str | None = None) -> calls.SignInInvitation:
        """The invitation; `secret` only in the answer that makes it."""
        return calls.SignInInvitation(
            invitation=self.id, member=self.member, expires_at=self.expires_at, secret=secret
        )


def identity_key(issuer: str, subject: str) -> str:
    """The id of an identity, which follows from what it is of, so that there is one of each."""
    return sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def no_such_sign_in() -> NotFound:
    """The refusal for a sign-in that isn't there or is somebody else's."""
    return NotFound("You have no such sign-in.", where="sign_in")


def not_enrolled() -> NotAllowed:
    """The refusal for somebody who proved who they are, and is nobody here yet."""
    return NotAllowed(
        "Your organisation has not told us about you yet; ask whoever looks after Commonplace there.",
        "not-enrolled",
    )


def check_invites(caller: Caller, member: Member) -> None:
    """Refuse that anybody but the operator and the member's organisation's own system lets somebody in as a member.

    Raises:
        NotAllowed: the caller is neither.
    """
    own_system = (
        caller.client is not None and caller.member is None and caller.organisation == member.organisation
    )
    if not (caller.operator or own_system):
        raise NotAllowed("Only the organisation's own system or the operator may do this.", where="member")


def invite(id: str, digest: str, member: str, days: int, at: datetime) -> SignInInvitation:
    """Make an invitation."""
    return SignInInvitation(id=id, digest=digest, member=member, expires_at=at + timedelta(days=days))


def accept(invitation: SignInInvitation | None, at: datetime) -> SignInInvitation:
    """Use an invitation up.

    Raises:
        NotAllowed: `invitation-no-longer-good`, whatever is wrong with it.
    """
    if invitation is None or invitation.used or at >= invitation.expires_at:
        raise NotAllowed(
            "This invitation was used, has expired or never was; ask for another.",
            "invitation-no-longer-good",
        )
    return invitation.model_copy(update={"used": True, "revision": invitation.revision + 1})


def check_is_of(provider: IdentityProvider, member: Member | None) -> Member:
    """Refuse to sign somebody in whom the provider's organisation does not vouch for (any more).

    Raises:
        NotAllowed: `not-enrolled`.
    """
    if member is None or not member.active or member.organisation != provider.organisation:
        raise not_enrolled()
    return member


def link(
    issuer: str, subject: str, member: str, how: Literal["directory", "invitation"], at: datetime
) -> Identity:
    """Remember who somebody at a provider is."""
    key = identity_key(issuer, subject)
    return Identity(id=key, issuer=issuer, subject=subject, member=member, linked_at=at, how=how)


def open(id: str, digest: str, member: str, way: calls.Way, provider: str | None, at: datetime) -> SignIn:
    """Sign a member in."""
    return SignIn(
        id=id,
        digest=digest,
        member=member,
        way=way,
        provider=provider,
        signed_in_at=at,
        seen_at=at,
        ends_at=at + LONGEST,
    )


def identify(sign_in: SignIn | None, member: Member | None, at: datetime) -> calls.Identity:
    """Say for whom a sign-in stands.

    Raises:
        NotFound: it is nobody's, has ended, or its member has left.
    """
    if sign_in is None or member is None or at >= sign_in.idle_until() or not member.is_here(at):
        raise nobody()
    return calls.Identity(
        member=member.id,
        organisation=member.organisation,
        scopes=calls.MEMBER_SCOPES,
        expires_at=member.until(sign_in.idle_until()),
        signed_in_at=sign_in.signed_in_at,
    )


def is_seen_anew(sign_in: SignIn, at: datetime) -> bool:
    """Whether to write down that they were seen."""
    return at - sign_in.seen_at >= SEEN_EVERY
