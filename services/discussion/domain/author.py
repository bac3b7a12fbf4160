"""An author as readers see them: by their present name, profession and organisation."""

from collections.abc import Mapping

from services.discussion.domain.access import Member
from shared.contracts.calls.discussion import Author

UNHEARD = "a member"
"""The name of an author of whom membership has told nothing yet, which only an import can show."""


def shown(author: str, members: Mapping[str, Member], organisations: Mapping[str, str]) -> Author:
    """The author with id `author`.

    Args:
        members: by id; one who has left keeps their name.
        organisations: names by id.
    """
    member = members.get(author)
    if member is None:
        return Author(member=author, name=UNHEARD, profession=None, organisation_name=None)
    return Author(
        member=author,
        name=member.name,
        profession=member.profession,
        organisation_name=organisations.get(member.organisation) if member.organisation else None,
    )
