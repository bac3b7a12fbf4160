"""What membership may be asked about sponsored outsiders: people of no organisation here, for whom a member answers."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.calls.membership.sign_ins import Digest, OpenedSignIn
from shared.contracts.vocabulary import Email, Id, Line, Moment, Role

LONGEST_DAYS = 365
Days = Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
Door = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,300}$")]


class NewOutsider(Body):
    """Somebody of no organisation here: a carer, a retired colleague, a consultant."""

    email: Email = Field(description="Theirs: where the invitation goes, and later every link to sign in.")
    name: Line = Field(description="Their name, as others read it.")
    profession: Line = Field(description="What they are, such as `Carer`.")
    communities: tuple[Id, ...] = Field(
        min_length=1, max_length=10, description="Where they may take part; you facilitate each of them."
    )
    role: Role = Field(Role.MEMBER, description="What they are in each of them: `member` or `guest`.")
    days: Days = Field(180, description="For how many days they may stay until you confirm them again.")


class OutsiderInvitation(Answer):
    """An invitation that goes to whom it is for by mail, and to nobody else."""

    invitation: Id
    email: str
    communities: tuple[Id, ...]
    expires_at: Moment


class Outsider(Answer):
    """A sponsored outsider: a guest of `guest_of`, sponsored by `sponsor`; None when the sponsor has gone."""

    member: Id
    name: str
    profession: str
    guest_of: Id
    guest_of_name: str | None
    sponsor: Id | None
    since: Moment
    ends_at: Moment


class SponsorOutsider(MembershipCall):
    """By a member of an organisation who facilitates each of the communities. `door` is the gateway's public address."""

    answer = OutsiderInvitation
    audited = True
    new: NewOutsider
    door: Door


class ListOutsiders(MembershipListing):
    """Those whom one sponsors; by an organisation's own system, all who are its guests."""

    answer = Page[Outsider]


class ConfirmOutsider(MembershipCall):
    """Let an outsider stay for as long again, from now.

    By their sponsor, or by whoever else of the same organisation facilitates a community they are in, and is their
    sponsor from then on.
    """

    answer = Outsider
    audited = True
    member: Id


class EndOutsider(MembershipCall):
    """End an outsider's stay, in every community at once. By those who may confirm it, and their organisation's system."""

    answer = Done
    audited = True
    member: Id


class ComeAsOutsider(MembershipCall):
    """Whoever has the invitation's secret comes in: as a new member, signed in. It counts once."""

    answer = OpenedSignIn
    audited = True
    digest: Digest


class ConfirmOutsiderByLink(MembershipCall):
    """Whoever has the secret that a sponsor was sent confirms. It counts once, and only until somebody has confirmed."""

    answer = Outsider
    audited = True
    digest: Digest
