"""A mention: `@handle` in a text, which names a member of the community who may see the thread."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from services.discussion.domain.access import Place
from shared.contracts.vocabulary import Role


class Mentions(NamedTuple):
    """Whom a text names.

    Args:
        members: those who are known here, each once.
        unknown_handles: every reading of what named nobody here. Whoever it may mean could have come in a
            moment ago: it is told with the post, for those who hear of them to find out.
    """

    members: tuple[str, ...] = ()
    unknown_handles: tuple[str, ...] = ()


def candidates(handles: Iterable[str]) -> tuple[str, ...]:
    """Every handle that may be meant: `@anna.` ending a sentence is `anna.`, if there is one, or else `anna`."""
    return tuple(dict.fromkeys(each for handle in handles for each in _readings(handle)))


def mentioned(
    handles: Iterable[str],
    by_handle: Mapping[str, str],
    places: Mapping[str, Place],
    *,
    guests: tuple[str, ...],
    author: str,
) -> Mentions:
    """Whom a text names.

    Args:
        handles: as they stand in the text.
        by_handle: active members' ids by handle.
        places: in the community, by member; whoever is not in it is not named by their handle.
        guests: in whose stays the thread is shared; other guests do not see it.
        author: the writer, who needs not be told.
    """
    found: dict[str, None] = {}
    unknown: dict[str, None] = {}
    for handle in handles:
        known = next((each for each in _readings(handle) if each in by_handle), None)
        member = by_handle[known] if known else None
        place = places.get(member) if member else None
        if member == author:
            continue
        if member and place and (place.role is not Role.GUEST or place.stay in guests):
            found.setdefault(member)
        else:
            unknown.update(dict.fromkeys([known] if known else _readings(handle)))
    return Mentions(tuple(found), tuple(unknown))


def _readings(handle: str) -> tuple[str, ...]:
    """What it may mean, longest first: each stop and dash at its end may be the sentence's."""
    bare = max(len(handle.rstrip("._-")), 2)
    return tuple(handle[:end] for end in range(len(handle), bare - 1, -1)) or (handle,)
