"""A tie: what binds a member to one thread, so that what happens in it concerns them."""

from datetime import datetime
from functools import singledispatch

from pydantic import BaseModel, ConfigDict

from shared.contracts import discussion
from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import Level, ThreadKind


class Tie(BaseModel):
    """A member's tie to a thread.

    Args:
        follows_since: since when they follow it: by opening it, writing in it, having it shared with
            them, or choosing to; None when they do not.
        asked: the thread is their question.
        shared: it was shared with them as a guest.
        level: what they chose for this thread; None when they chose nothing.
    """

    model_config = ConfigDict(frozen=True)

    thread: str
    member: str
    community: str
    follows_since: datetime | None = None
    asked: bool = False
    shared: bool = False
    level: Level | None = None

    def follows_at(self, moment: datetime) -> bool:
        """Whether what is done in the thread at `moment` is done in a thread they follow."""
        return self.follows_since is not None and self.follows_since <= moment


@singledispatch
def ties_of(_fact: Contract) -> tuple[Tie, ...]:
    """The ties that a fact makes; none for most."""
    return ()


@ties_of.register
def _(fact: discussion.ThreadOpened) -> tuple[Tie, ...]:
    return (
        Tie(
            thread=fact.thread,
            member=fact.author,
            community=fact.community,
            follows_since=fact.at,
            asked=fact.kind is ThreadKind.QUESTION,
        ),
    )


@ties_of.register
def _(fact: discussion.PostAdded) -> tuple[Tie, ...]:
    return (
        Tie(
            thread=fact.thread,
            member=fact.author,
            community=fact.community,
            follows_since=fact.at,
        ),
    )


@ties_of.register
def _(fact: discussion.ThreadShared) -> tuple[Tie, ...]:
    return (
        Tie(
            thread=fact.thread,
            member=fact.guest,
            community=fact.community,
            follows_since=fact.at,
            shared=True,
        ),
    )


@ties_of.register
def _(fact: discussion.HistoryImported) -> tuple[Tie, ...]:
    followers = dict.fromkeys((fact.opened_by, *fact.participants))
    return tuple(
        Tie(
            thread=fact.thread,
            member=member,
            community=fact.community,
            follows_since=fact.at,
        )
        for member in followers
    )
