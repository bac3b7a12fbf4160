"""What every group of handlers of this service has at hand."""

from services.notifications.domain.inbox import Positions
from services.notifications.repositories import (
    INDEXES,
    CrowdMemory,
    Place,
    Repositories,
)
from services.notifications.service.posting import Poster
from services.notifications.service.telling import Teller
from shared.contracts.calls.call import Call
from shared.contracts.vocabulary import Visibility
from shared.errors import NotAllowed, NotFound
from shared.wiring.nudges import Nudges, NudgeSender
from shared.wiring.store import Store, StoreProvider


class Parts:
    """The database, and the road to the open streams."""

    store: Store = StoreProvider(INDEXES)
    nudges: Nudges = NudgeSender()
    crowd_memory = CrowdMemory()
    positions = Positions()

    @property
    def repositories(self) -> Repositories:
        return Repositories(self.store, self.crowd_memory)

    @property
    def teller(self) -> Teller:
        return Teller(self.repositories, self.nudges, self.positions)

    @property
    def poster(self) -> Poster:
        return Poster(self.repositories)


def member_of(call: Call) -> str:
    """The member who asks.

    Raises:
        NotAllowed: a client asks for itself; only members have inboxes.
    """
    if call.caller.member is None:
        raise NotAllowed("Inboxes and levels belong to members: ask for one, with an access token of theirs.")
    return call.caller.member


def place_of(repositories: Repositories, community: str, member: str) -> Place:
    """The member's place in a community they are in.

    Raises:
        NotAllowed: they may know of the community but are not in it.
        NotFound: there is none, or they may not know of it.
    """
    place = repositories.places.get(community, member)
    if place is not None and place.is_in:
        return place
    known = repositories.communities.get(community)
    if known is not None and known.visibility is not Visibility.CLOSED:
        raise NotAllowed("Join this community first.", where="community", community=community)
    raise NotFound("There is no such community.", where="community", community=community)
