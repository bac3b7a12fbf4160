"""What every remembered thing is: a frozen model with an id and a revision."""

from datetime import datetime

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


class Mailed(State):
    """A thing that goes out by mail, with a secret of which only the digest is kept.

    Args:
        digests: of the secrets that were sent; more than one only when a process died while sending.
        trying_until: while a process is sending it.
        sent_at: when the mail was taken; None until then.
    """

    digests: tuple[str, ...] = ()
    trying_until: datetime | None = None
    sent_at: datetime | None = None


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
