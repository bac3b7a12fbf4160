"""What membership may be asked about tokens, and whom they stand for."""

from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Id, Line, Moment

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
    "agreements:read",
    "agreements:write",
    "directory:write",
    "clients:write",
    "webhooks:read",
    "webhooks:write",
    "audit:read",
    "guard:read",
    "guard:write",
    "cases:read",
    "cases:decide",
]


MEMBER_SCOPES: tuple[Scope, ...] = (
    "communities:read",
    "communities:write",
    "threads:read",
    "threads:write",
    "inbox:read",
    "inbox:write",
    "members:read",
    "members:write",
    "tokens:write",
    "agreements:read",
)
"""What a member may do who has signed in themselves: all but what is done for an organisation or a node.

Of agreements they read what crosses of what they read themselves, and those that name them as contact."""


class NewToken(Body):
    name: Line = Field(description="What it is for, so that its owner knows it again.")
    scopes: tuple[Scope, ...] = Field(
        min_length=1, max_length=20, description="What it allows; nothing that the token that asks does not."
    )
    expires_in_days: int = Field(90, ge=1, le=366, description="For how many days it is good.")


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
    audited = True
    new: NewToken
    member: Id | None = None


class ListTokens(MembershipListing):
    """By a member of their own, or by the operator of `member`'s."""

    answer = Page[Token]
    member: Id | None = None


class RevokeToken(MembershipCall):
    answer = Done
    audited = True
    token: Id


class Identity(Answer):
    """Whom a credential stands for; of a client that has shown a secret, which of its secrets.

    `signed_in_at` is when somebody at a browser proved who they are.
    """

    member: Id | None
    organisation: Id | None
    client: Id | None = None
    secret: Id | None = None
    scopes: tuple[str, ...]
    expires_at: Moment | None = None
    signed_in_at: Moment | None = None


class IdentifyToken(MembershipCall):
    """Whose token is this? `digest` is the SHA-256 of its secret in hex. `NotFound` when nobody's, ended or expired."""

    answer = Identity
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
