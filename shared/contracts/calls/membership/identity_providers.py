"""What membership may be asked about identity providers: where an organisation's people prove who they are."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.contracts.calls.call import Answer, Body, Done
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.calls.membership.clients import SafeAddress
from shared.contracts.vocabulary import Id, Line

ENTRA = re.compile(r"https?://[^/]+/(?P<tenant>[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0")
"""An issuer that is one Entra tenant's; `common` and `organizations` would be everybody's."""


def without_slash(address: str) -> str:
    """Refuse a query and a fragment; an issuer has none (OpenID Connect Discovery, 3)."""
    if "?" in address or "#" in address:
        raise ValueError("must be the issuer as its own metadata gives it, without ? and #")
    return address


Issuer = Annotated[SafeAddress, AfterValidator(without_slash)]
MailDomain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        to_lower=True,
        max_length=253,
        pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$",
    ),
]
Sealed = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[A-Za-z0-9_.-]+$")]
ProviderKind = Literal["openid", "entra"]


class NewIdentityProvider(Body):
    """An OpenID Provider. Its issuer never changes: another one is another provider."""

    name: Line = Field(description="What its people call it, such as `NHS Wales sign-in`.")
    kind: ProviderKind = "openid"
    issuer: Issuer
    client_id: Line
    sealed_secret: Sealed | None = Field(
        None, description="The client secret, which only the gateway can read; None for a client without one."
    )
    domains: tuple[MailDomain, ...] = Field((), max_length=100)
    contact: Line | None = Field(None, description="Whom its people ask who are not known here.")

    @model_validator(mode="after")
    def of_one_tenant(self) -> "NewIdentityProvider":
        """Refuse an Entra issuer that is not one tenant's: its keys sign for all tenants."""
        if self.kind == "entra" and not ENTRA.fullmatch(self.issuer):
            raise ValueError(
                "Entra's issuer must name the tenant: https://login.microsoftonline.com/<tenant id>/v2.0"
            )
        return self


class IdentityProvider(Answer):
    """An organisation's provider; `sealed_secret` is for the gateway only."""

    provider: Id
    organisation: Id
    name: str
    kind: ProviderKind
    issuer: str
    client_id: str
    domains: tuple[str, ...]
    contact: str | None
    sealed_secret: str | None = None

    @property
    def tenant(self) -> str | None:
        """The Entra tenant whose people it is for; None when it is another kind."""
        found = ENTRA.fullmatch(self.issuer) if self.kind == "entra" else None
        return found and found["tenant"]


class IdentityProviders(Answer):
    """All that are registered."""

    providers: tuple[IdentityProvider, ...]


class RegisterIdentityProvider(MembershipCall):
    """By the operator."""

    answer = IdentityProvider
    audited = True
    organisation: Id
    new: NewIdentityProvider


class ListIdentityProviders(MembershipCall):
    """By the operator."""

    answer = IdentityProviders


class RemoveIdentityProvider(MembershipCall):
    """By the operator. Whoever came in by it is signed out."""

    answer = Done
    audited = True
    provider: Id


class FindIdentityProvider(MembershipCall):
    """The provider of that id, the one for addresses of that domain, or the one at which an invitation is accepted.

    `NotFound` when there is none.
    """

    answer = IdentityProvider
    provider: Id | None = None
    domain: MailDomain | None = None
    invitation: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
