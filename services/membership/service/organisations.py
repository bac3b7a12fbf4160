"""Handlers for organisations."""

from services.membership.domain import organisation as organisations
from services.membership.domain.organisation import check_chosen_id, check_operator
from services.membership.repositories.rows import sort_key
from services.membership.service.handlers import Handlers
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import (
    GetOrganisation,
    ListOrganisations,
    Organisation,
    RegisterOrganisation,
)
from shared.contracts.paging import read_cursor, write_cursor
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
        found = self.organisations.page(read_cursor(call), call.limit + 1)
        page = found[: call.limit]
        after = (
            write_cursor(call, [sort_key(page[-1].name), page[-1].id]) if len(found) > call.limit else None
        )
        return Page[Organisation](items=tuple(organisation.shown() for organisation in page), next=after)
