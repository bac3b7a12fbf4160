"""Bringing in the people of an archive: who is new, and whose place is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from services.membership.domain import member as members
from services.membership.domain import membership as memberships
from services.membership.domain.member import Member
from services.membership.domain.membership import Membership, place_id
from shared.contracts.calls.membership import ImportedMember
from shared.contracts.membership import MembershipFact
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, Invalid


class Arrivals(NamedTuple):
    """What an import changes: people not known before, places not taken before, and the facts that tell of both."""

    people: list[Member]
    places: list[Membership]
    facts: list[MembershipFact]


def check_people(people: Collection[ImportedMember], organisations: Collection[str]) -> None:
    """Refuse an import that names an organisation that isn't there, or one person or handle twice.

    Args:
        organisations: those that are there.

    Raises:
        Invalid: with the place in the list as `where`.
    """
    ids: set[str] = set()
    handles: set[str] = set()
    for position, person in enumerate(people):
        where = f"members.{position}"
        if person.organisation not in organisations:
            raise Invalid(
                "This organisation isn't registered; register it first.", where=f"{where}.organisation"
            )
        if person.id in ids:
            raise Invalid("This member is in the list twice.", where=f"{where}.id")
        if person.new.handle in handles:
            raise Invalid("This handle is in the list twice.", where=f"{where}.new.handle")
        ids.add(person.id)
        handles.add(person.new.handle)


def bring_in(
    people: Collection[ImportedMember],
    community: str,
    since: datetime,
    known: Mapping[str, Member],
    taken: Collection[str],
    handles: Mapping[str, str],
) -> Arrivals:
    """Work out what is new in a list of people; nothing is, when the list is brought in again.

    Whoever has left the community, or their organisation, is not brought back.

    Args:
        known: members who are here already, by id.
        taken: ids of the places in the community that exist, of those who left too.
        handles: whose the handles in the list are, by handle, as far as they are taken.

    Raises:
        Conflict: `handle-taken`, when a new member's handle is another's.
    """
    arrivals = Arrivals([], [], [])
    for position, person in enumerate(people):
        member = known.get(person.id)
        if member is None:
            if handles.get(person.new.handle, person.id) != person.id:
                raise Conflict(
                    "This handle is taken; choose another.", "handle-taken", f"members.{position}.new.handle"
                )
            member, fact = members.register(person.id, person.organisation, person.new)
            arrivals.people.append(member)
            arrivals.facts.append(fact)
        if member.active and place_id(community, member.id) not in taken:
            place, told = memberships.place(None, community, member.id, Role.MEMBER, person.since or since)
            arrivals.places.append(place)
            arrivals.facts.append(told)
    return arrivals
