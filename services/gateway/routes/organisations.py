"""Organisations: where members work, and how a partner's system enrols its own people."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import OrganisationPath, PageQuery
from shared.contracts.calls.membership import GetOrganisation, ListOrganisations, NewMember, RegisterMember

organisations = Resource("organisations", "Where members work or study.")


@organisations.reads("/organisations", ListOrganisations, scope="members:read")
def list_organisations(asked: Asked, query: PageQuery) -> ListOrganisations:
    """List the organisations of this node."""
    return ListOrganisations(caller=asked.caller, after=query.after, limit=query.limit)


@organisations.reads("/organisations/<organisation>", GetOrganisation, scope="members:read")
def get_organisation(asked: Asked, path: OrganisationPath) -> GetOrganisation:
    """Read an organisation."""
    return GetOrganisation(caller=asked.caller, organisation=path.organisation)


@organisations.creates(
    "/organisations/<organisation>/members",
    RegisterMember,
    scope="members:write",
    at="/v1/members/{member}",
    example={
        "name": "Carys Evans",
        "handle": "carys.evans",
        "profession": "Physiotherapist",
        "interests": ["falls prevention"],
        "email": "carys.evans@example.org",
    },
)
def register_member(asked: Asked, path: OrganisationPath, body: NewMember) -> RegisterMember:
    """Enrol a member.

    By the client of the organisation, for its own people.
    """
    return RegisterMember(caller=asked.caller, once=asked.once, organisation=path.organisation, new=body)
