"""An identity provider: where the people of one organisation prove who they are."""

from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.errors import Conflict, NotFound


class IdentityProvider(State):
    """A provider as it stands; only the gateway can read its secret."""

    organisation: str
    name: str
    kind: calls.ProviderKind
    issuer: str
    client_id: str
    sealed_secret: str | None = None
    domains: tuple[str, ...] = ()
    contact: str | None = None

    def shown(self, *, with_secret: bool = False) -> calls.IdentityProvider:
        """The provider; `with_secret` for the gateway, which uses it to speak to the provider."""
        return calls.IdentityProvider(
            provider=self.id,
            organisation=self.organisation,
            name=self.name,
            kind=self.kind,
            issuer=self.issuer,
            client_id=self.client_id,
            domains=self.domains,
            contact=self.contact,
            sealed_secret=self.sealed_secret if with_secret else None,
        )


def no_such_provider() -> NotFound:
    """The refusal for a provider that isn't there, and for a domain that is nobody's."""
    return NotFound("There is no such identity provider.", where="provider")


def domain_taken() -> Conflict:
    """The refusal for a domain that leads to another provider already."""
    return Conflict("One of these domains is another provider's already.", "domain-taken", "domains")


def register(id: str, organisation: str, new: calls.NewIdentityProvider) -> IdentityProvider:
    """Make a provider of an organisation."""
    return IdentityProvider(id=id, organisation=organisation, **new.model_dump())
