"""A link that signs a member in, sent by e-mail to those whose organisation has no identity provider."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256

from services.membership.domain.member import Member
from services.membership.domain.state import Mailed
from shared.contracts.membership import SignInLinkAsked
from shared.errors import NotAllowed, NotFound

LASTS = timedelta(minutes=15)
MOST = 3
"""Links that one address is sent within the time that one lasts."""


class SignInLink(Mailed):
    """A link as it stands. One is kept for every question, also for an address that nobody has.

    Args:
        address: the SHA-256 of the e-mail address, by which its links are counted.
        member: whose it is; None when the address is nobody's, or several members'.
        door: the gateway's public address.
        used: whether it has signed somebody in.
    """

    address: str
    member: str | None
    door: str
    asked_at: datetime
    used: bool = False


def address_key(email: str) -> str:
    """By what the links of an e-mail address are counted."""
    return sha256(email.encode()).hexdigest()


def not_offered() -> NotFound:
    """The refusal where the node sends no mail."""
    return NotFound("This node sends no links.", where="email")


def no_longer_good() -> NotAllowed:
    """The one refusal for a link that was used, has expired, never was, or is of somebody who has left."""
    return NotAllowed(
        "This link was used, or is older than fifteen minutes; ask for another.", "link-no-longer-good"
    )


def ask(
    id: str, email: str, whose: list[Member], door: str, at: datetime
) -> tuple[SignInLink, SignInLinkAsked]:
    """Take a question for a link; returns it with the fact that has it sent.

    Args:
        whose: the active members with that address.
    """
    member = whose[0].id if len(whose) == 1 else None
    link = SignInLink(id=id, address=address_key(email), member=member, door=door, asked_at=at)
    return link, SignInLinkAsked(link=id)


def is_to_be_sent(link: SignInLink | None, at: datetime) -> bool:
    """Whether a mail is wanted (still)."""
    return (
        link is not None and link.member is not None and link.sent_at is None and at < link.asked_at + LASTS
    )


def use(link: SignInLink | None, at: datetime) -> SignInLink:
    """Use a link up.

    Raises:
        NotAllowed: `link-no-longer-good`.
    """
    if link is None or link.member is None or link.used or at >= link.asked_at + LASTS:
        raise no_longer_good()
    return link.model_copy(update={"used": True, "revision": link.revision + 1})


def letter(link: SignInLink, to: str, sender: str, secret: str) -> EmailMessage:
    """The mail. It names nobody and nothing but the node, and is the same mail when it is sent again."""
    message = EmailMessage()
    message["Subject"] = "Sign in to Commonplace"
    message["From"] = f"Commonplace <{sender}>"
    message["To"] = to
    message["Message-ID"] = f"<sign-in-{link.id}@{sender.rpartition('@')[2]}>"
    message["Date"] = link.asked_at
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"""Somebody, we hope you, asked for a link to sign in to Commonplace:

{link.door}/sign-in/link/{secret}

It is good once, until {link.asked_at + LASTS:%H:%M} (UTC) today. If it was not you, do nothing: nobody
gets in without it.
""",
        cte="7bit",
    )
    return message
