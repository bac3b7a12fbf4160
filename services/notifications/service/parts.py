"""What every group of handlers of this service has at hand."""

from services.notifications.domain.crossing import Reach
from services.notifications.domain.inbox import Positions
from services.notifications.repositories import (
    INDEXES,
    CrowdMemory,
    Place,
    Repositories,
)
from services.notifications.service.posting import Poster
from services.notifications.service.telling import Teller
from shared.contracts.calls.call import Call, Caller, check_is_member
from shared.contracts.notifications import WebhookActed
from shared.contracts.vocabulary import Role, Visibility
from shared.errors import NotAllowed, NotFound
from shared.wiring.acts import Act
from shared.wiring.nudges import Nudges, NudgeSender
from shared.wiring.store import Store, StoreProvider, Work, now


def record(work: Work, act: Act) -> None:
    """Tell the audit log, which membership keeps, in the transaction of the act itself."""
    work.tell(WebhookActed(**act._asdict()))


class Parts:
    """The database, and the road to the open streams."""

    store: Store = StoreProvider(INDEXES, record)
    nudges: Nudges = NudgeSender()
    crowd_memory = CrowdMemory()
    positions = Positions()

    @property
    def repositories(self) -> Repositories:
        return Repositories(self.store, self.crowd_memory)

    def reach(self, caller: Caller) -> Reach | None:
        """How far a partner's system sees that calls, None when a person does."""
        if caller.client is None or caller.organisation is None:
            return None
        return self.repositories.grants.reach(caller.organisation, now())

    @property
    def teller(self) -> Teller:
        return Teller(self.repositories, self.nudges, self.positions)

    @property
    def poster(self) -> Poster:
        return Poster(self.repositories)


def member_of(call: Call) -> str:
    """The member who asks; only members have inboxes and levels. Raises as `check_is_member` does."""
    return check_is_member(call.caller)


def community_of(repositories: Repositories, thread: str) -> str | None:
    """Where a thread is; None when nothing of it has been heard."""
    return repositories.ties.community_of(thread) or repositories.deeds.community_of(thread)


def sees(repositories: Repositories, place: Place, thread: str) -> bool:
    """Whether a thread of the community is to be seen from that place in it: by a guest when shared with them."""
    if place.standing.role is not Role.GUEST:
        return True
    tie = repositories.ties.get(thread, place.member)
    return tie is not None and tie.shared


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
