"""What membership may be asked about the ways in that a member has, and about giving one of them up."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.contracts.calls.call import Answer, Done
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.vocabulary import Moment

IdentityKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class LinkedIdentity(Answer):
    """An account at a provider that is known to be the member's."""

    identity: IdentityKey
    issuer: str
    subject: str
    provider_name: str | None = Field(
        description="The provider's name, as long as it is one of the member's organisation; else it is no way in."
    )
    linked_at: Moment
    how: Literal["directory", "invitation"] = Field(
        description="Whether the directory named them, or they accepted an invitation."
    )


class WaysIn(Answer):
    """How a member can sign in."""

    identities: tuple[LinkedIdentity, ...]
    email: str | None = Field(description="The address that is known of them; null when there is none.")
    link: bool = Field(description="Whether a link to sign in is sent there.")
    passkeys: int


class ListWaysIn(MembershipCall):
    """One's own."""

    answer = WaysIn


class UnlinkIdentity(MembershipCall):
    """One's own, at a browser where one has just signed in, and never the last way in. Who came by it is signed out."""

    answer = Done
    audited = True
    identity: IdentityKey
