"""One kind of problem."""

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of problem: its HTTP status, its title, and what to do about it."""

    status: int
    title: str
    advice: str
