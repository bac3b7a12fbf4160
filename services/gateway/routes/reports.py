"""Reports: saying that something is wrong with a post, and seeing what became of it."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, PageQuery, PostPath, ReportPath
from shared.contracts.calls.discussion import (
    AppealReport,
    GetReport,
    ListReports,
    NewAppeal,
    NewReport,
    ReportPost,
)

reports = Resource(
    "reports", "What members report of posts, for those who decide and nobody else.", names_callers=False
)


@reports.creates(
    "/posts/<post>/reports",
    ReportPost,
    scope="threads:write",
    at="/v1/reports/{report}",
    example={"reason": "unsafe advice", "note": "That dose is ten times what is safe."},
)
def report_post(asked: Asked, path: PostPath, body: NewReport) -> ReportPost:
    """Report a post.

    Only those who decide learn by whom. Who reports again what a post says gets the same report.
    """
    return ReportPost(caller=asked.caller, once=asked.once, post=path.post, new=body)


@reports.reads("/reports/<report>", GetReport, scope="threads:read")
def get_report(asked: Asked, path: ReportPath) -> GetReport:
    """Read one's own report, and what became of it."""
    return GetReport(caller=asked.caller, report=path.report)


@reports.reads("/communities/<community>/reports", ListReports, scope="threads:read")
def list_reports(asked: Asked, path: CommunityPath, query: PageQuery) -> ListReports:
    """List one's own reports in a community, newest first."""
    return ListReports(caller=asked.caller, community=path.community, after=query.after, limit=query.limit)


@reports.creates(
    "/reports/<report>/appeal",
    AppealReport,
    scope="threads:write",
    example={"reason": "Somebody could be harmed by it."},
)
def appeal_report(asked: Asked, path: ReportPath, body: NewAppeal) -> AppealReport:
    """Appeal against the decision to keep a post that one has reported.

    Once for each case, within thirty days; somebody else decides.
    """
    return AppealReport(caller=asked.caller, once=asked.once, report=path.report, new=body)
