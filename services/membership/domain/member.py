"""A member: a person with a profession, who belongs to an organisation or has left it."""

from collections.abc import Iterable
from datetime import datetime

from services.membership.domain.former_address import FormerAddress
from services.membership.domain.home import Home, Sponsorship
from services.membership.domain.state import State
from shared.contracts import former
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.membership import MemberChanged
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, NotAllowed, NotFound

MOST_COMMUNITIES = 500


class Member(State):
    """A member as they stand.

    Args:
        email: kept to match invitations, and never shown to others; None when unknown.
        former_addresses: those that they had before, by which what was sent to them there is found.
        external_id: how their organisation's directory calls them; known to nobody else.
        organisation: None once they have left it.
        since: when they came to it; None where it is not known.
        homes: where they were at home before.
        became: the member that this account was made one with, when they moved to its organisation.
        sponsorship: of an outsider, who is at home nowhere: until when they stay, and who answers for them.
        active: False once they have left; such a member can do nothing any more.
        communities: how many communities they are in; kept by the store with every coming and going.
        moves: grows with every coming, going and token issued; kept likewise, so that who leaves
            everything misses nothing.
        erased: they were forgotten: the id stands for nobody, for ever.
    """

    name: str
    handle: str
    profession: str
    interests: tuple[str, ...] = ()
    email: str | None = None
    former_addresses: tuple[FormerAddress, ...] = ()
    external_id: str | None = None
    organisation: str | None
    since: datetime | None = None
    homes: tuple[Home, ...] = ()
    became: str | None = None
    sponsorship: Sponsorship | None = None
    active: bool = True
    communities: int = 0
    moves: int = 0
    erased: bool = False

    @property
    def guest_of(self) -> str | None:
        """Whose guest an outsider is, or was; None for everybody else."""
        return self.sponsorship.organisation if self.sponsorship else None

    def is_here(self, at: datetime) -> bool:
        """Whether they may do anything: they have not left, and an outsider's stay is not over."""
        return self.active and (self.sponsorship is None or at < self.sponsorship.ends_at)

    def until(self, moment: datetime) -> datetime:
        """When something of theirs ends that would end at that moment: no later than they do."""
        return moment if self.sponsorship is None else min(moment, self.sponsorship.ends_at)

    def shown(self, organisation_name: str | None) -> calls.Member:
        """The member as others may see them: without their e-mail address."""
        return calls.Member(
            member=self.id,
            name=self.name,
            handle=self.handle,
            profession=self.profession,
            interests=self.interests,
            organisation=self.organisation,
            organisation_name=organisation_name,
            guest_of=self.guest_of,
            active=self.active,
            revision=self.revision,
        )


def no_such_member() -> NotFound:
    """The one refusal for a member who isn't there and for one whom the caller may not know of."""
    return NotFound("There is no such member, or you may not know of them.", where="member")


def register(
    id: str, organisation: str, new: calls.NewMember, at: datetime | None = None
) -> tuple[Member, MemberChanged]:
    """Make a member of what was sent; returns them with the fact that tells of them.

    Args:
        at: when they came to the organisation; None where it is not known.
    """
    if new.handle.startswith(former.PREFIX):  # so are those called who were erased, and nobody else
        raise handle_taken()
    member = Member(
        id=id,
        name=new.name,
        handle=new.handle,
        profession=new.profession,
        interests=new.interests,
        email=new.email,
        external_id=new.external_id,
        organisation=organisation,
        since=at,
    )
    return member, told(member)


def change(member: Member, changes: calls.MemberChanges) -> tuple[Member, list[MemberChanged]]:
    """Apply what a member changes of their profile; nothing is told when nothing is different."""
    asked = {
        field: value
        for field in ("name", "profession", "interests")
        if (value := getattr(changes, field)) is not None and value != getattr(member, field)
    }
    if not asked:
        return member, []
    changed = member.model_copy(update={**asked, "revision": member.revision + 1})
    return changed, [told(changed)]


def leave(member: Member) -> tuple[Member, list[MemberChanged]]:
    """End a member's belonging to their organisation; nothing is told when it had ended already."""
    if not member.active:
        return member, []
    left = member.model_copy(
        update={"organisation": None, "active": False, "communities": 0, "revision": member.revision + 1}
    )
    return left, [told(left)]


def handle_taken() -> Conflict:
    """The refusal for a handle that is another member's."""
    return Conflict("This handle is taken; choose another.", "handle-taken", "handle")


def id_taken() -> Conflict:
    """The refusal for an id chosen by the operator that is another organisation's member's."""
    return Conflict("This id is a member's of another organisation.", "id-taken", "id")


def external_id_taken() -> Conflict:
    """The refusal for a name in the directory that is another member's."""
    return Conflict("The directory's name for them is another member's already.", "id-taken", "external_id")


def told(member: Member) -> MemberChanged:
    """The fact that tells a member as they now stand."""
    return MemberChanged(
        member=member.id,
        name=member.name,
        handle=member.handle,
        profession=member.profession,
        interests=member.interests,
        organisation=member.organisation,
        active=member.active,
        revision=member.revision,
        guest_of=member.guest_of,
    )


def is_known_without_sharing(caller: Caller, member: Member) -> bool:
    """Say whether the caller may know of a member whatever communities they share.

    So may the operator, the member, and everybody of their organisation.
    """
    if caller.operator or caller.member == member.id:
        return True
    return member.organisation is not None and caller.organisation == member.organisation


def is_known_by_sharing(places: Iterable[tuple[Role | None, Role | None]]) -> bool:
    """Say whether communities in which both are let the caller know of a member.

    Args:
        places: for each such community the caller's role and the member's; a guest knows its facilitators only.
    """
    return any(
        own is not None and theirs is not None and (own is not Role.GUEST or theirs is Role.FACILITATOR)
        for own, theirs in places
    )


def check_may_register(caller: Caller, organisation: str) -> None:
    """Refuse a registration by anybody but the operator and the organisation's own system.

    Raises:
        NotAllowed: when the caller is neither.
    """
    own_system = caller.client is not None and caller.member is None and caller.organisation == organisation
    if not (caller.operator or own_system):
        raise NotAllowed("Only the organisation's own system may register its people.", where="organisation")


def check_may_change(caller: Caller, member: Member) -> None:
    """Refuse a change of somebody else's profile; a member who has left has none to change.

    Raises:
        NotAllowed: when the caller is neither the member nor the operator.
        Conflict: `member-inactive`.
    """
    if not (caller.operator or check_is_member(caller) == member.id):
        raise NotAllowed("Only the member may change their profile.", where="member")
    if not member.active:
        raise Conflict("This member has left; there is no profile to change.", "member-inactive", "member")


def check_may_end(caller: Caller, member: Member) -> None:
    """Refuse that somebody else ends a member's belonging to their organisation.

    Raises:
        NotAllowed: when the caller is not the member, their organisation's system or the operator.
    """
    own_system = (
        caller.client is not None
        and caller.member is None
        and member.organisation is not None
        and caller.organisation == member.organisation
    )
    if not (caller.operator or caller.member == member.id or own_system):
        raise NotAllowed(
            "Only the member, their organisation's own system or the operator may do this.", where="member"
        )


def check_may_take_part(member: Member | None) -> Member:
    """Refuse somebody who has left, or was never here, to enter a community; returns the member otherwise.

    Raises:
        NotAllowed: `member-inactive`.
    """
    if member is None or not member.active:
        raise NotAllowed("Only a member of a taking-part organisation may do this.", "member-inactive")
    return member


def check_has_room(member: Member) -> None:
    """Refuse one community too many, so that leaving them all always fits one transaction.

    Raises:
        Conflict: `too-many-communities`.
    """
    if member.communities >= MOST_COMMUNITIES:
        raise Conflict(
            f"A member may be in {MOST_COMMUNITIES} communities; leave one before you join another.",
            "too-many-communities",
        )
