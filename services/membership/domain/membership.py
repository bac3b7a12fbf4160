"""A membership: a member's place in a community, which keeps its id and its history of revisions when it ends."""

from datetime import datetime

from services.membership.domain.community import Community
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.contracts.membership import MembershipChanged
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotAllowed, NotFound


class Membership(State):
    """A place as it stands.

    Args:
        id: `<community>:<member>`.
        role: None once they are out; the place stays, so that coming back is the next revision of it.
        since: when the present role began, or they went.
        reason: what a facilitator who ended it wanted the member to know.
    """

    community: str
    member: str
    role: Role | None
    since: datetime
    reason: str | None = None

    def shown(
        self, member: Member, organisation_name: str | None, guest_of_name: str | None = None
    ) -> calls.Membership:
        """The place with what others in the community may see of the member; only while there is a role."""
        if self.role is None:
            raise ValueError("a place without a role is shown to nobody")
        return calls.Membership(
            community=self.community,
            member=self.member,
            name=member.name,
            handle=member.handle,
            profession=member.profession,
            organisation=member.organisation,
            organisation_name=organisation_name,
            guest_of_name=guest_of_name,
            role=self.role,
            since=self.since,
            revision=self.revision,
        )


def place_id(community: str, member: str) -> str:
    """The one id that a member's place in a community ever has."""
    return f"{community}:{member}"


def role_of(place: Membership | None) -> Role | None:
    """The role held in a place, None for one that was never taken or was left."""
    return None if place is None else place.role


def place(
    was: Membership | None, community: str, member: str, role: Role, at: datetime
) -> tuple[Membership, MembershipChanged]:
    """Put a member into a community with a role, for the first time, again, or with another role than before."""
    now = Membership(
        id=place_id(community, member),
        community=community,
        member=member,
        role=role,
        since=at,
        revision=1 if was is None else was.revision + 1,
    )
    return now, told(now)


def end(was: Membership, at: datetime, reason: str | None = None) -> tuple[Membership, MembershipChanged]:
    """Take a member out of a community."""
    now = was.model_copy(update={"role": None, "since": at, "reason": reason, "revision": was.revision + 1})
    return now, told(now)


def told(membership: Membership) -> MembershipChanged:
    """The fact that tells a place as it now stands."""
    return MembershipChanged(
        membership=membership.id,
        community=membership.community,
        member=membership.member,
        role=membership.role,
        since=membership.since,
        reason=membership.reason,
        revision=membership.revision,
    )


def counted(was: Role | None, now: Role | None) -> tuple[int, int]:
    """How a change of role changes the community's two counts: of its people and of its facilitators."""
    people = (now is not None) - (was is not None)
    facilitators = (now is Role.FACILITATOR) - (was is Role.FACILITATOR)
    return people, facilitators


def no_such_membership() -> NotFound:
    """The refusal for a member who is not in the community."""
    return NotFound("This member is not in this community.", where="member")


def check_in(role: Role | None) -> None:
    """Refuse somebody who is not in the community what only those in it may do.

    Raises:
        NotAllowed: `not-in-community`.
    """
    if role is None:
        raise NotAllowed("Only those in this community may do this; join it first.", "not-in-community")


def check_facilitates(role: Role | None) -> None:
    """Refuse anybody but a facilitator.

    Raises:
        NotAllowed: `facilitators-only`.
    """
    if role is not Role.FACILITATOR:
        raise NotAllowed("Only a facilitator of this community may do this.", "facilitators-only")


def check_governs(caller: Caller, role: Role | None) -> None:
    """Refuse anybody but a facilitator, or the operator, who must be able to help a community without one.

    Raises:
        NotAllowed: `facilitators-only`.
    """
    if not caller.operator:
        check_facilitates(role)


def check_not_in(role: Role | None, coming_as: Role = Role.MEMBER) -> None:
    """Refuse to let in somebody who is in already; a guest may still become more.

    A guest who became a guest anew would lose what was shared with them in the stay they have.

    Raises:
        Conflict: `already-in`.
    """
    if role is not None and (role is not Role.GUEST or coming_as is Role.GUEST):
        raise Conflict("You are in this community already.", "already-in", "community")


def check_role_can_be_given(role: Role) -> None:
    """Refuse to make a guest of somebody who is in: a guest is made by invitation only.

    Raises:
        Invalid: `guest-by-invitation`.
    """
    if role is Role.GUEST:
        raise Invalid("A guest comes by invitation only; invite them as one.", "guest-by-invitation", "role")


def check_not_last_facilitator(community: Community, was: Role | None, now: Role | None) -> None:
    """Refuse that a community loses its last facilitator by a change of role.

    Leaving one's organisation is not refused for this: then the community has none until the operator
    names one.

    Raises:
        Conflict: `last-facilitator`.
    """
    _, facilitators = counted(was, now)
    if facilitators < 0 and community.facilitators <= 1:
        raise Conflict(
            "This is the community's last facilitator; make somebody else a facilitator first.",
            "last-facilitator",
            "role",
        )
