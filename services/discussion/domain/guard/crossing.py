"""The second gate: whether what was said may cross to another organisation's systems."""

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.guard.finding import Found


class Marks(BaseModel):
    """What is kept of a look at a text: kinds and counts, never the text.

    Args:
        rules: the version of the rules it was looked at with.
        found: how many of which kind.
        released_by: the facilitator who let it be said all the same; None when nobody did.
    """

    model_config = ConfigDict(frozen=True)

    rules: str
    found: Found = {}
    released_by: str | None = None


def may_cross(marks: Marks) -> bool:
    """Whether a text may cross: nothing was found in it, or a facilitator has seen it and released it."""
    return not marks.found or marks.released_by is not None
