"""An invitation to a community: a secret for one person, good once and for a time."""

from datetime import datetime, timedelta
from typing import Literal

from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, NotAllowed, NotFound


class Invitation(State):
    """An invitation as it stands; only the digest of its secret is kept."""

    digest: str
    community: str
    email: str
    role: Role
    message: str | None = None
    state: Literal["open", "accepted", "revoked"] = "open"
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    accepted_by: str | None = None

    def shown(self, at: datetime, token: str | None = None) -> calls.Invitation:
        """The invitation for a facilitator at a moment; `token` only in the answer that creates it."""
        expired = self.state == "open" and at >= self.expires_at
        return calls.Invitation(
            invitation=self.id,
            community=self.community,
            email=self.email,
            role=self.role,
            state="expired" if expired else self.state,
            invited_by=self.invited_by,
            invited_at=self.invited_at,
            expires_at=self.expires_at,
            token=token,
        )


def no_such_invitation() -> NotFound:
    """The refusal for an invitation that isn't there, or is another community's, and for a token that opens none."""
    return NotFound("There is no such invitation.", where="invitation")


def invite(
    id: str, digest: str, community: str, new: calls.NewInvitation, invited_by: str, at: datetime
) -> Invitation:
    """Invite whoever has an e-mail address, for `expires_in_days` days from now."""
    return Invitation(
        id=id,
        digest=digest,
        community=community,
        email=new.email,
        role=new.role,
        message=new.message,
        invited_by=invited_by,
        invited_at=at,
        expires_at=at + timedelta(days=new.expires_in_days),
    )


def accept(invitation: Invitation, member: Member, at: datetime) -> Invitation:
    """Use an invitation up.

    Raises:
        NotAllowed: `other-address`, when the member's address on record is another than the invited one.
        Conflict: `invitation-used`, `invitation-revoked` or `invitation-expired`.
    """
    if member.email is not None and member.email != invitation.email:
        raise NotAllowed(
            "This invitation is for another e-mail address than yours; ask a facilitator for one of your own.",
            "other-address",
        )
    if invitation.state == "accepted":
        raise Conflict("This invitation has been used; ask for another.", "invitation-used")
    if invitation.state == "revoked":
        raise Conflict("This invitation was taken back; ask the facilitator why.", "invitation-revoked")
    if at >= invitation.expires_at:
        raise Conflict("This invitation has expired; ask for another.", "invitation-expired")
    return invitation.model_copy(
        update={"state": "accepted", "accepted_by": member.id, "revision": invitation.revision + 1}
    )


def revoke(invitation: Invitation) -> Invitation:
    """Take an invitation back; one that was taken back already stays as it is.

    Raises:
        Conflict: `invitation-used`.
    """
    if invitation.state == "accepted":
        raise Conflict(
            "This invitation has been used; remove the member instead.", "invitation-used", "invitation"
        )
    if invitation.state == "revoked":
        return invitation
    return invitation.model_copy(update={"state": "revoked", "revision": invitation.revision + 1})
