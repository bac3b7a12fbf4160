"""A report: a reader says that something is wrong with a post, for those who decide and nobody else."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.case import Case
from services.discussion.domain.post import Post
from shared.contracts.calls.discussion import Report as ShownReport
from shared.contracts.vocabulary import ReportReason
from shared.errors import Conflict, NotAllowed


class Report(BaseModel):
    """A report as it is kept; `seen` is the post's revision that was reported."""

    model_config = ConfigDict(frozen=True)

    id: str
    case: str
    community: str
    thread: str
    post: str
    seen: int
    by: str
    reason: ReportReason
    note: str | None = None
    at: datetime


def check_reports(post: Post, member: str) -> None:
    """Refuse the post's author, and a report of what is out of sight."""
    if post.author == member:
        raise NotAllowed(
            "It is your own: edit it, and what it said before can be told apart.",
            "own-post",
            community=post.community,
        )
    if post.moderation is not None:
        raise Conflict("Moderation has taken this post out already.", "post-taken-out", "post")


def shown(report: Report, case: Case, at: datetime) -> ShownReport:
    """The report for who made it, and what became of it."""
    ruling = case.appeal.ruling if case.appeal else None
    last = ruling or case.decision
    return ShownReport(
        report=report.id,
        community=report.community,
        thread=report.thread,
        post=report.post,
        reason=report.reason,
        note=report.note,
        reported_at=report.at,
        state=case.state,
        outcome=case.outcome,
        decided_at=last.at if last else None,
        appeal_until=case.appealable_by("reporter", at),
    )
