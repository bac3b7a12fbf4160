"""An author as readers see them: by their present name, profession and organisation, as far as disclosed."""

from collections.abc import Mapping, Set

from services.discussion.domain.access import Member
from services.discussion.domain.crossing import EVERY_FIELD, Reach
from shared.contracts.calls.discussion import Author
from shared.contracts.vocabulary import MemberField

UNHEARD = "a member"
"""The name of an author of whom membership has told nothing yet, which only an import can show."""
SHOWN = (MemberField.NAME, MemberField.PROFESSION, MemberField.ORGANISATION)


def shown(
    author: str,
    members: Mapping[str, Member],
    organisations: Mapping[str, str],
    fields: Set[MemberField] = EVERY_FIELD,
) -> Author:
    """The author with id `author`.

    Args:
        members: by id; one who has left keeps their name.
        organisations: names by id.
        fields: what may be known of them; without their name, they have no id either.
    """
    member = members.get(author)
    named = MemberField.NAME in fields
    belongs_to = member.organisation if member else None
    return Author(
        member=author if named else None,
        name=(member.name if member else UNHEARD) if named else None,
        profession=member.profession if member and MemberField.PROFESSION in fields else None,
        organisation_name=(
            organisations.get(belongs_to) if belongs_to and MemberField.ORGANISATION in fields else None
        ),
        guest_of_name=(
            organisations.get(member.guest_of)
            if member and member.guest_of and MemberField.ORGANISATION in fields
            else None
        ),
        withheld=tuple(field for field in SHOWN if field not in fields),
    )


def disclosed(
    author: str, source: str | None, community: str, members: Mapping[str, Member], reach: Reach | None
) -> Set[MemberField]:
    """What a reader may know of who wrote something in organisation `source`; a person, everything."""
    if reach is None:
        return EVERY_FIELD
    member = members.get(author)
    return reach.disclosed_of_author(source, member.organisation if member else None, community)


def known_of(
    mentions: tuple[str, ...], community: str, members: Mapping[str, Member], reach: Reach
) -> tuple[str, ...]:
    """Those of the mentioned whose names a partner's system may know."""
    return tuple(
        id
        for id in mentions
        if (member := members.get(id)) and MemberField.NAME in reach.disclosed(member.organisation, community)
    )
