"""What membership may be asked about the keys by which organisations sign."""

from typing import Any, Literal

from pydantic import Field, model_validator

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Id, Moment


class NewOrganisationKey(Body):
    """The public half of an Ed25519 key, as a JWK (RFC 8037); a private half (`d`) is refused, and is spoilt by that."""

    kty: Literal["OKP"] = Field(description="The kind of key.")
    crv: Literal["Ed25519"] = Field(description="The curve.")
    x: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="The public key, base64url.")
    kid: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{43}$",
        description="Its thumbprint (RFC 7638), which it is known by; may be left out.",
    )

    @model_validator(mode="before")
    @classmethod
    def _is_public(cls, given: Any) -> Any:
        if isinstance(given, dict) and "d" in given:
            raise ValueError(
                "you have sent the private half, `d`; make another key, and send its public half"
            )
        return given


class OrganisationKey(Answer):
    """A key of an organisation; one with `revoked_at` opens nothing, whenever it signed."""

    organisation: Id
    kid: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    x: str
    registered_at: Moment
    revoked_at: Moment | None


class RegisterKey(MembershipCall):
    """By the organisation's own system, or the operator."""

    answer = OrganisationKey
    audited = True
    organisation: Id
    new: NewOrganisationKey


class ListKeys(MembershipListing):
    """Whoever wants to check a signature may read the keys; those that were revoked, too."""

    answer = Page[OrganisationKey]
    organisation: Id


class RevokeKey(MembershipCall):
    """By the organisation's own system, or the operator: every agreement that the key signed ends at once."""

    answer = OrganisationKey
    audited = True
    organisation: Id
    kid: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
