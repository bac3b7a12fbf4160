"""What the discussion service may be asked about posts that wait for a facilitator, because of what is in them."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.discussion.call import DiscussionCall, DiscussionListing
from shared.contracts.calls.discussion.said import Author, NewPost, NewThread
from shared.contracts.vocabulary import Confidential, Id, Moment, Note


class FoundKind(Answer):
    """How many of one kind were found."""

    what: Confidential
    count: int


class HeldPost(Answer):
    """A post that waits, or waited, for a facilitator: what was found in it, and never its text.

    `of` says what it will be: a new thread, a post in `thread`, or an edit of `post`. One that nobody
    decided in thirty days has `lapsed`. `made` is the post that its release made.
    """

    held_post: Id
    community: Id
    of: Literal["thread", "post", "edit"]
    thread: Id | None
    post: Id | None
    author: Author
    found: tuple[FoundKind, ...]
    state: Literal["waiting", "released", "declined", "withdrawn", "lapsed"]
    held_at: Moment
    decided_at: Moment | None
    reason: str | None
    made: Id | None
    revision: int


class WholeHeldPost(HeldPost):
    """A held post with what is to be said, for its author and who decides; both are gone once it is decided."""

    title: str | None
    text: str | None


class HoldThread(DiscussionCall):
    """Insist on a thread in which something was found."""

    answer = HeldPost
    community: Id
    new: NewThread


class HoldPost(DiscussionCall):
    """Insist on a post in which something was found."""

    answer = HeldPost
    thread: Id
    new: NewPost


class HoldEdit(DiscussionCall):
    """Insist on an edit in which something was found."""

    answer = HeldPost
    post: Id
    new: NewPost
    revision: int


class ListHeldPosts(DiscussionListing):
    """Those that wait in a community, longest wait first: all for who decides, their own for everybody else."""

    answer = Page[HeldPost]
    community: Id


class GetHeldPost(DiscussionCall):
    """By its author, or who decides."""

    answer = WholeHeldPost
    held_post: Id


class HeldDecision(Body):
    release: bool = Field(description="Whether it is said now, in its author's name.")
    reason: Note | None = Field(None, description="Why not; needed when it is declined. The author reads it.")

    @model_validator(mode="after")
    def declined_for_a_reason(self) -> Self:
        if not self.release and self.reason is None:
            raise ValueError("who is declined is told why: give a `reason`")
        return self


class DecideHeldPost(DiscussionCall):
    """By a facilitator other than its author; by a steward where there is no other; or by the operator."""

    answer = HeldPost
    audited = True
    held_post: Id
    decision: HeldDecision
    revision: int


class WithdrawHeldPost(DiscussionCall):
    """By its author."""

    answer = HeldPost
    held_post: Id
    revision: int
