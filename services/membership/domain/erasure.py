"""An erasure: a member asks to be forgotten, may think better of it for a while, and then every service forgets them.

What remains is somebody of whom nothing is known but their id, so that threads and the audit log still hold together.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from services.membership.domain import member as members
from services.membership.domain.member import Member
from services.membership.domain.state import State
from shared.contracts import former
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.contracts.calls.membership import ErasureReceipt, ErasureState
from shared.contracts.membership import MemberChanged, MemberErased
from shared.errors import Conflict, Invalid, NotAllowed, NotFound

ANSWERING = ("membership", *MemberErased.heard_by)
"""The services that must give a receipt."""
FRESH = timedelta(minutes=5)
"""For how long after signing in one may ask to be forgotten."""
OPEN = ("waiting", "begun")


class Receipt(BaseModel):
    """What one service erased, as numbers of documents by collection."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    erased: dict[str, int]


class Erasure(State):
    """An erasure as it stands.

    Args:
        digest: of the number with which its receipts can be read.
        due_at: when it begins; until then it can be cancelled.
        receipts: by service.
        ended_at: when it was cancelled, or the last receipt came.
    """

    member: str
    digest: str
    remove_texts: bool
    asked_at: datetime
    due_at: datetime
    state: ErasureState = "waiting"
    receipts: dict[str, Receipt] = Field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is neither cancelled nor complete."""
        return self.state in OPEN

    def shown(self, number: str | None = None) -> calls.Erasure:
        """The erasure for whoever may read it; `number` only in the answer that asks for it."""
        return calls.Erasure(
            erasure=self.id,
            member=self.member,
            state=self.state,
            remove_texts=self.remove_texts,
            asked_at=self.asked_at,
            due_at=self.due_at,
            ended_at=self.ended_at,
            expected=ANSWERING,
            receipts=tuple(
                ErasureReceipt(service=service, at=receipt.at, erased=receipt.erased)
                for service, receipt in sorted(self.receipts.items())
            ),
            number=number,
        )


class Forgotten(NamedTuple):
    """A member as nobody, and the facts that tell of it."""

    member: Member
    changed: MemberChanged
    erased: MemberErased


def no_such_erasure() -> NotFound:
    """The refusal for an erasure that isn't there, is over, or is somebody else's."""
    return NotFound("There is no such erasure.", where="erasure")


def is_waiting() -> Conflict:
    """The refusal of a second erasure of somebody."""
    return Conflict("This member is being erased already.", "erasure-waits")


def whose(caller: Caller, member: str | None) -> str:
    """The member to be forgotten: the caller, or whom the operator names.

    Raises:
        NotAllowed: `member-needed`.
        NotFound: a member names somebody else.
    """
    if caller.operator and member is not None:
        return member
    asks = check_is_member(caller)
    if member not in (None, asks):
        raise no_such_erasure()
    return asks


def check_is_no_system(caller: Caller) -> None:
    """Refuse a system, also one that acts for the member: whether somebody wants to be forgotten is for themselves.

    Raises:
        NotAllowed: `people-only`.
    """
    if caller.client is not None:
        raise NotAllowed(
            "Whether they are to be erased is for people themselves: ask with a token that the member issued.",
            "people-only",
        )


def check_fresh(caller: Caller, at: datetime) -> None:
    """Refuse who has not proved at their browser within five minutes who they are; the operator has other ways.

    Raises:
        NotAllowed: `sign-in-needed`.
    """
    if caller.operator:
        return
    if caller.signed_in_at is None or abs(at - caller.signed_in_at) > FRESH:
        raise NotAllowed(
            "Sign in again at `/sign-in`, and ask from that browser within five minutes: a token, or a sign-in that "
            "is older, is not enough for this.",
            "sign-in-needed",
        )


def ask(
    id: str, digest: str, member: Member | None, new: calls.NewErasure, at: datetime, wait: timedelta
) -> Erasure:
    """Ask that a member be forgotten.

    Args:
        wait: for how long it can be cancelled.

    Raises:
        NotFound: there is no such member.
        Invalid: `handle` is not theirs.
        Conflict: `erased-already`.
    """
    if member is None:
        raise members.no_such_member()
    if member.erased:
        raise Conflict("This member has been erased.", "erased-already")
    if new.handle != member.handle:
        raise Invalid("Type your own handle, as it stands in your profile.", where="handle")
    return Erasure(
        id=id, member=member.id, digest=digest, remove_texts=new.remove_texts, asked_at=at, due_at=at + wait
    )


def cancel(erasure: Erasure | None, at: datetime) -> Erasure:
    """Think better of it.

    Raises:
        NotFound: there is none.
        Conflict: `erasure-begun`.
    """
    if erasure is None or not erasure.is_open:
        raise no_such_erasure()
    if erasure.state == "begun":
        raise Conflict("It has begun, and what is erased does not come back.", "erasure-begun")
    return _next(erasure, state="cancelled", ended_at=at)


def begin(erasure: Erasure) -> Erasure:
    """Begin; from now on there is no way back."""
    return _next(erasure, state="begun")


def receive(erasure: Erasure, service: str, receipt: Receipt) -> Erasure:
    """Take a service's receipt; the first one counts. With the last one it is complete."""
    if service in erasure.receipts:
        return erasure
    receipts = {**erasure.receipts, service: receipt}
    if set(receipts) < set(ANSWERING):
        return _next(erasure, receipts=receipts)
    return _next(erasure, receipts=receipts, state="complete", ended_at=receipt.at)


def nobody(member: Member) -> Member:
    """Nobody, in the place of a member; their id stays, and is known to stand for nobody."""
    return Member(
        id=member.id,
        name=former.NAME,
        handle=former.handle(member.id),
        profession=former.PROFESSION,
        organisation=None,
        became=member.became,
        active=False,
        moves=member.moves,
        erased=True,
        revision=member.revision + 1,
    )


def forget(member: Member, erasure: Erasure, at: datetime) -> Forgotten:
    """Make nobody of a member, and tell of it."""
    gone = nobody(member)
    told = MemberErased(
        member=member.id,
        erasure=erasure.id,
        remove_texts=erasure.remove_texts,
        at=at,
        revision=gone.revision,
    )
    return Forgotten(gone, members.told(gone), told)


def _next(erasure: Erasure, **changes: object) -> Erasure:
    return erasure.model_copy(update={**changes, "revision": erasure.revision + 1})
