"""An e-mail address that a member had before: what was sent to it while it was theirs is theirs, and is erased with them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

MOST = 50
"""Addresses that are remembered of one member; the oldest go first."""


class FormerAddress(BaseModel):
    """An address, and until when it was theirs: whoever has it afterwards is somebody else."""

    model_config = ConfigDict(frozen=True)

    email: str
    until: datetime


def let_go(
    before: tuple[FormerAddress, ...], was: str | None, now: str | None, at: datetime
) -> tuple[FormerAddress, ...]:
    """The addresses that somebody had before, when theirs changes at a moment.

    Args:
        before: those that they had had.
        was: theirs until now; None when none was known.
        now: theirs from now on.
    """
    if was is None or was == now:
        return before
    others = [one for one in before if one.email != was]
    return (*others, FormerAddress(email=was, until=at))[-MOST:]
