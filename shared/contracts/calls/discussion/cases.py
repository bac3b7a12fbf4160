"""What the discussion service may be asked about reports of posts, and the cases that they make."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.discussion.call import DiscussionCall, DiscussionListing
from shared.contracts.calls.discussion.said import Author
from shared.contracts.vocabulary import (
    CaseOutcome,
    Id,
    MemberOutcome,
    Moment,
    Note,
    ReportReason,
)

CaseState = Literal["open", "decided", "appealed", "settled"]
DecidedAs = Literal["facilitator", "operator"]
ShortNote = Annotated[Note, Field(max_length=500)]

# Reports


class NewReport(Body):
    reason: ReportReason = Field(description="What is wrong with the post.")
    note: ShortNote | None = Field(None, description="More about it, for those who decide and nobody else.")


class Report(Answer):
    """A report, for who made it: what they said, and what became of it.

    `outcome` is what holds now of the post; `appeal_until` is there while its maker may appeal.
    """

    report: Id
    community: Id
    thread: Id
    post: Id
    reason: ReportReason
    note: str | None
    reported_at: Moment
    state: CaseState
    outcome: CaseOutcome | None
    decided_at: Moment | None
    appeal_until: Moment | None


class ReportPost(DiscussionCall):
    """By a member who may read the post, and did not write it; not twice by the same one, of what it says now."""

    answer = Report
    post: Id
    new: NewReport


class GetReport(DiscussionCall):
    """By who made it."""

    answer = Report
    report: Id


class ListReports(DiscussionListing):
    """The caller's own in a community, newest first."""

    answer = Page[Report]
    community: Id


# Cases


class CaseDecision(Answer):
    """What was decided, and why; `by` is named to those who decide only."""

    outcome: CaseOutcome
    reason: str
    decided_as: DecidedAs
    by: Author | None
    decided_at: Moment


class CaseAppeal(Answer):
    """An appeal against the decision, by the author or by a reporter; `ruling` is what came of it.

    What a reporter wrote is for those who decide only.
    """

    appealed_by: Literal["author", "reporter"]
    reason: str | None
    appealed_at: Moment
    ruling: CaseDecision | None


class MemberDecision(Answer):
    """What the author's organisation does about it, as far as it concerns them as its member."""

    outcome: MemberOutcome
    reason: str
    decided_at: Moment


class Case(Answer):
    """A reported post, and what was decided about it.

    `outcome` is what holds now. With `asks_organisation` the community asks the author's organisation to
    look at it; `member_decision` is for that organisation and the author, others see `member_decided`.
    """

    case: Id
    community: Id
    thread: Id
    post: Id
    author: Author
    state: CaseState
    reasons: tuple[ReportReason, ...]
    withheld: bool
    opened_at: Moment
    outcome: CaseOutcome | None
    decision: CaseDecision | None
    appeal: CaseAppeal | None
    appeal_until: Moment | None
    asks_organisation: bool
    member_decided: bool
    member_decision: MemberDecision | None
    revision: int


class ReportInCase(Answer):
    """A report as those who decide see it."""

    reporter: Author
    reason: ReportReason
    note: str | None
    reported_at: Moment


class WholeCase(Case):
    """A case with what the post says, also when it is taken out; with the reports, for those who decide only."""

    title: str | None
    text: str
    reports: tuple[ReportInCase, ...] | None


class ListCases(DiscussionListing):
    """Those that wait in a community, longest wait first; for its facilitators, and the operator."""

    answer = Page[Case]
    community: Id


class GetCase(DiscussionCall):
    """By those who decide; by its author, once it is decided or the post is withheld."""

    answer = WholeCase
    case: Id


class WithholdPost(DiscussionCall):
    """Take the post out of everybody's sight until the case is decided; by those who decide."""

    answer = Case
    audited = True
    case: Id
    revision: int


class NewCaseDecision(Body):
    outcome: CaseOutcome = Field(description="What becomes of the post, or of its thread.")
    reason: Note = Field(description="Why. The author reads it.")
    ask_organisation: bool = Field(
        False, description="Whether the author's organisation is asked to look at it, too."
    )


class DecideCase(DiscussionCall):
    """By a facilitator who neither wrote nor reported the post; by the operator where there is none."""

    answer = Case
    audited = True
    case: Id
    decision: NewCaseDecision
    revision: int


class NewAppeal(Body):
    reason: Note = Field(description="Why it should be decided otherwise.")


class AppealCase(DiscussionCall):
    """By the author, once, within thirty days of a decision to do something about the post."""

    answer = Case
    audited = True
    case: Id
    new: NewAppeal


class AppealReport(DiscussionCall):
    """By who made the report, once for the whole case, within thirty days of a decision to keep the post."""

    answer = Report
    report: Id
    new: NewAppeal


class NewRuling(Body):
    outcome: CaseOutcome = Field(
        description="What holds from now on: the same as before, or milder when the author appealed, "
        "stricter when a reporter did."
    )
    reason: Note = Field(description="Why. The author reads it.")


class DecideAppeal(DiscussionCall):
    """By another facilitator than the one who decided; by the operator where there is none."""

    answer = Case
    audited = True
    case: Id
    ruling: NewRuling
    revision: int


# The log


class LogEntry(Answer):
    """One decision in a community, for its members: what about, and what came of it; nobody's name or words."""

    case: Id
    step: Literal["decision", "appeal"]
    outcome: CaseOutcome
    reasons: tuple[ReportReason, ...]
    decided_as: DecidedAs
    decided_at: Moment


class ListModerationLog(DiscussionListing):
    """What was decided in a community, newest first; for its members."""

    answer = Page[LogEntry]
    community: Id


# The author's organisation


class ListOrganisationCases(DiscussionListing):
    """Cases about what an organisation's members wrote, in every community, newest first; by its own client."""

    answer = Page[Case]
    organisation: Id


class GetOrganisationCase(DiscussionCall):
    """By the organisation's own client."""

    answer = WholeCase
    organisation: Id
    case: Id


class NewMemberDecision(Body):
    outcome: MemberOutcome = Field(description="What the organisation does about it with its member.")
    reason: Note = Field(description="What its member is told.")


class DecideForMember(DiscussionCall):
    """By the organisation's own client, once."""

    answer = Case
    audited = True
    organisation: Id
    case: Id
    decision: NewMemberDecision
    revision: int
