"""Handlers for the keys by which organisations sign."""

from services.membership.domain import agreement as agreements
from services.membership.domain import granting
from services.membership.domain import organisation_key as keys
from services.membership.domain.organisation import no_such_organisation
from services.membership.domain.party import organisation_of
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_time, cut_by_time
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import ListKeys, OrganisationKey, RegisterKey, RevokeKey
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now


class KeyHandlers(Handlers):
    """The node holds the public halves; what a revoked key has signed ends with it."""

    @rpc
    def register_key(self, call: RegisterKey) -> OrganisationKey:
        organisation = organisation_of(call.caller, call.organisation)
        if self.organisations.get(organisation) is None:
            raise no_such_organisation()
        there = self.organisation_keys.all_of([organisation])
        key = keys.register(organisation, call.new, there.values(), now())
        work = Work()
        if key.id not in there:
            self.organisation_keys.put(work, None, key)
        return self.commit(work, call, key.shown())

    @rpc
    def list_keys(self, call: ListKeys) -> Page[OrganisationKey]:
        if self.organisations.get(call.organisation) is None:
            raise no_such_organisation()
        found = self.organisation_keys.page(call.organisation, after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.registered_at, last.id))
        return Page[OrganisationKey](items=tuple(key.shown() for key in page), next=next)

    @rpc
    def revoke_key(self, call: RevokeKey) -> OrganisationKey:
        organisation = organisation_of(call.caller, call.organisation)
        was = self.organisation_keys.get(organisation, call.kid)
        if was is None:
            raise keys.no_such_key()
        at = now()
        key = keys.revoke(was, at)
        work = Work()
        if key != was:
            self.organisation_keys.put(work, was, key)
            for agreement in self.agreements.all_of(organisation):
                if agreement.revoked_at is None and agreements.rests_on(agreement, key.kid):
                    ended = agreements.revoke(agreement, organisation, at)
                    self.agreements.put(work, agreement, ended)
                    work.tell(granting.told(ended, {}, at))
                    work.tell(*granting.moved(agreement, ended, self.organisations.names(ended.parties), at))
        return self.commit(work, call, key.shown())
