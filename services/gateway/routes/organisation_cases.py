"""Cases about what an organisation's members wrote, as the organisation's own system sees them."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import OrganisationCasePath, OrganisationPath, PageQuery
from shared.contracts.calls.discussion import (
    DecideForMember,
    GetOrganisationCase,
    ListOrganisationCases,
    NewMemberDecision,
)

organisation_cases = Resource(
    "organisation cases", "Cases about what an organisation's members wrote, in every community."
)


@organisation_cases.reads("/organisations/<organisation>/cases", ListOrganisationCases, scope="cases:read")
def list_organisation_cases(asked: Asked, path: OrganisationPath, query: PageQuery) -> ListOrganisationCases:
    """List the cases about what an organisation's members wrote, newest first.

    By the organisation's client, acting for itself. Who reported is in none of them.
    """
    return ListOrganisationCases(
        caller=asked.caller, organisation=path.organisation, after=query.after, limit=query.limit
    )


@organisation_cases.reads(
    "/organisations/<organisation>/cases/<case>", GetOrganisationCase, scope="cases:read"
)
def get_organisation_case(asked: Asked, path: OrganisationCasePath) -> GetOrganisationCase:
    """Read such a case, with what the post says.

    By the organisation's client, acting for itself.
    """
    return GetOrganisationCase(caller=asked.caller, organisation=path.organisation, case=path.case)


@organisation_cases.changes(
    "PUT",
    "/organisations/<organisation>/cases/<case>/decision",
    DecideForMember,
    scope="cases:decide",
    example={"outcome": "word", "reason": "Your manager will talk about it with you."},
)
def decide_for_member(asked: Asked, path: OrganisationCasePath, body: NewMemberDecision) -> DecideForMember:
    """Decide what the organisation does about it, once: nothing, a word with its member, or passed on.

    By the organisation's client, acting for itself. What becomes of the post is the community's.
    """
    return DecideForMember(
        caller=asked.caller,
        once=asked.once,
        organisation=path.organisation,
        case=path.case,
        decision=body,
        revision=asked.revision,
    )
