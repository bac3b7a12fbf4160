"""What membership is told besides what every service is: how to send mail, and how long an erasure waits."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.contracts.vocabulary import Email
from shared.settings import ServiceSettings

WAYS = ("smtp://", "smtps://", "file:///")


def a_way_to_send(value: str) -> str:
    """Refuse what is no way to send mail.

    Raises:
        ValueError: it is none.
    """
    if value and not value.startswith(WAYS):
        raise ValueError("must begin with smtp://, smtps:// or file:///")
    return value


class MembershipSettings(ServiceSettings):
    """How mail is sent; without it nobody is sent a link to sign in. And how long one may think better of it."""

    mail: Annotated[str, AfterValidator(a_way_to_send)] = Field(
        "",
        description="Where mail is handed over: smtp://user:password@host:587, smtps://…, or file:///folder.",
    )
    mail_from: Email = Field("commonplace@localhost.localdomain", description="From whom mail comes.")
    erasure_waits_days: float = Field(
        7, ge=0, le=28, description="For how many days an erasure that was asked for can be cancelled."
    )
