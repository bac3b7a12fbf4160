"""What membership may be asked about sign-ins: a member at a browser, from a time until a time."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.calls.call import Answer, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.calls.membership.credentials import Identity
from shared.contracts.vocabulary import Email, Id, Moment

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Way = Literal["identity provider", "link", "passkey"]
Door = Annotated[
    str,
    Field(pattern=r"^https?://[!-~]{1,300}$", description="The gateway's public address, where links lead."),
]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[ -~]+$")]


class SignIn(Answer):
    """One place where a member is signed in."""

    sign_in: Id
    way: Way
    signed_in_at: Moment
    seen_at: Moment
    ends_at: Moment


class OpenedSignIn(Answer):
    """A new sign-in; `secret` is shown in this answer only."""

    sign_in: Id
    member: Id
    organisation: Id | None
    guest_of: Id | None = None
    ends_at: Moment
    secret: str | None = None


class OpenSignIn(MembershipCall):
    """Somebody has proved to an organisation's provider who they are: sign them in as the member they are.

    A member is known by issuer and subject, from the first time on. The first time they are found by an
    invitation, or by the name under which their organisation's directory has them; never by an e-mail address.
    Each `attempt` (the SHA-256 of its state) counts once.
    """

    answer = OpenedSignIn
    audited = True
    provider: Id
    subject: Subject
    external_id: Subject = Field(
        description="How the directory calls them: Entra's object id, else the subject."
    )
    attempt: Digest
    invitation: Digest | None = None


class IdentifySignIn(MembershipCall):
    """Whose sign-in is this? `digest` is the SHA-256 of its secret. `NotFound` when nobody's, ended or idle too long."""

    answer = Identity
    digest: Digest


class ListSignIns(MembershipListing):
    """One's own."""

    answer = Page[SignIn]


class EndSignIn(MembershipCall):
    """One's own, wherever it is."""

    answer = Done
    audited = True
    sign_in: Id


class SignedOut(Answer):
    """Signed out; `provider` is the one that they came by, where they may be signed in still."""

    provider: Id | None
    sign_in: Id | None = None
    member: Id | None = None


class SignOut(MembershipCall):
    """End the sign-in that has this secret. One that is not there has ended."""

    answer = SignedOut
    audited = True
    digest: Digest


class SignInInvitation(Answer):
    """Lets whoever has its secret connect their account at the organisation's provider with this member, once."""

    invitation: Id
    member: Id
    expires_at: Moment
    secret: str | None = None


class InviteToSignIn(MembershipCall):
    """By the operator, or by the system of the member's organisation."""

    answer = SignInInvitation
    audited = True
    member: Id
    expires_in_days: int = Field(7, ge=1, le=30)


class AskForSignInLink(MembershipCall):
    """Somebody would like a link by e-mail. The answer is the same whoever they are, and so is the time it takes."""

    answer = Done
    email: Email
    door: Door


class OpenSignInByLink(MembershipCall):
    """Somebody has the link that was sent to them: sign them in. It counts once, for fifteen minutes."""

    answer = OpenedSignIn
    audited = True
    digest: Digest
