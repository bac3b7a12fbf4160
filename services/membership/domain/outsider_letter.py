"""The letters about outsiders: the invitation to them, and the question to whoever answers for them.

Each holds a link that counts once. Opening it uses nothing up, because mail is opened by machines first.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage

from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from services.membership.domain.state import Mailed
from shared.contracts.calls.membership import NewOutsider, OutsiderInvitation
from shared.contracts.membership import OutsiderLetterWritten
from shared.errors import NotAllowed

INVITED = timedelta(days=14)


class OutsiderLetter(Mailed):
    """A letter as it stands.

    Args:
        to: the member who is asked; in an invitation the sponsor, who invites.
        organisation: whose guest it is about.
        invited: whom it invites; None in a question.
        outsider: about whom it asks; None in an invitation.
        good_until: when its link ends; in a question the very end of the stay that it asks about.
    """

    to: str
    organisation: str
    door: str
    invited: NewOutsider | None = None
    outsider: str | None = None
    written_at: datetime
    good_until: datetime
    used: bool = False


def no_longer_good() -> NotAllowed:
    """The one refusal for a link that was used, has ended, never was, or whose sponsor has gone."""
    return NotAllowed(
        "This link was used, has ended, or is not needed any more; ask whoever sent it.",
        "link-no-longer-good",
    )


def already_here() -> NotAllowed:
    """The refusal for an address that a member has; only whoever reads its mail is told."""
    return NotAllowed(
        "There is a member with your address already; sign in with it, and ask your sponsor to invite you again.",
        "link-no-longer-good",
    )


def invite(
    id: str, sponsor: Member, organisation: str, new: NewOutsider, door: str, at: datetime
) -> tuple[OutsiderLetter, OutsiderLetterWritten]:
    """Write to somebody who is to come."""
    letter = OutsiderLetter(
        id=id,
        to=sponsor.id,
        organisation=organisation,
        door=door,
        invited=new,
        written_at=at,
        good_until=at + INVITED,
    )
    return letter, OutsiderLetterWritten(letter=id)


def ask(
    id: str, to: Member, outsider: Member, stay: Sponsorship, at: datetime
) -> tuple[OutsiderLetter, OutsiderLetterWritten]:
    """Ask somebody whether an outsider stays."""
    letter = OutsiderLetter(
        id=id,
        to=to.id,
        organisation=stay.organisation,
        door=stay.door,
        outsider=outsider.id,
        written_at=at,
        good_until=stay.ends_at,
    )
    return letter, OutsiderLetterWritten(letter=id)


def shown(letter: OutsiderLetter, new: NewOutsider) -> OutsiderInvitation:
    """An invitation for who has it sent; its secret goes by mail only."""
    return OutsiderInvitation(
        invitation=letter.id, email=new.email, communities=new.communities, expires_at=letter.good_until
    )


def is_to_be_sent(letter: OutsiderLetter | None, at: datetime) -> bool:
    """Whether a mail is wanted (still)."""
    return letter is not None and letter.sent_at is None and at < letter.good_until


def use(letter: OutsiderLetter | None, at: datetime) -> OutsiderLetter:
    """Use a letter's link up.

    Raises:
        NotAllowed: `link-no-longer-good`.
    """
    if letter is None or letter.used or at >= letter.good_until:
        raise no_longer_good()
    return letter.model_copy(update={"used": True, "revision": letter.revision + 1})


def mail_of(letter: OutsiderLetter, about: Member | None, to: str, sender: str, secret: str) -> EmailMessage:
    """The mail; the same when it is sent again.

    Args:
        about: the outsider whom it asks about; None for an invitation, which names nobody.
    """
    message = EmailMessage()
    message["From"] = f"Commonplace <{sender}>"
    message["To"] = to
    message["Message-ID"] = f"<outsider-{letter.id}@{sender.rpartition('@')[2]}>"
    message["Date"] = letter.written_at
    message["Auto-Submitted"] = "auto-generated"
    until = f"{letter.good_until:%d %B %Y}"
    if about is None:
        message["Subject"] = "You are invited to Commonplace"
        text = f"""You are invited to take part in a community of practice on Commonplace, as somebody's guest:

{letter.door}/sign-in/outsider/{secret}

The link is good once, until {until}. If you don't know what this is about, do nothing.
"""
    else:
        message["Subject"] = "Does your guest on Commonplace stay?"
        text = f"""{about.name} takes part on Commonplace as a guest of your organisation, until {until}.
Whoever confirms them answers for them. If they are to stay:

{letter.door}/sign-in/sponsor/{secret}

The link is good once. If you do nothing, they are out of every community on that day; what they wrote stays.
"""
    message.set_content(text)
    return message
