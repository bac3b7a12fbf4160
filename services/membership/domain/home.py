"""Where a member belongs: to an organisation, to one before it; or to none, when one answers for them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Home(BaseModel):
    """An organisation that a member belonged to, from when until when; `since` is None where it is not known."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    since: datetime | None = None
    until: datetime | None = None


class Sponsorship(BaseModel):
    """For how long an outsider stays, and who answers for them.

    Args:
        sponsor: a member of `organisation`; None when they have gone, and nobody has taken over.
        organisation: whose guest the outsider is.
        door: the gateway's public address, for links.
        days: for how long they stay when they are confirmed.
        next_at: when there is something to do about it: to ask the sponsor, or to end it.
    """

    model_config = ConfigDict(frozen=True)

    sponsor: str | None
    organisation: str
    door: str
    days: int
    since: datetime
    ends_at: datetime
    next_at: datetime
