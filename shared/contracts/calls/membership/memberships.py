"""What membership may be asked about places in a community, and the ways into one."""

from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Email, Id, MemberField, Moment, Note, Role


class Membership(Answer):
    """A member's place in a community, with what others in it may see of them.

    To a partner's system an agreement may disclose less: what is `withheld` is null here.
    """

    community: Id
    member: Id
    name: str
    handle: str
    profession: str | None
    organisation: Id | None
    organisation_name: str | None
    guest_of_name: str | None = Field(None, description="Of somebody at home nowhere: whose guest they are.")
    role: Role
    since: Moment
    revision: int
    withheld: tuple[MemberField, ...] = ()


class JoinRequest(Answer):
    request: Id
    community: Id
    member: Id
    name: str
    profession: str | None
    organisation_name: str | None
    message: str | None
    state: Literal["waiting", "approved", "declined", "withdrawn"]
    asked_at: Moment
    decision_message: str | None = None
    decided_at: Moment | None = None
    withheld: tuple[MemberField, ...] = ()


class JoinOutcome(Answer):
    """Either the membership (open community) or the request that now waits (restricted community)."""

    membership: Membership | None = None
    request: JoinRequest | None = None


class NewJoin(Body):
    """What the newcomer says to the facilitators."""

    message: Note | None = Field(None, description="What the facilitators read when they decide.")


class Join(MembershipCall):
    answer = JoinOutcome
    community: Id
    new: NewJoin


class ListJoinRequests(MembershipListing):
    """For facilitators: who waits to be let in, longest wait first."""

    answer = Page[JoinRequest]
    community: Id


class Decision(Body):
    approve: bool = Field(description="True to let them in, false to decline.")
    message: Note | None = Field(None, description="What the one who asked is told with the decision.")


class DecideJoinRequest(MembershipCall):
    answer = JoinRequest
    audited = True
    community: Id
    request: Id
    decision: Decision


class NewInvitation(Body):
    email: Email = Field(description="The address for which the invitation is.")
    role: Role = Field(Role.MEMBER, description="What they come in as.")
    expires_in_days: int = Field(14, ge=1, le=90, description="For how many days it can be accepted.")
    message: Note | None = Field(None, description="What is said to whom is invited.")


class Invitation(Answer):
    """`token` opens the invitation and is shown only in the answer that creates it."""

    invitation: Id
    community: Id
    email: str
    role: Role
    state: Literal["open", "accepted", "revoked", "expired"]
    invited_by: Id
    invited_at: Moment
    expires_at: Moment
    token: str | None = None


class Invite(MembershipCall):
    """By a facilitator. Only a facilitator may invite; a guest role is given this way only."""

    answer = Invitation
    audited = True
    community: Id
    new: NewInvitation


class ListInvitations(MembershipListing):
    answer = Page[Invitation]
    community: Id


class RevokeInvitation(MembershipCall):
    answer = Invitation
    audited = True
    community: Id
    invitation: Id


class AcceptInvitation(MembershipCall):
    """By whoever holds the token and, when they have an e-mail address on record, has the invited one."""

    answer = Membership
    audited = True
    token: str = Field(max_length=200)


class ListMemberships(MembershipListing):
    """Who is in a community, by name; guests see only themselves and the facilitators."""

    answer = Page[Membership]
    community: Id


class RoleChange(Body):
    role: Role = Field(description="What the member is in the community from now on.")


class ChangeRole(MembershipCall):
    """By a facilitator; the last facilitator cannot step down."""

    answer = Membership
    audited = True
    community: Id
    member: Id
    change: RoleChange
    revision: int


class EndMembership(MembershipCall):
    """A member leaves (themselves), or a facilitator removes them, with a reason they are told."""

    answer = Done
    audited = True
    community: Id
    member: Id
    reason: Note | None = None
