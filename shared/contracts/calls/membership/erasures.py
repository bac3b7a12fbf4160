"""What membership may be asked about erasures: a member is forgotten, and every place that held a copy gives a receipt."""

from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Id, Moment, Word

ErasureState = Literal["waiting", "begun", "complete", "cancelled"]


class NewErasure(Body):
    """What a member says who wants to be forgotten."""

    handle: Word = Field(description="One's own handle, typed again, so that nobody does this by mistake.")
    remove_texts: bool = Field(
        False,
        description="Whether what one wrote goes too, with its earlier versions. Otherwise it stays, as a former "
        "member's.",
    )


class ErasureReceipt(Answer):
    """One service's receipt: what it erased, as the number of documents by collection, and when it was done."""

    service: str
    at: Moment
    erased: dict[str, int]


class Erasure(Answer):
    """An erasure. `number` is shown only in the answer that asks for it: with it the receipts can be read afterwards.

    `expected` are the services that must give a receipt; it is complete when all of `receipts` are there.
    """

    erasure: Id
    member: Id
    state: ErasureState
    remove_texts: bool
    asked_at: Moment
    due_at: Moment
    ended_at: Moment | None
    expected: tuple[str, ...]
    receipts: tuple[ErasureReceipt, ...]
    number: str | None = None


class AskForErasure(MembershipCall):
    """By a member for themselves, who has signed in within five minutes; or by the operator for `member`."""

    answer = Erasure
    audited = True
    new: NewErasure
    member: Id | None = None


class CancelErasure(MembershipCall):
    """While it waits; by the member, or by the operator for `member`."""

    answer = Erasure
    audited = True
    member: Id | None = None


class GetErasure(MembershipCall):
    """One's own that waits, or for the operator any, by its id."""

    answer = Erasure
    erasure: Id | None = None


class ReadErasureReceipts(MembershipCall):
    """By whoever holds its number, of which `digest` is the SHA-256."""

    answer = Erasure
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class ListErasures(MembershipListing):
    """All of them, newest first; for the operator."""

    answer = Page[Erasure]
