"""Cases in their community: withholding, deciding, appealing, ruling, and the log of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.discussion.domain import access, case, deciding
from services.discussion.domain.case import Case, Decision
from services.discussion.domain.deciding import View
from services.discussion.repositories import taken_out
from services.discussion.repositories.copies import Facts
from services.discussion.service import positions
from services.discussion.service.case_desk import CaseDesk, shown_case
from services.discussion.service.desk import TURNS, deciding_again
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.discussion import (
    AppealCase,
    DecideAppeal,
    DecideCase,
    DecidedAs,
    GetCase,
    ListCases,
    ListModerationLog,
    LogEntry,
    WholeCase,
    WithholdPost,
)
from shared.contracts.calls.discussion import Case as ShownCase
from shared.errors import NotAllowed
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class CaseHandlers(CaseDesk):
    """The calls of those who decide, and of the author."""

    @rpc
    def list_cases(self, call: ListCases) -> Page[ShownCase]:
        after = positions.after_moment(call)
        member = None
        if not call.caller.operator:
            member = deciding.check_is_person(call.caller)
            standing = self.copies.read(call.caller, call.community).standing
            access.check_knows_community(standing)
            if not deciding.facilitates(standing):
                raise NotAllowed(
                    "Only facilitators see what waits here.", "facilitators-only", community=call.community
                )
        found = self.cases.waiting(call.community, but_of=member, after=after, limit=call.limit + 1)
        page = found[: call.limit]
        facts = self.facts_about(call.caller, call.community, page)
        at = now()
        about = self.cases.about(each.post for each in page)
        shown = []
        for each in page:
            others = [other for other in about if other.post == each.post and other.id != each.id]
            _, view = deciding.view_of(each, others, call.caller, facts.standing)
            shown.append(shown_case(each, facts, view, at))
        more = len(found) > call.limit
        return Page[ShownCase](
            items=tuple(shown),
            next=positions.moment_cursor(call, page[-1].waits_since, page[-1].id) if more else None,
        )

    @rpc
    def get_case(self, call: GetCase) -> WholeCase:
        found, _, view, facts = self.find_case(call.caller, call.case)
        return self.whole(found, facts, view, now())

    @rpc
    def withhold_post(self, call: WithholdPost) -> ShownCase:
        return self._in_turn(call.case, lambda: self._withhold(call))

    def _withhold(self, call: WithholdPost) -> ShownCase:
        before, others, view, facts = self.find_case(call.caller, call.case)
        at = now()
        self._check_decides(before, others, call.caller, at)
        after = case.withheld(before, seen=call.revision)
        work = self._changed(before, after, at)
        self.account(work, call, after, at)
        with deciding_again(taken_out.COLLECTION):
            return self.store.commit(work, call, shown_case(after, facts, view, at))

    @rpc
    def decide_case(self, call: DecideCase) -> ShownCase:
        return self._in_turn(call.case, lambda: self._decide_case(call))

    def _decide_case(self, call: DecideCase) -> ShownCase:
        before, others, view, facts = self.find_case(call.caller, call.case)
        at = now()
        decided_as = self._check_decides(before, others, call.caller, at)
        after = case.decided(
            before, call.decision, by=call.caller.member, decided_as=decided_as, seen=call.revision, at=at
        )
        work = self._changed(before, after, at)
        seconds = (at - before.opened_at).total_seconds()
        work.afterwards(partial(metrics.CASE_DECISION_DELAY.observe, seconds))
        return self._settled(work, call, after, after.decision, facts, view)

    @rpc
    def appeal_case(self, call: AppealCase) -> ShownCase:
        before, _, view, facts = self.find_case(call.caller, call.case)
        if before.author != call.caller.member:
            raise NotAllowed(
                "Its author appeals; who reported the post does so by their report.",
                "not-yours",
                community=before.community,
            )
        at = now()
        after = case.appealed(before, call.new, by="author", member=before.author, at=at)
        work = Work()
        self.cases.put(work, before, after)
        self.tell_waiting(work, after, "appealed", at)
        return self.store.commit(work, call, shown_case(after, facts, view, at))

    @rpc
    def decide_appeal(self, call: DecideAppeal) -> ShownCase:
        return self._in_turn(call.case, lambda: self._rule(call))

    def _rule(self, call: DecideAppeal) -> ShownCase:
        before, others, view, facts = self.find_case(call.caller, call.case)
        at = now()
        decided_as = self._check_decides(before, others, call.caller, at)
        after = case.ruled(
            before, call.ruling, by=call.caller.member, decided_as=decided_as, seen=call.revision, at=at
        )
        work = self._changed(before, after, at)
        return self._settled(work, call, after, after.appeal.ruling if after.appeal else None, facts, view)

    @rpc
    def list_moderation_log(self, call: ListModerationLog) -> Page[LogEntry]:
        deciding.check_is_person(call.caller)
        after = positions.after_moment(call)
        standing = self.copies.read(call.caller, call.community).standing
        access.check_knows_community(standing)
        access.check_is_no_guest(standing)
        if standing.role is None:
            raise NotAllowed(
                "The log is for the community's members; join it first.",
                "not-a-member",
                community=call.community,
            )
        found = self.moderation_log.page(call.community, after=after, limit=call.limit + 1)
        page = found[: call.limit]
        rest = None
        if len(found) > call.limit:
            id, last = page[-1]
            rest = positions.moment_cursor(call, last.decided_at, id)
        return Page[LogEntry](items=tuple(entry for _, entry in page), next=rest)

    def _in_turn(self, id: str, decide: Callable[[], ShownCase]) -> ShownCase:
        """Decide when it is the turn of who changes the case's thread."""
        found = self.cases.find(id)
        return TURNS.run(found.thread if found else id, decide)

    def _check_decides(self, before: Case, others: list[Case], caller: Caller, at: datetime) -> DecidedAs:
        return deciding.check_decides(before, others, caller, self.copies.facilitators(before.community), at)

    def _changed(self, before: Case, after: Case, at: datetime) -> Work:
        """What changes with the case: itself, its post and its thread."""
        work = Work()
        self.cases.put(work, before, after)
        self.carry_out(work, before, after, at)
        return work

    def _settled(
        self,
        work: Work,
        call: DecideCase | DecideAppeal,
        after: Case,
        decision: Decision | None,
        facts: Facts,
        view: View,
    ) -> ShownCase:
        """Log, tell and commit what was decided."""
        if decision is None:
            raise RuntimeError(f"case {after.id} was decided without a decision")
        self.moderation_log.add(work, after, decision, id=new_id())
        self.tell_decided(work, after, decision.at)
        self.account(work, call, after, decision.at)
        step = "decision" if after.appeal is None else "appeal"
        work.afterwards(metrics.CASES_DECIDED.labels(decision.outcome.value, step).inc)
        facts = self.facts_about(call.caller, after.community, [after])
        with deciding_again(taken_out.COLLECTION):
            return self.store.commit(work, call, shown_case(after, facts, view, decision.at))
