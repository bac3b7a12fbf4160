"""Handlers for identity providers."""

from services.membership.domain import identity_provider as providers
from services.membership.domain.operator import check_operator
from services.membership.domain.organisation import no_such_organisation
from services.membership.service.handlers import Handlers
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    FindIdentityProvider,
    IdentityProvider,
    IdentityProviders,
    ListIdentityProviders,
    RegisterIdentityProvider,
    RemoveIdentityProvider,
)
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id


class IdentityProviderHandlers(Handlers):
    """The operator registers them; the gateway looks them up."""

    @rpc
    def register_identity_provider(self, call: RegisterIdentityProvider) -> IdentityProvider:
        check_operator(call.caller)
        if self.organisations.get(call.organisation) is None:
            raise no_such_organisation()
        provider = providers.register(new_id(), call.organisation, call.new)
        work = Work()
        self.identity_providers.add(work, provider)
        return self.commit(work, call, provider.shown())

    @rpc
    def list_identity_providers(self, call: ListIdentityProviders) -> IdentityProviders:
        check_operator(call.caller)
        return IdentityProviders(providers=tuple(one.shown() for one in self.identity_providers.all()))

    @rpc
    def remove_identity_provider(self, call: RemoveIdentityProvider) -> Done:
        check_operator(call.caller)
        if self.identity_providers.get(call.provider) is None:
            raise providers.no_such_provider()
        work = Work()
        self.identity_providers.remove(work, call.provider)
        self.sign_ins.end_all_by(work, call.provider)
        return self.commit(work, call, Done())

    @rpc
    def find_identity_provider(self, call: FindIdentityProvider) -> IdentityProvider:
        found = self.identity_providers.get(call.provider)
        if found is None and call.domain is not None:
            found = self.identity_providers.of_domain(call.domain)
        if found is None and call.invitation is not None:
            found = self._of_invitation(call.invitation)
        if found is None:
            raise providers.no_such_provider()
        return found.shown(with_secret=True)

    def _of_invitation(self, digest: str) -> providers.IdentityProvider | None:
        """The provider of the organisation of whoever is invited."""
        invitation = self.sign_in_invitations.by_digest(digest)
        member = invitation and self.members.get(invitation.member)
        return self.identity_providers.of_organisation(member.organisation) if member else None
