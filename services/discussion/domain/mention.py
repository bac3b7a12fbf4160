"""A mention: `@handle` in a text, which names a member of the community who may see the thread."""

from collections.abc import Iterable, Mapping

from services.discussion.domain.access import Place
from shared.contracts.vocabulary import Role


def candidates(handles: Iterable[str]) -> tuple[str, ...]:
    """Every handle that may be meant: `@anna.` ending a sentence is `anna.`, if there is one, or `anna`."""
    return tuple(dict.fromkeys(each for handle in handles for each in _readings(handle)))


def mentioned(
    handles: Iterable[str],
    by_handle: Mapping[str, str],
    places: Mapping[str, Place],
    *,
    guests: tuple[str, ...],
    author: str,
) -> tuple[str, ...]:
    """The members a text names, each once.

    Args:
        handles: as they stand in the text.
        by_handle: active members' ids by handle.
        places: in the community, by member; whoever is not in it is not named by their handle.
        guests: in whose stays the thread is shared; other guests do not see it.
        author: the writer, who needs not be told.
    """
    found: dict[str, None] = {}
    for handle in handles:
        member = next((by_handle[each] for each in _readings(handle) if each in by_handle), None)
        if member is None or member == author:
            continue
        place = places.get(member)
        if place is not None and (place.role is not Role.GUEST or place.stay in guests):
            found.setdefault(member)
    return tuple(found)


def _readings(handle: str) -> tuple[str, ...]:
    bare = handle.rstrip("._-")
    return (handle,) if bare == handle or len(bare) < 2 else (handle, bare)
