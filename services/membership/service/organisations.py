"""Handlers for organisations."""

from services.membership.domain import organisation as organisations
from services.membership.domain.operator import check_chosen_id, check_operator
from services.membership.repositories.rows import sort_key
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_name, cut_by_name
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import (
    GetOrganisation,
    ListOrganisations,
    Organisation,
    RegisterOrganisation,
)
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id


class OrganisationHandlers(Handlers):
    """What may be asked about organisations, by anybody; registering them is the operator's."""

    @rpc
    def register_organisation(self, call: RegisterOrganisation) -> Organisation:
        check_operator(call.caller)
        check_chosen_id(call.caller, call.id)
        if call.id is not None and (there := self.organisations.get(call.id)):
            return there.shown()
        organisation, fact = organisations.register(call.id or new_id(), call.new)
        work = Work()
        self.organisations.add(work, organisation)
        work.tell(fact)
        return self.commit(work, call, organisation.shown())

    @rpc
    def get_organisation(self, call: GetOrganisation) -> Organisation:
        organisation = self.organisations.get(call.organisation)
        if organisation is None:
            raise organisations.no_such_organisation()
        return organisation.shown()

    @rpc
    def list_organisations(self, call: ListOrganisations) -> Page[Organisation]:
        found = self.organisations.page(after_name(call), call.limit + 1)
        page, next = cut_by_name(call, found, lambda last: (sort_key(last.name), last.id))
        return Page[Organisation](items=tuple(organisation.shown() for organisation in page), next=next)
