"""A held post: something was found in it, its author insists, and a facilitator decides.

What is to be said lies apart from this, for thirty days and never longer than until it is decided; here
are only kinds and counts. Nobody knows of a held post but its author and those who decide.
"""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.access import Member, Standing
from services.discussion.domain.guard import Found
from services.discussion.domain.thread import check_revision
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Author, FoundKind, HeldDecision
from shared.contracts.calls.discussion import HeldPost as ShownHeldPost
from shared.contracts.discussion import HeldPostDecided, PostHeld
from shared.contracts.vocabulary import Role
from shared.errors import Conflict, NotAllowed, NotFound, Refusal

KEPT = timedelta(days=30)
"""For how long one waits to be decided."""

Of = Literal["thread", "post", "edit"]


class HeldPost(BaseModel):
    """A held post as it is kept.

    Args:
        of: what it will be: a thread in `community`, a post in `thread`, or an edit of `post`.
        seen: the revision of `post` that its edit was decided upon.
        made: the post that its release made.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    community: str
    author: str
    organisation: str | None = None
    of: Of
    thread: str | None = None
    post: str | None = None
    seen: int = 0
    found: Found
    rules: str
    state: Literal["waiting", "released", "declined", "withdrawn"] = "waiting"
    held_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    made: str | None = None
    revision: int = 1

    def has_lapsed(self, at: datetime) -> bool:
        """Whether nobody decided it in time; what was to be said is gone then."""
        return self.state == "waiting" and at - self.held_at >= KEPT


def told_of(held: HeldPost, by: Member) -> PostHeld:
    """The news for its facilitators."""
    return PostHeld(
        held_post=held.id, community=held.community, author=by.id, author_name=by.name, at=held.held_at
    )


def no_such_held_post(community: str) -> NotFound:
    """The one refusal for a held post that is not there and for one that may not be known of."""
    return NotFound("There is no such held post.", where="held_post", community=community)


def deciders_others(standing: Standing, facilitators: frozenset[str]) -> frozenset[str] | None:
    """Whose held posts, besides their own, the caller decides in a community: None for everybody's.

    A facilitator decides; where a community has no other facilitator than the author, a steward does.
    """
    if not standing.at_home:
        return frozenset()
    if standing.role is Role.FACILITATOR:
        return None
    if standing.role is Role.STEWARD and len(facilitators) <= 1:
        return facilitators or None
    return frozenset()


def check_sees(
    held: HeldPost | None, caller: Caller, standing: Standing, facilitators: frozenset[str]
) -> HeldPost:
    """The held post, or the refusal of one that is not there or may not be known of."""
    if held is None:
        raise no_such_held_post(standing.asked_for)
    if caller.operator:
        return held
    if held.author == standing.caller and standing.role is not None and standing.at_home:
        return held
    others = deciders_others(standing, facilitators)
    if others is None or held.author in others:
        return held
    raise no_such_held_post(held.community)


def check_decides(held: HeldPost, caller: Caller) -> None:
    """Refuse its author; the caller sees it, and whoever else does may decide."""
    if not caller.operator and held.author == caller.member:
        raise NotAllowed(
            "Somebody else decides: a facilitator other than its author, or a steward where there is none.",
            "own-held-post",
            community=held.community,
        )


def check_waits(held: HeldPost, *, seen: int, at: datetime) -> None:
    """Refuse a decision on what is decided, and one upon something that is no longer so."""
    if held.state != "waiting" or held.has_lapsed(at):
        raise Conflict("This held post doesn't wait any more.", "already-decided", "held_post")
    check_revision(held.revision, seen)


def stays(refusal: Refusal) -> Conflict:
    """The refusal to release what its author could not say now; `refusal` is what they would be told."""
    match refusal:
        case NotFound() | NotAllowed():
            why = "its author no longer takes part there, or what it belongs to is gone."
        case _ if refusal.code == "stale-revision":
            why = "the post was edited meanwhile."
        case _:
            why = refusal.sentence
    return Conflict(f"It cannot be released as things are, and stays held: {why}", "held-post-stays")


def author_has_moved() -> Conflict:
    """The refusal to release for one organisation what was written for another."""
    return Conflict(
        "It cannot be released as things are, and stays held: its author has moved to another organisation.",
        "held-post-stays",
    )


def decided(
    held: HeldPost, decision: HeldDecision, *, by: str | None, made: str | None, at: datetime
) -> tuple[HeldPost, HeldPostDecided]:
    """The held post as it is after the decision, and the news for its author; `by` is None for the operator."""
    after = held.model_copy(
        update={
            "state": "released" if decision.release else "declined",
            "decided_by": by,
            "decided_at": at,
            "reason": decision.reason,
            "made": made,
            "revision": held.revision + 1,
        }
    )
    return after, HeldPostDecided(
        held_post=held.id,
        community=held.community,
        author=held.author,
        released=decision.release,
        decided_by=by,
        at=at,
    )


def withdrawn(held: HeldPost, standing: Standing, *, seen: int, at: datetime) -> HeldPost:
    """The held post after its author took it back."""
    if held.author != standing.caller:
        raise NotAllowed("Only its author may take it back.", "not-yours", community=held.community)
    check_waits(held, seen=seen, at=at)
    return held.model_copy(update={"state": "withdrawn", "decided_at": at, "revision": held.revision + 1})


def shown(held: HeldPost, author: Author, at: datetime) -> ShownHeldPost:
    """The held post as its author and those who decide see it."""
    return ShownHeldPost(
        held_post=held.id,
        community=held.community,
        of=held.of,
        thread=held.thread,
        post=held.post,
        author=author,
        found=tuple(FoundKind(what=kind, count=count) for kind, count in sorted(held.found.items())),
        state="lapsed" if held.has_lapsed(at) else held.state,
        held_at=held.held_at,
        decided_at=held.decided_at,
        reason=held.reason,
        made=held.made,
        revision=held.revision,
    )
