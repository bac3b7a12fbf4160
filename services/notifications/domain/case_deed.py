"""The deeds of moderation: none of them shows a name, nor what a post says."""

from services.notifications.domain.deed import Deed
from shared.contracts import discussion
from shared.contracts.vocabulary import NotificationKind


def case_link(case: str) -> str:
    """Where a case is read, by those who may."""
    return f"/v1/cases/{case}"


WAITING = {
    "reported": (NotificationKind.POST_REPORTED, "A post was reported"),
    "appealed": (NotificationKind.APPEAL_MADE, "A decision was appealed"),
    "long": (NotificationKind.CASE_WAITS, "A case waits for a decision"),
}


def waits(fact: discussion.CaseWaits) -> Deed:
    """What those who decide are told of a case that waits."""
    kind, title = WAITING[fact.why]
    # With its moment: a case that was appealed may wait for long a second time.
    thing = f"case-waits.{fact.case}.{fact.why}-{fact.at:%Y%m%dt%H%M%S%f}"
    return Deed(
        id=thing,
        thing=thing,
        kind=kind,
        community=fact.community,
        title=title,
        link=case_link(fact.case),
        by=None,
        by_name=None,
        at=fact.at,
        parties=fact.parties,
    )


def decided(fact: discussion.CaseDecided) -> Deed:
    """What the author is told."""
    thing = f"case-decided.{fact.case}.{fact.step}"
    return Deed(
        id=thing,
        thing=thing,
        kind=NotificationKind.CASE_DECIDED,
        community=fact.community,
        title="Something was decided about your post",
        link=case_link(fact.case),
        by=None,
        by_name=None,
        at=fact.at,
        subject=fact.author,
    )


def report_decided(fact: discussion.ReportDecided) -> Deed:
    """What who reported is told."""
    thing = f"report-decided.{fact.report}.{fact.step}"
    return Deed(
        id=thing,
        thing=thing,
        kind=NotificationKind.REPORT_DECIDED,
        community=fact.community,
        title="Something was decided about a post that you reported",
        link=f"/v1/reports/{fact.report}",
        by=None,
        by_name=None,
        at=fact.at,
        subject=fact.reporter,
    )
