"""Cases as the author's organisation sees them, and what it does about its member."""

from services.discussion.domain import case, deciding
from services.discussion.domain.case import Case
from services.discussion.repositories.copies import Facts
from services.discussion.service import positions
from services.discussion.service.case_desk import CaseDesk, shown_case
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.discussion import Case as ShownCase
from shared.contracts.calls.discussion import (
    DecideForMember,
    GetOrganisationCase,
    ListOrganisationCases,
    WholeCase,
)
from shared.contracts.discussion import CaseDecided
from shared.errors import NOWHERE
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now


class OrganisationCaseHandlers(CaseDesk):
    """The calls of an organisation's own client: about what its members wrote, wherever they wrote it."""

    @rpc
    def list_organisation_cases(self, call: ListOrganisationCases) -> Page[ShownCase]:
        deciding.check_is_own_system(call.caller, call.organisation)
        found = self.cases.of_organisation(
            call.organisation, after=positions.after_moment(call), limit=call.limit + 1
        )
        page = found[: call.limit]
        facts = self.facts_about(call.caller, NOWHERE, page)
        at = now()
        more = len(found) > call.limit
        return Page[ShownCase](
            items=tuple(shown_case(each, facts, "party", at, for_member=True) for each in page),
            next=positions.moment_cursor(call, page[-1].opened_at, page[-1].id) if more else None,
        )

    @rpc
    def get_organisation_case(self, call: GetOrganisationCase) -> WholeCase:
        found, facts = self._find_own(call.caller, call.organisation, call.case)
        return self.whole(found, facts, "party", now())

    @rpc
    def decide_for_member(self, call: DecideForMember) -> ShownCase:
        before, facts = self._find_own(call.caller, call.organisation, call.case)
        at = now()
        after = case.decided_for_member(
            before, call.decision, client=call.caller.client, seen=call.revision, at=at
        )
        work = Work()
        self.cases.put(work, before, after)
        work.tell(
            CaseDecided(
                case=after.id, community=after.community, author=after.author, step="organisation", at=at
            )
        )
        return self.store.commit(work, call, shown_case(after, facts, "party", at, for_member=True))

    def _find_own(self, caller: Caller, organisation: str, id: str) -> tuple[Case, Facts]:
        """A case about what one of the organisation's members wrote, and what is needed to show it."""
        deciding.check_is_own_system(caller, organisation)
        found = self.cases.find(id)
        if found is None or found.organisation != organisation:
            raise deciding.no_such_case("")
        return found, self.facts_about(caller, NOWHERE, [found])
