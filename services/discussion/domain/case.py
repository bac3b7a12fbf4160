"""A case: a post was reported, and somebody who is no party to it decides what becomes of it.

    open ─► decided ─► appealed ─► settled

What holds is the outcome of the ruling, or else of the decision. While nothing is decided the post may be
withheld. What the author's organisation does about its member stands beside this, and changes nothing here.
Who may do what is in `deciding`.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.post import Post
from services.discussion.domain.thread import check_revision
from shared.contracts.calls.discussion import (
    CaseState,
    DecidedAs,
    NewAppeal,
    NewCaseDecision,
    NewMemberDecision,
    NewRuling,
)
from shared.contracts.vocabulary import CaseOutcome, MemberOutcome, ReportReason
from shared.errors import Conflict, Invalid

APPEALABLE = timedelta(days=30)
"""For how long after a decision it may be appealed."""
LONG = timedelta(hours=48)
"""After how long a case that waits is brought to mind, once."""
MOST_REPORTS = 200

_SEVERITY = {outcome: severity for severity, outcome in enumerate(CaseOutcome)}


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Decision(_Kept):
    """What was decided of the post; `by` is None for the operator."""

    outcome: CaseOutcome
    reason: str
    decided_as: DecidedAs
    by: str | None
    at: datetime


class Appeal(_Kept):
    """An appeal by `member`, and its ruling."""

    by: Literal["author", "reporter"]
    member: str
    reason: str
    at: datetime
    ruling: Decision | None = None


class ForMember(_Kept):
    """What the author's organisation decided, by which of its clients."""

    outcome: MemberOutcome
    reason: str
    client: str | None
    at: datetime


class Case(_Kept):
    """A case as it is kept.

    Args:
        organisation: the author's when they wrote the post, whose own systems see the case.
        reporters: who reported it, each once.
        withheld: whether the post is out of sight until it is decided.
        waits_since: when it was opened, or appealed.
        reminded: whether those who decide were told that it waits for long.
    """

    id: str
    community: str
    thread: str
    post: str
    author: str
    organisation: str | None = None
    reasons: tuple[ReportReason, ...]
    reporters: tuple[str, ...]
    state: CaseState = "open"
    withheld: bool = False
    opened_at: datetime
    waits_since: datetime
    reminded: bool = False
    decision: Decision | None = None
    appeal: Appeal | None = None
    asks_organisation: bool = False
    for_member: ForMember | None = None
    revision: int = 1

    @property
    def waits(self) -> bool:
        """Whether somebody has something to decide about the post."""
        return self.state in ("open", "appealed")

    @property
    def outcome(self) -> CaseOutcome | None:
        """What holds now of the post."""
        ruling = self.appeal.ruling if self.appeal else None
        decision = ruling or self.decision
        return decision.outcome if decision else None

    @property
    def moderation(self) -> Literal["withheld", "withdrawn"] | None:
        """Whether and how this case keeps the post out of sight."""
        if self.outcome is CaseOutcome.WITHDRAW:
            return "withdrawn"
        return "withheld" if self.withheld else None

    @property
    def doubts(self) -> bool:
        """Whether, for this case, the post is withheld from other organisations' systems."""
        return self.state == "open" and ReportReason.CONFIDENTIAL in self.reasons

    @property
    def locks(self) -> bool:
        """Whether this case keeps the thread locked."""
        return self.outcome is CaseOutcome.LOCK

    def appealable_by(self, who: Literal["author", "reporter"], at: datetime) -> datetime | None:
        """Until when somebody may appeal; None when they may not, or no longer."""
        if self.state != "decided" or self.decision is None:
            return None
        if (self.decision.outcome is CaseOutcome.KEEP) != (who == "reporter"):
            return None
        until = self.decision.at + APPEALABLE
        return until if at < until else None


def opened(post: Post, reporter: str, reason: ReportReason, *, id: str, at: datetime) -> Case:
    """The case that the first report of a post makes."""
    return Case(
        id=id,
        community=post.community,
        thread=post.thread,
        post=post.id,
        author=post.author,
        organisation=post.organisation,
        reasons=(reason,),
        reporters=(reporter,),
        opened_at=at,
        waits_since=at,
    )


def joined(case: Case, reporter: str, reason: ReportReason) -> Case:
    """The case with one more report."""
    if len(case.reporters) >= MOST_REPORTS:
        raise Conflict("So many have reported it that it waits for a decision anyway.", "too-many-reports")
    return _after(
        case,
        reporters=tuple(dict.fromkeys((*case.reporters, reporter))),
        reasons=tuple(dict.fromkeys((*case.reasons, reason))),
    )


def withheld(case: Case, *, seen: int) -> Case:
    """The case with its post out of sight until it is decided."""
    _check_is(case, "open", seen)
    if case.withheld:
        raise Conflict("The post is withheld already.", "post-taken-out")
    return _after(case, withheld=True)


def decided(
    case: Case, new: NewCaseDecision, *, by: str | None, decided_as: DecidedAs, seen: int, at: datetime
) -> Case:
    """The case after its decision; `by` is None for the operator."""
    _check_is(case, "open", seen)
    decision = Decision(outcome=new.outcome, reason=new.reason, decided_as=decided_as, by=by, at=at)
    return _after(
        case, state="decided", withheld=False, decision=decision, asks_organisation=new.ask_organisation
    )


def appealed(
    case: Case, new: NewAppeal, *, by: Literal["author", "reporter"], member: str, at: datetime
) -> Case:
    """The case after it was appealed: by the author when something is done, by a reporter when nothing is."""
    if case.appeal is not None:
        raise Conflict("It was appealed before; there is one appeal.", "appealed-before")
    if case.decision is None:
        raise Conflict("Nothing is decided yet that could be appealed.", "nothing-to-appeal")
    if (case.decision.outcome is CaseOutcome.KEEP) != (by == "reporter"):
        raise Conflict(
            "The author appeals when something is done about the post, who reported it when it is kept.",
            "nothing-to-appeal",
        )
    if case.appealable_by(by, at) is None:
        raise Conflict(
            f"A decision is appealed within {APPEALABLE.days} days; that time is over.", "appeal-too-late"
        )
    appeal = Appeal(by=by, member=member, reason=new.reason, at=at)
    return _after(case, state="appealed", appeal=appeal, waits_since=at, reminded=False)


def ruled(
    case: Case, new: NewRuling, *, by: str | None, decided_as: DecidedAs, seen: int, at: datetime
) -> Case:
    """The case after the ruling on its appeal, which nobody is worse off for having made."""
    _check_is(case, "appealed", seen)
    if case.decision is None or case.appeal is None:
        raise RuntimeError(f"case {case.id} is appealed without a decision")
    change = _SEVERITY[new.outcome] - _SEVERITY[case.decision.outcome]
    if change > 0 if case.appeal.by == "author" else change < 0:
        raise Invalid(
            "Who appeals is not worse off for it: uphold the decision, or "
            + ("choose a milder outcome." if case.appeal.by == "author" else "choose a stricter one."),
            "outcome-worse",
            "outcome",
        )
    ruling = Decision(outcome=new.outcome, reason=new.reason, decided_as=decided_as, by=by, at=at)
    return _after(case, state="settled", appeal=case.appeal.model_copy(update={"ruling": ruling}))


def decided_for_member(
    case: Case, new: NewMemberDecision, *, client: str | None, seen: int, at: datetime
) -> Case:
    """The case with what the author's organisation does about it."""
    if case.for_member is not None:
        raise Conflict("The organisation has decided already.", "case-decided")
    check_revision(case.revision, seen)
    return _after(case, for_member=ForMember(outcome=new.outcome, reason=new.reason, client=client, at=at))


def _check_is(case: Case, state: CaseState, seen: int) -> None:
    if case.state != state:
        raise Conflict("There is nothing to decide in the case as it is now.", "case-decided", "case")
    check_revision(case.revision, seen)


def _after(case: Case, **changes: object) -> Case:
    return case.model_copy(update={**changes, "revision": case.revision + 1})
