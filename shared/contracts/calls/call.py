"""What every call carries, and what every answer is."""

import re
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.vocabulary import Id, Moment
from shared.errors import NotAllowed


class Body(BaseModel):
    """Something a caller sends: nothing unknown in it, every field of its declared type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Something a caller receives; fields may be added to an answer without a new version."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Caller(Body):
    """Who is asking, as the gateway has established it.

    Args:
        member: the member who asks, or for whom a client asks; None for a client asking for itself.
        organisation: the caller's home organisation; None for the operator's own commands.
        scopes: what the credential allows, as `resource:verb`.
        client: the OAuth client that acts, when a partner's system does.
        operator: True only for calls made by the operator's commands, never for one that came over HTTP.
        signed_in_at: when the member proved who they are, at the browser that asks; None with a token.
    """

    member: Id | None = None
    organisation: Id | None = None
    scopes: frozenset[str] = frozenset()
    client: Id | None = None
    operator: bool = False
    signed_in_at: Moment | None = None

    @property
    def is_outsider(self) -> bool:
        """Whether it is a member who is at home nowhere, and here by somebody's word only."""
        return self.member is not None and self.organisation is None and not self.operator


def check_is_member(caller: Caller) -> str:
    """Refuse a caller who is no member and acts for none; returns the member's id otherwise.

    Raises:
        NotAllowed: `member-needed`.
    """
    if caller.member is None:
        raise NotAllowed(
            "A member must be named: in the header `Commonplace-Member` a client gives the id of the one that "
            "it acts for, of its own organisation.",
            "member-needed",
        )
    return caller.member


class Once(Body):
    """The promise that a call is carried out at most once: who promised it under which key, for which content.

    Args:
        key: caller and idempotency key as one text, at most 400 characters.
        fingerprint: SHA-256 of what was asked, in hex; the same key with another fingerprint is refused.
    """

    key: str
    fingerprint: str


class Heard(Body):
    """The revisions a service must have heard before it may refuse for want of them.

    A member who has just joined can post at once: when discussion refuses by its local copy, the
    switchboard asks membership how far the copy should be, and asks again with that. `thread` is one
    that discussion says is there for the caller, whatever the copy says; `contact` is a member whom the call names.
    """

    community: Id
    community_revision: int
    membership: str | None = None
    membership_revision: int = 0
    thread: Id | None = None
    contact: Id | None = None
    contact_revision: int = 0


class Call(Body):
    """A question or command to one service; its name on the wire is `<to>.<class name in snake case>`."""

    to: ClassVar[str]
    answer: ClassVar[type[BaseModel]]
    audited: ClassVar[bool] = False
    """Whether the audit log tells that it was carried out, and by whom."""

    caller: Caller
    once: Once | None = None
    heard: Heard | None = None

    @classmethod
    def method(cls) -> str:
        """The name of the method that answers this call, such as `open_thread` for `OpenThread`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def repeated(self) -> "Call | None":
        """The call by whose answer a repetition is answered; None when by the answer that it got the first time.

        For those whose answer shows what others wrote, and may not be seen any more by then.
        """
        return None

    def question(self) -> dict[str, Any]:
        """What is asked, without who asks and how: what tells one listing from another."""
        return self.model_dump(mode="json", exclude={"caller", "once", "heard", "after", "limit"})


T = TypeVar("T")


class Page(Answer, Generic[T]):
    """One page of a listing; `next` is the cursor of the following page, None on the last."""

    items: tuple[T, ...]
    next: str | None = None


Limit = Annotated[int, Field(ge=1, le=100, description="How many items a page holds, 1 to 100.")]


class Listing(Call):
    """A call that answers a page: `after` is the cursor that the page before gave as `next`."""

    after: str | None = None
    limit: Limit = 50


class Done(Answer):
    """The answer of a call that has nothing to tell but that it is done."""

    done: bool = True
