"""Cases: deciding about posts that were reported, appealing, and the log of it."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CasePath, CommunityPath, PageQuery
from shared.contracts.calls.discussion import (
    AppealCase,
    DecideAppeal,
    DecideCase,
    GetCase,
    ListCases,
    ListModerationLog,
    NewAppeal,
    NewCaseDecision,
    NewRuling,
    WithholdPost,
)

cases = Resource("cases", "Posts that were reported, and what is decided about them.")


@cases.reads("/communities/<community>/cases", ListCases, scope="threads:read")
def list_cases(asked: Asked, path: CommunityPath, query: PageQuery) -> ListCases:
    """List the cases that wait in a community, longest wait first.

    For its facilitators.
    """
    return ListCases(caller=asked.caller, community=path.community, after=query.after, limit=query.limit)


@cases.reads("/cases/<case>", GetCase, scope="threads:read")
def get_case(asked: Asked, path: CasePath) -> GetCase:
    """Read a case.

    For those who decide; for the author, without reports, once it is decided or the post is withheld.
    """
    return GetCase(caller=asked.caller, case=path.case)


@cases.changes("PUT", "/cases/<case>/withholding", WithholdPost, scope="threads:write")
def withhold_post(asked: Asked, path: CasePath) -> WithholdPost:
    """Take the post out of everybody's sight until the case is decided."""
    return WithholdPost(caller=asked.caller, once=asked.once, case=path.case, revision=asked.revision)


@cases.changes(
    "PUT",
    "/cases/<case>/decision",
    DecideCase,
    scope="threads:write",
    example={"outcome": "mend", "reason": "Say where the dose comes from.", "ask_organisation": False},
)
def decide_case(asked: Asked, path: CasePath, body: NewCaseDecision) -> DecideCase:
    """Decide what becomes of the post: keep it, ask to mend it, lock its thread, or withdraw it.

    By a facilitator who neither wrote nor reported it.
    """
    return DecideCase(
        caller=asked.caller, once=asked.once, case=path.case, decision=body, revision=asked.revision
    )


@cases.creates(
    "/cases/<case>/appeal",
    AppealCase,
    scope="threads:write",
    example={"reason": "The dose is the one of the national guideline."},
)
def appeal_case(asked: Asked, path: CasePath, body: NewAppeal) -> AppealCase:
    """Appeal against what was decided about one's own post.

    Once for each case, within thirty days; somebody else decides.
    """
    return AppealCase(caller=asked.caller, once=asked.once, case=path.case, new=body)


@cases.changes(
    "PUT",
    "/cases/<case>/appeal/decision",
    DecideAppeal,
    scope="threads:write",
    example={"outcome": "keep", "reason": "It is the dose of the guideline."},
)
def decide_appeal(asked: Asked, path: CasePath, body: NewRuling) -> DecideAppeal:
    """Decide an appeal: uphold the decision, or let another outcome hold.

    By another facilitator than the one who decided. Nobody is worse off for having appealed.
    """
    return DecideAppeal(
        caller=asked.caller, once=asked.once, case=path.case, ruling=body, revision=asked.revision
    )


@cases.reads("/communities/<community>/moderation-log", ListModerationLog, scope="threads:read")
def list_moderation_log(asked: Asked, path: CommunityPath, query: PageQuery) -> ListModerationLog:
    """List what was decided in a community, newest first.

    For its members; without names and without what posts said.
    """
    return ListModerationLog(
        caller=asked.caller, community=path.community, after=query.after, limit=query.limit
    )
