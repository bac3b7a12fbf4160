"""An organisation: where a member works or studies."""

from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.membership import OrganisationChanged
from shared.contracts.vocabulary import Sector
from shared.errors import NotFound


class Organisation(State):
    """An organisation as it stands; `home_node` is None when its node is this one."""

    name: str
    sector: Sector
    geography: str
    home_node: str | None = None

    def shown(self) -> calls.Organisation:
        """The organisation as anybody who may call may see it."""
        return calls.Organisation(
            organisation=self.id,
            name=self.name,
            sector=self.sector,
            geography=self.geography,
            home_node=self.home_node,
            revision=self.revision,
        )


def no_such_organisation() -> NotFound:
    """The refusal for an organisation that isn't there."""
    return NotFound("There is no such organisation.", where="organisation")


def register(id: str, new: calls.NewOrganisation) -> tuple[Organisation, OrganisationChanged]:
    """Make an organisation of what was sent; returns it with the fact that tells of it."""
    organisation = Organisation(
        id=id, name=new.name, sector=new.sector, geography=new.geography, home_node=new.home_node
    )
    return organisation, told(organisation)


def told(organisation: Organisation) -> OrganisationChanged:
    """The fact that tells an organisation as it now stands."""
    return OrganisationChanged(
        organisation=organisation.id,
        name=organisation.name,
        sector=organisation.sector,
        geography=organisation.geography,
        revision=organisation.revision,
    )
