"""Who may see what, and who may say what: every rule about it, and no rule about it elsewhere.

Communities that are open or restricted are read by every active member of an organisation; a closed
one by its members. Guests see the threads shared with them and nothing else. What a caller may not
know of is refused exactly like what does not exist.
"""

from pydantic import BaseModel, ConfigDict

from shared.contracts.calls.call import Caller
from shared.contracts.vocabulary import Role, Stage, Visibility
from shared.errors import NOWHERE, Conflict, NotAllowed, NotFound


class Known(BaseModel):
    """Something another service told us; only what we need of it."""

    model_config = ConfigDict(frozen=True)


class Community(Known):
    """A community as last told."""

    id: str
    visibility: Visibility
    stage: Stage


class Member(Known):
    """A member as last told; `organisation` is None once they have left theirs."""

    id: str
    name: str
    profession: str
    organisation: str | None
    active: bool


class Standing(Known):
    """Where the caller stands towards one community.

    Args:
        caller: who asks; None for a client that acts for no member.
        at_home: whether they are an active member of an organisation.
        member: the caller as told by membership; None while that has not been heard.
        community: the community; None when there is none, or it has not been heard of.
        role: the caller's role in it; None when they are not in it.
        asked_for: the community's id as asked for, known or not.
    """

    caller: str | None
    at_home: bool
    member: Member | None
    community: Community | None
    role: Role | None
    asked_for: str

    @property
    def reads_all(self) -> bool:
        """Whether every thread of the community is theirs to read."""
        if self.community is None or not self.at_home or self.role is Role.GUEST:
            return False
        return self.role is not None or self.community.visibility is not Visibility.CLOSED

    def reads(self, guests: tuple[str, ...]) -> bool:
        """Whether a thread shared with these `guests` is theirs to read."""
        if self.reads_all:
            return True
        is_guest = self.community is not None and self.at_home and self.role is Role.GUEST
        return is_guest and self.caller in guests


def check_is_member(caller: Caller) -> str:
    """The member who asks or is acted for; a client or operator for nobody sees nothing here."""
    if caller.member is None:
        raise NotAllowed("This is done by a member; say for which member you act.", "member-needed")
    return caller.member


def no_such_thread(community: str = NOWHERE) -> NotFound:
    """The one refusal for a thread that is not there and for one that may not be known of."""
    return NotFound("There is no such thread.", where="thread", community=community)


def no_such_post(community: str = NOWHERE) -> NotFound:
    """The one refusal for a post that is not there and for one that may not be known of."""
    return NotFound("There is no such post.", where="post", community=community)


def check_knows_community(standing: Standing) -> None:
    """Refuse a community that is not there or may not be known of; a guest knows of theirs."""
    knows = standing.reads_all or (
        standing.community is not None and standing.at_home and standing.role is Role.GUEST
    )
    if not knows:
        raise NotFound("There is no such community.", where="community", community=standing.asked_for)


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
