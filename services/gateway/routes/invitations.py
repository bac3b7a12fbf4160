"""Invitations: by e-mail, with an expiry; the only way to become a guest."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, InvitationPath, PageQuery
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import (
    AcceptInvitation,
    Invite,
    ListInvitations,
    NewInvitation,
    RevokeInvitation,
)

invitations = Resource("invitations", "Asking somebody in by e-mail.")


class InvitationToken(Body):
    """What stood in the invitation."""

    token: str = Field(
        min_length=1, max_length=200, pattern=r"^[!-~]+$", description="The `token` of the invitation."
    )


@invitations.creates(
    "/communities/<community>/invitations",
    Invite,
    scope="communities:write",
    example={"email": "huw@example.org", "role": "guest", "expires_in_days": 14},
)
def invite(asked: Asked, path: CommunityPath, body: NewInvitation) -> Invite:
    """Invite somebody by e-mail.

    By a facilitator. The answer alone holds the token that opens the invitation.
    """
    return Invite(caller=asked.caller, once=asked.once, community=path.community, new=body)


@invitations.reads("/communities/<community>/invitations", ListInvitations, scope="communities:read")
def list_invitations(asked: Asked, path: CommunityPath, query: PageQuery) -> ListInvitations:
    """List a community's invitations.

    For facilitators.
    """
    return ListInvitations(
        caller=asked.caller, community=path.community, after=query.after, limit=query.limit
    )


@invitations.changes(
    "DELETE", "/communities/<community>/invitations/<invitation>", RevokeInvitation, scope="communities:write"
)
def revoke_invitation(asked: Asked, path: InvitationPath) -> RevokeInvitation:
    """Take an invitation back."""
    return RevokeInvitation(
        caller=asked.caller, once=asked.once, community=path.community, invitation=path.invitation
    )


@invitations.creates(
    "/invitations/accept",
    AcceptInvitation,
    scope="communities:write",
    at="/v1/communities/{community}",
    example={"token": "the-token-from-the-invitation"},
)
def accept_invitation(asked: Asked, body: InvitationToken) -> AcceptInvitation:
    """Accept an invitation."""
    return AcceptInvitation(caller=asked.caller, once=asked.once, token=body.token)
