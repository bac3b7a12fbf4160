"""What membership may be asked about organisations."""

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Id, Line, Sector


class NewOrganisation(Body):
    """An organisation whose people take part."""

    name: Line
    sector: Sector
    geography: Line = Field(description="Where it works, such as `Wales` or `Nottingham`.")
    home_node: Line | None = Field(None, description="The address of its own node; None when it is this one.")


class Organisation(Answer):
    organisation: Id
    name: str
    sector: Sector
    geography: str
    home_node: str | None
    revision: int


class RegisterOrganisation(MembershipCall):
    """By the operator. `id` fixes the organisation's id so that a repeated import finds it again."""

    answer = Organisation
    audited = True
    new: NewOrganisation
    id: Id | None = None


class GetOrganisation(MembershipCall):
    answer = Organisation
    organisation: Id


class ListOrganisations(MembershipListing):
    answer = Page[Organisation]
