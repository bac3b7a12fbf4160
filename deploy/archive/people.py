"""The people of an archive, as members: with an id and a handle that follow from their name there."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from deploy.archive.ids import id_of
from deploy.archive.organisations import UNKNOWN, Spread
from shared.contracts.calls.membership import ImportedMember, NewMember

LONGEST_HANDLE = 40
_NO_HANDLE = re.compile(r"[^a-z0-9._-]+")
_MARK = 10


class Arrival(NamedTuple):
    """A member of the archive and when they first wrote in a community."""

    member: ImportedMember
    since: datetime


class People:
    """Everybody who wrote in an archive: as many entries as there are people, however much they wrote.

    Args:
        source: the archive's name.
        spread: where each of them belongs.
    """

    def __init__(self, source: str, spread: Spread) -> None:
        self._source = source
        self._spread = spread
        self._firsts: dict[str, dict[str, datetime]] = {}

    def wrote(self, community: str, person: str, at: datetime) -> None:
        """Take note that somebody wrote in a community."""
        firsts = self._firsts.setdefault(community, {})
        if person not in firsts or at < firsts[person]:
            firsts[person] = at

    def has(self, person: str, community: str) -> bool:
        """Whether somebody of that name wrote in that community."""
        return person in self._firsts.get(community, ())

    def count(self) -> int:
        """How many different people there are."""
        return len({person for firsts in self._firsts.values() for person in firsts})

    def communities(self) -> Sequence[str]:
        """Where they wrote, in the order in which the archive comes to it."""
        return tuple(self._firsts)

    def arrivals(self, *communities: str) -> Iterator[Arrival]:
        """The members of these communities taken together, whoever wrote first coming first."""
        firsts: dict[str, datetime] = {}
        for community in communities:
            for person, at in self._firsts[community].items():
                firsts[person] = min(at, firsts.get(person, at))
        for person, since in sorted(firsts.items(), key=lambda first: (first[1], first[0])):
            yield Arrival(self.member(person), since)

    def member(self, person: str) -> ImportedMember:
        """A person of the archive as a member."""
        organisation, entry = self._spread.home_of(person)
        id = person_id(self._source, person)
        return ImportedMember(
            id=id,
            organisation=organisation.known_by,
            new=NewMember(
                name=(entry and entry.name) or person,
                handle=handle_of(person, id),
                profession=(entry and entry.profession) or UNKNOWN,
                interests=entry.interests if entry else (),
            ),
        )


def person_id(source: str, person: str) -> str:
    """A person is known by their name in the archive."""
    return id_of(source, "person", person)


def handle_of(person: str, id: str) -> str:
    """A handle like the person's name, marked by their id where too little of it can stand in one."""
    plain = unicodedata.normalize("NFKD", person).encode("ascii", "ignore").decode().lower()
    handle = _NO_HANDLE.sub("-", plain)[:LONGEST_HANDLE].strip("._-")
    return handle if len(handle) > 1 else marked(handle, id)


def marked(handle: str, id: str) -> str:
    """That handle told apart from others like it, by the first digits of its owner's id."""
    if handle.endswith(f"-{id[:_MARK]}"):
        return handle
    room = LONGEST_HANDLE - _MARK - 1
    return f"{handle[:room].strip('._-') or 'member'}-{id[:_MARK]}"
