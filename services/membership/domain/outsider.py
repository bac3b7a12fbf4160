"""A sponsored outsider: a person of no organisation here, for whom a member of one answers, until a day.

They are a member like others in the communities that are named, and know of no other. Their sponsor is asked
before the end whether they stay; without a word from anybody they are out of everything when it comes.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from services.membership.domain import member as members
from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.membership import MemberChanged
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid, NotAllowed, NotFound

ASKED_BEFORE = (timedelta(days=30), timedelta(days=7))
"""How long before the end the sponsor is asked."""
WITHOUT_SPONSOR = timedelta(days=14)
"""How long an outsider stays at most whose sponsor has gone, unless somebody takes over."""
Due = Literal["ask", "end", "sponsor gone", "nothing"]


def no_such_outsider() -> NotFound:
    """The one refusal for an outsider who isn't there, has gone, or is for others to answer for."""
    return NotFound("You answer for no such person.", where="member")


def not_as_outsider() -> NotAllowed:
    """The refusal for what only members of an organisation do."""
    return NotAllowed(
        "You are here as a guest of an organisation, in the communities that were named; ask your sponsor.",
        "outsider",
    )


def check_is_no_outsider(caller: Caller) -> None:
    """Refuse an outsider.

    Raises:
        NotAllowed: `outsider`.
    """
    if caller.is_outsider:
        raise not_as_outsider()


def check_is_person(caller: Caller) -> str:
    """Refuse a system, also one that acts for a member; returns the member's id.

    Raises:
        NotAllowed: `persons-only`, `member-needed`.
    """
    member = check_is_member(caller)
    if caller.client is not None:
        raise NotAllowed("A person answers for an outsider, and no system does.", "persons-only")
    return member


def check_may_be(member: Member, role: Role) -> None:
    """Refuse to make a facilitator of an outsider, who may be gone any day and speaks for nobody.

    Raises:
        NotAllowed: `outsider`.
    """
    if member.sponsorship is not None and role is Role.FACILITATOR:
        raise NotAllowed("An outsider facilitates no community.", "outsider", "role")


def check_new(new: calls.NewOutsider, *, domain_signs_in: bool, asked_today: int, most: int) -> None:
    """Refuse to invite whom one can't.

    Args:
        domain_signs_in: whether people with such addresses sign in at an organisation's own provider.
        asked_today: how many the sponsor has invited in a day.

    Raises:
        Invalid: the role.
        Conflict: `has-a-home`, `too-many-outsiders`.
    """
    if new.role not in (Role.MEMBER, Role.GUEST):
        raise Invalid("An outsider is a member or a guest of a community.", where="role")
    if domain_signs_in:
        raise Conflict(
            "People with addresses like this one sign in at their own organisation; invite them from there.",
            "has-a-home",
            "email",
        )
    if asked_today >= most:
        raise Conflict(f"You have invited {most} people in a day; go on tomorrow.", "too-many-outsiders")


def next_at(ends_at: datetime, at: datetime) -> datetime:
    """When there is next something to do about a stay that ends then."""
    asked = [ends_at - before for before in ASKED_BEFORE]
    return min(moment for moment in (*asked, ends_at) if moment > at or moment == ends_at)


def sponsor(
    sponsor: Member, organisation: str, door: str, days: int, since: datetime, at: datetime
) -> Sponsorship:
    """Answer for an outsider for so many days from now."""
    ends_at = at + timedelta(days=days)
    return Sponsorship(
        sponsor=sponsor.id,
        organisation=organisation,
        door=door,
        days=days,
        since=since,
        ends_at=ends_at,
        next_at=next_at(ends_at, at),
    )


def come(
    id: str, handle: str, new: calls.NewOutsider, sponsorship: Sponsorship
) -> tuple[Member, MemberChanged]:
    """Make a member of somebody who was invited."""
    member = Member(
        id=id,
        name=new.name,
        handle=handle,
        profession=new.profession,
        email=new.email,
        organisation=None,
        sponsorship=sponsorship,
    )
    return member, members.told(member)


def check_answers_for(
    caller: Member, outsider: Member | None, facilitates: bool, at: datetime
) -> tuple[Member, Sponsorship]:
    """Refuse whoever does not answer for an outsider; returns them, and for how long they stay.

    Args:
        facilitates: whether the caller facilitates a community that the outsider is in.

    Raises:
        NotFound: the same for whoever isn't there.
    """
    if outsider is None or outsider.sponsorship is None or not outsider.is_here(at):
        raise no_such_outsider()
    stay = outsider.sponsorship
    if caller.organisation != stay.organisation or not (facilitates or stay.sponsor == caller.id):
        raise no_such_outsider()
    return outsider, stay


def confirm(outsider: Member, stay: Sponsorship, by: Member, at: datetime) -> Member:
    """Let an outsider stay for as long again; whoever does it answers for them."""
    return _changed(outsider, sponsor(by, stay.organisation, stay.door, stay.days, stay.since, at))


def what_is_due(outsider: Member, sponsor: Member | None, at: datetime) -> Due:
    """What time, or the sponsor's going, has made due."""
    stay = outsider.sponsorship
    if stay is None or not outsider.active:
        return "nothing"
    if at >= stay.ends_at:
        return "end"
    is_there = sponsor is not None and sponsor.active and sponsor.organisation == stay.organisation
    if not is_there:
        return "nothing" if stay.sponsor is None else "sponsor gone"
    return "ask" if any(at >= stay.ends_at - before for before in ASKED_BEFORE) else "nothing"


def go_on(outsider: Member, stay: Sponsorship, at: datetime) -> Member:
    """Nothing more to do until the next time."""
    return _changed(outsider, stay.model_copy(update={"next_at": next_at(stay.ends_at, at)}))


def lose_sponsor(outsider: Member, stay: Sponsorship, at: datetime) -> Member:
    """Stay two weeks more at most, unless somebody takes over."""
    ends_at = min(stay.ends_at, at + WITHOUT_SPONSOR)
    return _changed(
        outsider, stay.model_copy(update={"sponsor": None, "ends_at": ends_at, "next_at": ends_at})
    )


def successors(people: Iterable[Member], stay: Sponsorship) -> list[Member]:
    """Who is asked to take over, of those who facilitate a community that the outsider is in; five at most."""
    found = {
        person.id: person
        for person in people
        if person.active and person.organisation == stay.organisation and person.email
    }
    return [found[id] for id in sorted(found)][:5]


def shown(outsider: Member, stay: Sponsorship, organisation_name: str | None) -> calls.Outsider:
    """An outsider as those who answer for them see them."""
    return calls.Outsider(
        member=outsider.id,
        name=outsider.name,
        profession=outsider.profession,
        guest_of=stay.organisation,
        guest_of_name=organisation_name,
        sponsor=stay.sponsor,
        since=stay.since,
        ends_at=stay.ends_at,
    )


def _changed(outsider: Member, stay: Sponsorship) -> Member:
    return outsider.model_copy(update={"sponsorship": stay, "revision": outsider.revision + 1})
