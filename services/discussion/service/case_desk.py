"""What every handler of reports and cases works with: finding, showing, carrying out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.discussion.domain import author, deciding, lock, tombstone
from services.discussion.domain.case import Case, Decision
from services.discussion.domain.deciding import View
from services.discussion.domain.post import Post
from services.discussion.domain.report import Report
from services.discussion.domain.thread import Thread
from services.discussion.domain.tombstone import Kept
from services.discussion.repositories.cases import Cases, ModerationLog, Reports
from services.discussion.repositories.copies import Facts
from services.discussion.repositories.taken_out import TakenOut
from services.discussion.service.desk import Desk
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import Case as ShownCase
from shared.contracts.calls.discussion import (
    CaseAppeal,
    CaseDecision,
    MemberDecision,
    ReportInCase,
    WholeCase,
)
from shared.contracts.discussion import Acted, CaseDecided, CaseWaits, ReportDecided
from shared.errors import NOWHERE
from shared.wiring.store import Work, new_id


class FoundCase(NamedTuple):
    """A case, the others about the same post, how much of it the caller sees, and what is needed to show it."""

    case: Case
    others: list[Case]
    view: View
    facts: Facts


class CaseDesk(Desk):
    """The repositories of cases, and what is done the same way by everybody who touches one."""

    @property
    def cases(self) -> Cases:
        return Cases(self.store.database)

    @property
    def reports(self) -> Reports:
        return Reports(self.store.database)

    @property
    def moderation_log(self) -> ModerationLog:
        return ModerationLog(self.store.database)

    @property
    def taken_out(self) -> TakenOut:
        return TakenOut(self.store.database)

    def find_case(self, caller: Caller, id: str) -> FoundCase:
        """A case that the caller may know of."""
        if not caller.operator:
            deciding.check_is_person(caller)
        found = self.cases.find(id)
        facts = self.facts_about(caller, found.community if found else NOWHERE, [found] if found else [])
        others = self.others(found) if found else []
        case, view = deciding.view_of(found, others, caller, facts.standing)
        return FoundCase(case, others, view, facts)

    def others(self, case: Case) -> list[Case]:
        """The other cases about the same post."""
        return [each for each in self.cases.about([case.post]) if each.id != case.id]

    def facts_about(self, caller: Caller, community: str, cases: Sequence[Case]) -> Facts:
        """Where the caller stands, and everybody whom these cases name."""
        members = {member for case in cases for member in _named_in(case)}
        homes = {case.organisation for case in cases}
        return self.copies.read(caller, community, members=members, organisations=homes)

    def whole(self, case: Case, facts: Facts, view: View, at: datetime) -> WholeCase:
        """A case with what the post says, or said."""
        post, kept = self.posts.find(case.post), self.taken_out.find(case.post)
        title, text = (kept.title, kept.text) if kept else (post.title, post.text) if post else (None, "")
        reports: tuple[ReportInCase, ...] | None = None
        if view == "whole":
            made = self.reports.of_case(case.id)
            names = self.copies.read(Caller(operator=True), NOWHERE, members={each.by for each in made})
            reports = tuple(_in_case(each, names) for each in made)
        shown = shown_case(case, facts, view, at)
        return WholeCase(**dict(shown), title=title, text=text, reports=reports)

    def carry_out(self, work: Work, before: Case, after: Case, at: datetime) -> None:
        """Let a case have, on its post and thread, what it has come to."""
        # Before the post and the other cases: whoever decides about those meanwhile changes what is kept.
        kept = self.taken_out.find(after.post)
        post, thread = self.posts.find(after.post), self.threads.find(after.thread)
        if post is None or thread is None:
            raise RuntimeError(f"case {after.id} is about a post that is not there")
        then = self._moderate(work, before, after, kept, post, thread, at)
        if before.locks != after.locks:
            then = lock.locked(then, after.id) if after.locks else lock.unlocked(then, after.id)
        if before.doubts != after.doubts:
            then = self._doubted(work, post, then, after.doubts)
        self._keep_thread(work, thread, then, at)

    def doubt(self, work: Work, post: Post, thread: Thread, at: datetime) -> None:
        """Withhold a post from other organisations' systems; with it the title of the thread it opens."""
        self._keep_thread(work, thread, self._doubted(work, post, thread, True), at)

    def _doubted(self, work: Work, post: Post, thread: Thread, is_so: bool) -> Thread:
        """Keep that a post is doubted, or no longer; its thread as it is then."""
        self.posts.doubt(work, post, is_so)
        return thread.model_copy(update={"doubted": is_so}) if post.opening else thread

    def _keep_thread(self, work: Work, before: Thread, after: Thread, at: datetime) -> None:
        """Keep what became of a thread, and tell those who keep a copy of its title what that is now."""
        if (before.title, before.doubted) != (after.title, after.doubted):
            after = after.model_copy(update={"title_revision": before.title_revision + 1})
            work.tell(tombstone.told_of_title(after, at))
        unseen = {"doubted": before.doubted, "title_revision": before.title_revision}
        if after.model_copy(update=unseen) != before:
            self.threads.change(work, before, after.model_copy(update={"revision": before.revision + 1}))
        elif after != before:
            self.threads.doubt(work, before, after)

    def _moderate(
        self,
        work: Work,
        before: Case,
        after: Case,
        kept: Kept | None,
        post: Post,
        thread: Thread,
        at: datetime,
    ) -> Thread:
        """Take the post out, or put it back when no case holds it any more; its thread as it is then."""
        if before.moderation == after.moderation:
            return thread
        holding = [each for each in (after, *self.others(after)) if each.moderation is not None]
        if holding and kept is not None:
            self.taken_out.hand_over(work, kept, holding[0].id)
        how = deciding.strongest(holding)
        if how == post.moderation:
            return thread
        if how is not None:
            changed, then = tombstone.taken_out(post, thread, how)
            if kept is None:
                self.taken_out.keep(work, tombstone.kept_of(post, after.id))
        elif kept is not None:
            changed, then = tombstone.put_back(post, thread, kept)
            self.taken_out.forget(work, kept)
        else:
            return thread
        self.posts.moderate(work, post, changed)
        work.tell(tombstone.told_of(changed, at))
        return then

    def tell_waiting(self, work: Work, case: Case, why: Any, at: datetime) -> None:
        """Tell those who decide."""
        parties = tuple(sorted(deciding.parties(case, self.others(case))))
        work.tell(CaseWaits(case=case.id, community=case.community, why=why, parties=parties, at=at))

    def account(self, work: Work, call: Call, case: Case, at: datetime) -> None:
        """Let the log of the author's organisation say what was done about the case, too; not by whom: it does not see that."""
        if case.organisation is None or case.organisation == call.caller.organisation:
            return
        concerns = {
            "case": case.id,
            "community": case.community,
            "post": case.post,
            "thread": case.thread,
        }
        work.tell(
            Acted(
                id=new_id(),
                act=call.method(),
                at=at,
                operator=call.caller.operator,
                organisations=(case.organisation,),
                concerns=concerns,
            )
        )

    def tell_decided(self, work: Work, case: Case, at: datetime) -> None:
        """Tell the author, and those who reported, that something was decided; each of them once."""
        step: Any = "decision" if case.appeal is None else "appeal"
        decided = CaseDecided(case=case.id, community=case.community, author=case.author, step=step, at=at)
        work.tell(decided)
        told: set[str] = set()
        for report in self.reports.of_case(case.id):
            if report.by not in told:
                told.add(report.by)
                work.tell(
                    ReportDecided(
                        report=report.id, community=case.community, reporter=report.by, step=step, at=at
                    )
                )


def shown_case(case: Case, facts: Facts, view: View, at: datetime, *, for_member: bool = False) -> ShownCase:
    """A case for who sees `view` of it; `for_member` when what their organisation does is theirs to see."""
    appeal = case.appeal
    is_author = facts.standing.caller == case.author
    theirs = case.for_member if for_member or is_author or facts.standing.caller is None else None
    return ShownCase(
        case=case.id,
        community=case.community,
        thread=case.thread,
        post=case.post,
        author=author.shown(case.author, facts.members, facts.organisations),
        state=case.state,
        reasons=case.reasons,
        withheld=case.withheld,
        opened_at=case.opened_at,
        outcome=case.outcome,
        decision=_shown_decision(case.decision, facts, view),
        appeal=CaseAppeal(
            appealed_by=appeal.by,
            reason=appeal.reason if view == "whole" or appeal.by == "author" else None,
            appealed_at=appeal.at,
            ruling=_shown_decision(appeal.ruling, facts, view),
        )
        if appeal
        else None,
        appeal_until=case.appealable_by("author", at),
        asks_organisation=case.asks_organisation,
        member_decided=case.for_member is not None,
        member_decision=MemberDecision(outcome=theirs.outcome, reason=theirs.reason, decided_at=theirs.at)
        if theirs
        else None,
        revision=case.revision,
    )


def _shown_decision(decision: Decision | None, facts: Facts, view: View) -> CaseDecision | None:
    if decision is None:
        return None
    is_named = view == "whole" and decision.by is not None
    return CaseDecision(
        outcome=decision.outcome,
        reason=decision.reason,
        decided_as=decision.decided_as,
        by=author.shown(decision.by or "", facts.members, facts.organisations) if is_named else None,
        decided_at=decision.at,
    )


def _in_case(report: Report, names: Facts) -> ReportInCase:
    return ReportInCase(
        reporter=author.shown(report.by, names.members, names.organisations),
        reason=report.reason,
        note=report.note,
        reported_at=report.at,
    )


def _named_in(case: Case) -> set[str]:
    decisions = (case.decision, case.appeal.ruling if case.appeal else None)
    return {case.author, *(decision.by for decision in decisions if decision and decision.by)}
