"""Who may see what, and who may say what: every rule about it, and no rule about it elsewhere.

Communities that are open or restricted are read by every active member of an organisation; a closed
one by its members. Guests see the threads shared with them and nothing else. What a caller may not
know of is refused exactly like what does not exist.
"""

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.crossing import Reach
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import NOWHERE, Conflict, NotAllowed, NotFound, Unavailable


class Known(BaseModel):
    """Something another service told us; only what we need of it."""

    model_config = ConfigDict(frozen=True)


class Community(Known):
    """A community as last told."""

    id: str
    visibility: Visibility
    stage: Stage


class Member(Known):
    """A member as last told; `organisation` is None once they have left theirs, and for a guest of `guest_of`."""

    id: str
    name: str
    profession: str
    organisation: str | None
    active: bool
    guest_of: str | None = None


class Place(Known):
    """A member's present place in a community.

    Args:
        role: their role in it.
        stay: names this stay of theirs. Whoever leaves and comes back has another, so that what was
            shared with a guest does not outlive the stay it was shared in.
    """

    role: Role
    stay: str


class Standing(Known):
    """Where the caller stands towards one community.

    Args:
        caller: who asks; None for a client that acts for no member.
        at_home: whether they are an active member of an organisation, or an outsider who is here as its guest.
        knows_only_theirs: whether they are an outsider, who knows of no community but those they are in.
        member: the caller as told by membership; None while that has not been heard.
        community: the community; None when there is none, or it has not been heard of.
        place: the caller's place in it; None when they are not in it.
        asked_for: the community's id as asked for, known or not.
        home: the organisation that the gateway found them at; None when it did not say.
        reach: how far a partner's system sees; None for a person, who sees what their place lets them.
    """

    caller: str | None
    at_home: bool
    member: Member | None
    community: Community | None
    place: Place | None
    asked_for: str
    home: str | None = None
    knows_only_theirs: bool = False
    reach: Reach | None = None

    @property
    def role(self) -> Role | None:
        """The caller's role in the community."""
        return self.place.role if self.place else None

    @property
    def reads_all(self) -> bool:
        """Whether every thread of the community is theirs to read."""
        if self.community is None or not self.at_home or self.role is Role.GUEST:
            return False
        if self.role is not None:
            return True
        return self.community.visibility is not Visibility.CLOSED and not self.knows_only_theirs

    @property
    def guest_stay(self) -> str | None:
        """Their present stay when they are a guest here, and None for everybody else."""
        is_guest = self.community is not None and self.at_home and self.role is Role.GUEST
        return self.place.stay if self.place and is_guest else None

    def reads(self, guests: tuple[str, ...]) -> bool:
        """Whether a thread shared in these stays of `guests` is theirs to read."""
        return self.reads_all or self.guest_stay in guests


def stay_of(membership: str, revision: int) -> str:
    """The name of the stay that began with this revision of a membership; no other community has the same."""
    return f"{membership}:{revision}"


def is_same_guest(stay: str, other: str) -> bool:
    """Whether two stays are of one member in one community."""
    return stay.rpartition(":")[0] == other.rpartition(":")[0]


def no_such_thread(community: str = NOWHERE) -> NotFound:
    """The one refusal for a thread that is not there and for one that may not be known of."""
    return NotFound("There is no such thread.", where="thread", community=community)


def no_such_post(community: str = NOWHERE) -> NotFound:
    """The one refusal for a post that is not there and for one that may not be known of."""
    return NotFound("There is no such post.", where="post", community=community)


def check_knows_community(standing: Standing) -> str | None:
    """Refuse a community that is not there or may not be known of; a guest knows of theirs.

    Returns:
        None when every thread of it is the caller's to read; a guest's stay when only those are
        that were shared in it.
    """
    if not standing.reads_all and standing.guest_stay is None:
        raise NotFound("There is no such community.", where="community", community=standing.asked_for)
    return None if standing.reads_all else standing.guest_stay


def check_takes_part(standing: Standing) -> Member:
    """Refuse whoever is not in the community, and everybody once it is archived.

    The caller is known to see what they want to take part in.

    Returns:
        the caller as a member, by whose name others will see what they did.
    """
    if standing.role is None or standing.member is None:
        raise NotAllowed(
            "Only members of the community take part; join it first.",
            "not-a-member",
            community=standing.asked_for,
        )
    if standing.home is not None and standing.member.organisation != standing.home:
        raise Unavailable(
            "You have moved to another organisation, and it is not known everywhere yet; try again in a moment.",
            retry_after="1",
        )
    if standing.community is not None and standing.community.stage is Stage.ARCHIVED:
        raise Conflict(
            "The community is archived: it can be read, and nothing in it changes any more.",
            "community-archived",
            community=standing.asked_for,
        )
    return standing.member


def check_opens_threads(standing: Standing) -> Member:
    """Refuse whoever may not open a thread: a guest only answers where they were asked in."""
    check_knows_community(standing)
    member = check_takes_part(standing)
    check_is_no_guest(standing)
    return member


def check_is_no_guest(standing: Standing) -> None:
    """Refuse a guest what is for those who belong to the community."""
    if standing.role is Role.GUEST:
        raise NotAllowed(
            "A guest may read and answer what is shared with them, and nothing more.",
            "guest",
            community=standing.asked_for,
        )


def check_steers(standing: Standing, opened_by: str, *, roles: tuple[Role, ...]) -> Member:
    """Refuse whoever neither opened the thread nor has one of `roles`."""
    member = check_takes_part(standing)
    check_is_no_guest(standing)
    if standing.caller != opened_by and standing.role not in roles:
        allowed = " or ".join(f"a {role.value}" for role in roles)
        raise NotAllowed(
            f"Only the thread's author or {allowed} may do this.", "not-yours", community=standing.asked_for
        )
    return member
