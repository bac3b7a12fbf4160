"""What every remembered thing is: a frozen model with an id and a revision."""

from pydantic import BaseModel, ConfigDict

from shared.errors import Conflict


class State(BaseModel):
    """A thing as it stands; a change makes a new one, whose revision is one higher.

    Args:
        id: the thing's id, given from outside the domain.
        revision: 1 when new, and one more with every change that is told.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    revision: int = 1


def check_revision(thing: State, revision: int) -> None:
    """Refuse a change that was decided upon an older state of the thing.

    Raises:
        Conflict: `stale-revision`, when `revision` is not the present one.
    """
    if thing.revision != revision:
        raise Conflict(
            "This has changed since you read it; read it again, then make your change.",
            "stale-revision",
            "revision",
        )
