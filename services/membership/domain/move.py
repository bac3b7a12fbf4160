"""A move: a member goes to another organisation and keeps their id, record, places and inbox.

Nobody can be stolen: a member proves at their old home who they are, by a code that only they can ask for, and at
the new one by being signed in there. What they wrote stays with the organisation that they wrote it in.
"""

from datetime import datetime, timedelta

from services.membership.domain import member as members
from services.membership.domain.former_address import let_go
from services.membership.domain.home import Home
from services.membership.domain.member import Member
from services.membership.domain.outsider import not_as_outsider
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.membership import MemberChanged
from shared.errors import Conflict, NotAllowed

LASTS = timedelta(days=1)


class MoveCode(State):
    """A code as it stands; its id is the member's, who has one at most.

    Args:
        digest: of the secret.
        organisation: from where it leads away.
    """

    digest: str
    organisation: str
    expires_at: datetime

    def shown(self, secret: str | None = None) -> calls.MoveCode:
        """The code for its member; `secret` only in the answer that makes it."""
        return calls.MoveCode(member=self.id, expires_at=self.expires_at, secret=secret)


def no_longer_good() -> NotAllowed:
    """The one refusal for a code that was used, has ended, or never was."""
    return NotAllowed(
        "This code was used, has ended or never was; ask for another at the organisation you come from.",
        "move-code-no-longer-good",
        "code",
    )


def check_is_person(caller: Caller) -> str:
    """Refuse a system, also one that acts for the member: nobody is moved by their organisation.

    Returns:
        the member's id.

    Raises:
        NotAllowed: `persons-only`, `member-needed`.
    """
    member = check_is_member(caller)
    if caller.client is not None:
        raise NotAllowed(
            "Where a member was and goes is for themselves; no system does it for them.", "persons-only"
        )
    return member


def issue(member: Member, digest: str, at: datetime) -> MoveCode:
    """Make a code for a member, from now on the only one.

    Raises:
        NotAllowed: `outsider`, who is at home nowhere and so moves from nowhere.
    """
    if member.organisation is None:
        raise not_as_outsider()
    return MoveCode(id=member.id, digest=digest, organisation=member.organisation, expires_at=at + LASTS)


def check_good(code: MoveCode | None, mover: Member | None, at: datetime) -> Member:
    """Refuse a code that opens nothing; returns whose it is.

    Raises:
        NotAllowed: `move-code-no-longer-good`, whatever is wrong with it.
    """
    if code is None or mover is None or at >= code.expires_at:
        raise no_longer_good()
    if not mover.active or mover.organisation != code.organisation:
        raise no_longer_good()
    return mover


def check_may_become(account: Member, mover: Member, *, has_record: bool) -> None:
    """Refuse to make one member of two that must stay two.

    Args:
        account: who has the code, as the new organisation knows them.
        has_record: whether they were ever in a community.

    Raises:
        NotAllowed: `outsider`.
        Conflict: `not-a-move`, `account-in-use`.
    """
    if account.organisation is None:
        raise not_as_outsider()
    if account.organisation == mover.organisation:
        raise Conflict(
            "This code is from the organisation you are signed in at; use it where you are moving to.",
            "not-a-move",
            "code",
        )
    if has_record:
        raise Conflict(
            "You have taken part with this account, and two records cannot be made one; ask your new organisation"
            " for an account that was never in a community.",
            "account-in-use",
        )


def move(mover: Member, account: Member, at: datetime) -> tuple[Member, Member, list[MemberChanged]]:
    """Bring a member home to the organisation of their new account, which ends.

    Returns:
        the mover, the account, and the facts that tell of both.
    """
    if mover.organisation is None:
        raise ValueError("who is at home nowhere moves from nowhere")
    left = Home(organisation=mover.organisation, since=mover.since, until=at)
    moved = mover.model_copy(
        update={
            "organisation": account.organisation,
            "since": at,
            "homes": (*mover.homes, left),
            # By the old organisation's address and name for them somebody there could come in as them.
            "email": account.email,
            "former_addresses": let_go(mover.former_addresses, mover.email, account.email, at),
            "external_id": account.external_id,
            "revision": mover.revision + 1,
        }
    )
    ended = account.model_copy(
        update={
            "organisation": None,
            "active": False,
            "email": None,
            "external_id": None,
            "became": mover.id,
            "revision": account.revision + 1,
        }
    )
    return moved, ended, [members.told(moved), members.told(ended)]


def homes(member: Member, names: dict[str, str]) -> calls.Homes:
    """Where a member is at home and was before; `names` of the organisations by id."""
    present = (
        []
        if member.organisation is None
        else [Home(organisation=member.organisation, since=member.since, until=None)]
    )
    return calls.Homes(
        homes=tuple(
            calls.Home(
                organisation=home.organisation,
                organisation_name=names.get(home.organisation),
                since=home.since,
                until=home.until,
            )
            for home in (*member.homes, *present)
        )
    )
