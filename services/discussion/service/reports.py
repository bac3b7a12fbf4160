"""Reporting a post, and what became of one's report."""

from services.discussion.domain import access, case, deciding, report
from services.discussion.domain.case import Case
from services.discussion.domain.report import Report
from services.discussion.repositories import cases as kept
from services.discussion.service import positions
from services.discussion.service.case_desk import CaseDesk
from services.discussion.service.desk import TURNS, deciding_again
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.discussion import AppealReport, GetReport, ListReports, ReportPost
from shared.contracts.calls.discussion import Report as ShownReport
from shared.errors import NOWHERE
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class ReportHandlers(CaseDesk):
    """The calls of those who report."""

    @rpc
    def report_post(self, call: ReportPost) -> ShownReport:
        return TURNS.run(call.post, lambda: self._report(call))

    def _report(self, call: ReportPost) -> ShownReport:
        member = deciding.check_is_person(call.caller)
        post, within, _ = self.read_post(call.caller, call.post)
        open = next((each for each in self.cases.about([post.id]) if each.state == "open"), None)
        for before in self.reports.by_member(post.id, member):
            if (open and before.case == open.id) or before.seen == post.revision:
                about = self.cases.find(before.case)
                if about is not None:
                    return self.store.commit(Work(), call, report.shown(before, about, now()))
        report.check_reports(post, member)
        at = now()
        work = Work()
        if open is None:
            about = case.opened(post, member, call.new.reason, id=new_id(), at=at)
            self.cases.add(work, about)
            self.tell_waiting(work, about, "reported", at)
        else:
            about = case.joined(open, member, call.new.reason)
            self.cases.put(work, open, about)
        if about.doubts:
            self.doubt(work, post, within, at)
        made = Report(
            id=new_id(),
            case=about.id,
            community=post.community,
            thread=post.thread,
            post=post.id,
            seen=post.revision,
            by=member,
            reason=call.new.reason,
            note=call.new.note,
            at=at,
        )
        self.reports.add(work, made)
        work.afterwards(metrics.POSTS_REPORTED.labels(made.reason.value).inc)
        with deciding_again(kept.CASES):
            return self.store.commit(work, call, report.shown(made, about, at))

    @rpc
    def get_report(self, call: GetReport) -> ShownReport:
        found, about = self._find_report(call.caller, call.report)
        return report.shown(found, about, now())

    @rpc
    def list_reports(self, call: ListReports) -> Page[ShownReport]:
        member = deciding.check_is_person(call.caller)
        after = positions.after_moment(call)
        access.check_knows_community(self.copies.read(call.caller, call.community).standing)
        found = self.reports.own(call.community, member, after=after, limit=call.limit + 1)
        page = found[: call.limit]
        about = self.cases.among({each.case for each in page})
        at = now()
        return Page[ShownReport](
            items=tuple(report.shown(each, about[each.case], at) for each in page),
            next=(
                positions.moment_cursor(call, page[-1].at, page[-1].id) if len(found) > call.limit else None
            ),
        )

    @rpc
    def appeal_report(self, call: AppealReport) -> ShownReport:
        member = deciding.check_is_person(call.caller)
        found, before = self._find_report(call.caller, call.report)
        at = now()
        after = case.appealed(before, call.new, by="reporter", member=member, at=at)
        work = Work()
        self.cases.put(work, before, after)
        self.tell_waiting(work, after, "appealed", at)
        return self.store.commit(work, call, report.shown(found, after, at))

    def _find_report(self, caller: Caller, id: str) -> tuple[Report, Case]:
        """The caller's own report, and the case that it is part of."""
        member = deciding.check_is_person(caller)
        found = self.reports.find(id)
        about = self.cases.find(found.case if found else NOWHERE)
        community = found.community if found else NOWHERE
        standing = self.copies.read(caller, community).standing
        if found is None or about is None or found.by != member:
            raise deciding.no_such_report(community)
        if not deciding.knows_community(standing):
            raise deciding.no_such_report(community)
        return found, about
