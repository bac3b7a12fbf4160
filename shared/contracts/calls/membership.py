"""What the membership service may be asked."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Call, Done, Listing, Page
from shared.contracts.vocabulary import (
    Email,
    Id,
    Line,
    Moment,
    Note,
    Role,
    Sector,
    Stage,
    Visibility,
    Word,
)


class MembershipCall(Call):
    to: ClassVar[str] = "membership"


class MembershipListing(Listing):
    to: ClassVar[str] = "membership"


# Organisations


class NewOrganisation(Body):
    """An organisation whose people take part."""

    name: Line
    sector: Sector
    geography: Line = Field(description="Where it works, such as `Wales` or `Nottingham`.")
    home_node: Line | None = Field(None, description="The address of its own node; None when it is this one.")


class Organisation(Answer):
    organisation: Id
    name: str
    sector: Sector
    geography: str
    home_node: str | None
    revision: int


class RegisterOrganisation(MembershipCall):
    """By the operator. `id` fixes the organisation's id so that a repeated import finds it again."""

    answer = Organisation
    new: NewOrganisation
    id: Id | None = None


class GetOrganisation(MembershipCall):
    answer = Organisation
    organisation: Id


class ListOrganisations(MembershipListing):
    answer = Page[Organisation]


# Members


class NewMember(Body):
    """A person of an organisation."""

    name: Line
    handle: Word = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", description="How others mention them: `@handle`."
    )
    profession: Line
    interests: tuple[Word, ...] = Field((), max_length=20)
    email: Email | None = None


class MemberChanges(Body):
    """What a member may change of their own profile; what is left out stays as it is."""

    name: Line | None = None
    profession: Line | None = None
    interests: tuple[Word, ...] | None = Field(None, max_length=20)


class Member(Answer):
    member: Id
    name: str
    handle: str
    profession: str
    interests: tuple[str, ...]
    organisation: Id | None
    organisation_name: str | None
    active: bool
    revision: int


class RegisterMember(MembershipCall):
    """By the operator, or by an organisation's client for its own organisation. `id`: as for organisations."""

    answer = Member
    organisation: Id
    new: NewMember
    id: Id | None = None


class GetMember(MembershipCall):
    """One's own profile, or that of a member with whom the caller shares a community or organisation."""

    answer = Member
    member: Id


class ChangeMember(MembershipCall):
    answer = Member
    member: Id
    changes: MemberChanges
    revision: int


class LeaveOrganisation(MembershipCall):
    """A member leaves their organisation and is out of every community at once.

    By the member, their organisation's client, or the operator. Their tokens end with it.
    """

    answer = Member
    member: Id


# Communities


class Charter(Body):
    """Why a community is, in four short texts."""

    domain: Note = Field(description="What the community is about.")
    purpose: Note = Field(description="What it wants to get better at.")
    audience: Note = Field(description="For whom it is.")
    intended_output: Note | None = Field(None, description="What it wants to have made when it is done.")


class NewCommunity(Body):
    """A community as its founder imagines it."""

    title: Line
    charter: Charter
    visibility: Visibility = Visibility.OPEN
    stage: Stage = Stage.POTENTIAL
    similar_seen: bool = Field(
        False,
        description="True once the founder has looked at the similar communities and still wants this one.",
    )


class CommunityChanges(Body):
    """What a facilitator may change; what is left out stays as it is."""

    title: Line | None = None
    charter: Charter | None = None
    visibility: Visibility | None = None
    stage: Stage | None = None


class Community(Answer):
    """A community as the caller may know it; `role` is the caller's own, None when they are not in it."""

    community: Id
    title: str
    charter: Charter
    visibility: Visibility
    stage: Stage
    members: int
    role: Role | None
    created_at: Moment
    revision: int


class SimilarCommunity(Answer):
    community: Id
    title: str
    purpose: str
    members: int
    likeness: float = Field(description="How alike, from 0 to 1.")


class SimilarCommunities(Answer):
    items: tuple[SimilarCommunity, ...]


class FindSimilarCommunities(MembershipCall):
    """Does one already exist? Asked before a community is made; shows only what the caller may see."""

    answer = SimilarCommunities
    title: Line
    purpose: Note | None = None
    domain: Note | None = None


class StartCommunity(MembershipCall):
    """The caller becomes its first facilitator.

    Refused with `Conflict` (`similar-communities`) when similar ones exist that the caller may see and
    `similar_seen` is false.
    """

    answer = Community
    new: NewCommunity
    id: Id | None = None


class GetCommunity(MembershipCall):
    answer = Community
    community: Id


class ListCommunities(MembershipListing):
    """Communities the caller may know of, by title; `mine` keeps those they are in."""

    answer = Page[Community]
    mine: bool = False
    words: Line | None = None


class ChangeCommunity(MembershipCall):
    answer = Community
    community: Id
    changes: CommunityChanges
    revision: int


# Memberships


class Membership(Answer):
    """A member's place in a community, with what others in it may see of them."""

    community: Id
    member: Id
    name: str
    handle: str
    profession: str
    organisation: Id | None
    organisation_name: str | None
    role: Role
    since: Moment
    revision: int


class JoinRequest(Answer):
    request: Id
    community: Id
    member: Id
    name: str
    profession: str
    organisation_name: str | None
    message: str | None
    state: Literal["waiting", "approved", "declined", "withdrawn"]
    asked_at: Moment
    decision_message: str | None = None
    decided_at: Moment | None = None


class JoinOutcome(Answer):
    """Either the membership (open community) or the request that now waits (restricted community)."""

    membership: Membership | None = None
    request: JoinRequest | None = None


class NewJoin(Body):
    """What the newcomer says to the facilitators."""

    message: Note | None = None


class Join(MembershipCall):
    answer = JoinOutcome
    community: Id
    new: NewJoin


class ListJoinRequests(MembershipListing):
    """For facilitators: who waits to be let in, longest wait first."""

    answer = Page[JoinRequest]
    community: Id


class Decision(Body):
    approve: bool
    message: Note | None = None


class DecideJoinRequest(MembershipCall):
    answer = JoinRequest
    community: Id
    request: Id
    decision: Decision


class NewInvitation(Body):
    email: Email
    role: Role = Role.MEMBER
    expires_in_days: int = Field(14, ge=1, le=90)
    message: Note | None = None


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
    community: Id
    new: NewInvitation


class ListInvitations(MembershipListing):
    answer = Page[Invitation]
    community: Id


class RevokeInvitation(MembershipCall):
    answer = Invitation
    community: Id
    invitation: Id


class AcceptInvitation(MembershipCall):
    """By whoever holds the token and, when they have an e-mail address on record, has the invited one."""

    answer = Membership
    token: str = Field(max_length=200)


class ListMemberships(MembershipListing):
    """Who is in a community, by name; guests see only themselves and the facilitators."""

    answer = Page[Membership]
    community: Id


class RoleChange(Body):
    role: Role


class ChangeRole(MembershipCall):
    """By a facilitator; the last facilitator cannot step down."""

    answer = Membership
    community: Id
    member: Id
    change: RoleChange
    revision: int


class EndMembership(MembershipCall):
    """A member leaves (themselves), or a facilitator removes them, with a reason they are told."""

    answer = Done
    community: Id
    member: Id
    reason: Note | None = None


# Credentials


Scope = Literal[
    "communities:read",
    "communities:write",
    "threads:read",
    "threads:write",
    "inbox:read",
    "inbox:write",
    "members:read",
    "members:write",
    "tokens:write",
]


class NewToken(Body):
    name: Line = Field(description="What it is for, so that its owner knows it again.")
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=20)
    expires_in_days: int = Field(90, ge=1, le=366)


class Token(Answer):
    """A personal access token; `secret` is shown only in the answer that issues it."""

    token: Id
    name: str
    scopes: tuple[str, ...]
    issued_at: Moment
    expires_at: Moment
    secret: str | None = None


class IssueToken(MembershipCall):
    """By a member for themselves (never with more scopes than the credential they use), or by the operator for `member`."""

    answer = Token
    new: NewToken
    member: Id | None = None


class ListTokens(MembershipListing):
    answer = Page[Token]


class RevokeToken(MembershipCall):
    answer = Done
    token: Id


class NewClient(Body):
    name: Line
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=20)


class Client(Answer):
    """An organisation's system; `secret` is shown only in the answer that registers it."""

    client: Id
    organisation: Id
    name: str
    scopes: tuple[str, ...]
    active: bool
    secret: str | None = None


class RegisterClient(MembershipCall):
    """By the operator."""

    answer = Client
    organisation: Id
    new: NewClient


class RevokeClient(MembershipCall):
    """By the operator."""

    answer = Done
    client: Id


class Identity(Answer):
    """Whom a credential stands for."""

    member: Id | None
    organisation: Id | None
    client: Id | None = None
    scopes: tuple[str, ...]
    expires_at: Moment | None = None


class IdentifyToken(MembershipCall):
    """Whose token is this? `digest` is the SHA-256 of its secret in hex. `NotFound` when nobody's, ended or expired."""

    answer = Identity
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class IdentifyClient(MembershipCall):
    """Which client is this? With `digest` the secret is checked too (token endpoint); without, only that it is active.

    With `acting_for`, the answer is that member's, who must be an active member of the client's own
    organisation; anyone else is `NotFound`.
    """

    answer = Identity
    client: Id
    digest: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    acting_for: Id | None = None


# Between the switchboard and membership


class Revisions(Answer):
    """How far copies should be: 0 where there is no such thing."""

    community_revision: int
    membership_revision: int


class TellRevisions(MembershipCall):
    """What revisions of a community and of the caller's place in it has membership told so far?"""

    answer = Revisions
    community: Id
    member: Id | None = None


# History


class ImportedMember(Body):
    """A person of an archive; `since` is when they came into the community, where it is known of each."""

    id: Id
    organisation: Id
    new: NewMember
    since: Moment | None = None


class ImportMembers(MembershipCall):
    """By the operator: people of an archive and their places in a community, known again by their ids.

    Repeating it changes nothing. They are in `community` as members since `since`, or their own; nobody is told.
    """

    answer = Done
    community: Id
    since: Moment
    members: tuple[ImportedMember, ...] = Field(max_length=1000)
