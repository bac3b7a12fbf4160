"""A page of what a caller may know of, found among more that they may not: read by the hundred, however small the page is."""

from collections.abc import Callable, Sequence
from typing import TypeVar

R = TypeVar("R")
T = TypeVar("T")
P = TypeVar("P")

AT_ONCE = 500
"""Rows read at a time, of which perhaps none is shown; two at a time would be as many questions as there are members."""


def sifted(
    limit: int,
    position: P,
    read: Callable[[P, int], Sequence[R]],
    keep: Callable[[Sequence[R]], list[T]],
    position_of: Callable[[R], P],
    *,
    all_are_shown: bool,
) -> list[T]:
    """What may be known of, from a position on, in its order: more than `limit` when there is more than a page.

    A page ends with something that is shown, never where the reading stopped: a cursor would name it.

    Args:
        limit: how many a page holds.
        read: at most so many rows after a position.
        keep: of some rows those that are shown.
        position_of: where a row stands.
        all_are_shown: whether `keep` keeps all, so that no more need be read than are shown.
    """
    at_once = limit + 1 if all_are_shown else max(limit + 1, AT_ONCE)
    found: list[T] = []
    while len(found) <= limit:
        rows = read(position, at_once)
        found += keep(rows)
        if len(rows) < at_once:
            break
        position = position_of(rows[-1])
    return found
