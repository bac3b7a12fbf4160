"""A thread: opened, closed for a reason, opened again, shared with a guest.

`revision` counts the changes of the thread itself. A post is no such change: many people may post
at once while somebody closes the thread by the revision they saw.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.discussion.domain import access, guard
from services.discussion.domain.access import Member, Place, Standing
from services.discussion.domain.crossing import Decision, Reach
from services.discussion.domain.guard import Marks
from services.discussion.domain.mention import Mentions
from shared.contracts.calls.discussion import Author, NewThread, ThreadSummary
from shared.contracts.discussion import ThreadClosed, ThreadOpened, ThreadReopened, ThreadShared
from shared.contracts.vocabulary import ContentKind, Role, ThreadKind
from shared.errors import Conflict

CLOSERS = (Role.STEWARD, Role.FACILITATOR)
MOST_GUESTS = 200


class Thread(BaseModel):
    """A thread as it is kept.

    Args:
        posts: how many there are, the opening one included.
        answered: whether anybody but its author has posted in it.
        organisation: the author's organisation when they opened it; see `Post`.
        closed_from: the organisation of who closed it for `closed_reason`.
        guests: the stays of guests in which it was shared; see `access.Place`.
        marks: what the guard saw in its title; see `Post`.
        locks: the cases by which moderation keeps it closed.
        open_before_lock: whether it was open before the first of them.
        doubted: whether its opening post is; see `Post`.
        title_revision: counts what became of its title, which is told to those who keep copies of it.
        told: how many facts that count were told of it: the number of the last of them.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    community: str
    kind: ThreadKind
    title: str
    author: str
    organisation: str | None = None
    professions: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    posts: int
    answered: bool = False
    accepted_answer: str | None = None
    state: Literal["open", "closed"] = "open"
    closed_reason: str | None = None
    closed_from: str | None = None
    opened_at: datetime
    last_post_at: datetime
    guests: tuple[str, ...] = ()
    revision: int = 1
    marks: Marks | None = None
    locks: tuple[str, ...] = ()
    open_before_lock: bool = False
    doubted: bool = False
    title_revision: int = 0
    told: int = 0

    @property
    def waiting(self) -> bool:
        """Whether it is an unanswered question: open, none accepted, nobody but the asker has posted."""
        is_open_question = self.kind is ThreadKind.QUESTION and self.state == "open"
        return is_open_question and self.accepted_answer is None and not self.answered


def opened(
    new: NewThread, *, by: Member, community: str, id: str, post: str, mentions: Mentions, at: datetime
) -> tuple[Thread, ThreadOpened]:
    """The thread that `new` makes, with its first post `post`, and the news of it."""
    thread = Thread(
        id=id,
        community=community,
        kind=new.kind,
        title=new.title,
        author=by.id,
        organisation=by.organisation,
        professions=new.professions,
        interests=new.interests,
        posts=1,
        opened_at=at,
        last_post_at=at,
        told=1,
    )
    return thread, ThreadOpened(
        thread=id,
        community=community,
        post=post,
        kind=new.kind,
        title=new.title,
        author=by.id,
        author_name=by.name,
        mentions=mentions.members,
        unknown_handles=mentions.unknown_handles,
        professions=new.professions,
        interests=new.interests,
        at=at,
        organisation=by.organisation,
        title_withheld=False,
        number=thread.told,
    )


def check_sees(thread: Thread | None, standing: Standing) -> Thread:
    """The thread, or the refusal of one that is not there or may not be known of."""
    if thread is None:
        raise access.no_such_thread()
    if not standing.reads(thread.guests) or not is_within(thread, standing.reach):
        raise access.no_such_thread(thread.community)
    return thread


def crossing_of(thread: Thread, reach: Reach, kind: ContentKind = ContentKind.TITLES) -> Decision:
    """Whether a thread crosses to a partner's system: its title, or what its author says of it besides."""
    return reach.decide(thread.organisation, thread.community, kind, thread.opened_at)


def is_within(thread: Thread, reach: Reach | None) -> bool:
    """Whether a thread may be known of; by a person it may."""
    return reach is None or crossing_of(thread, reach).lets


def is_title_withheld(thread: Thread) -> bool:
    """Whether its title reaches no other organisation's system: it is doubted, or holds what nobody has released."""
    return thread.doubted or not guard.may_cross(thread.marks or guard.marks_of(thread.title))


def check_is_open(thread: Thread) -> None:
    """Refuse a post in a closed thread."""
    if thread.state == "closed":
        raise Conflict(
            "The thread is closed; ask for it to be opened again, or open a new one.", "thread-closed"
        )


def check_revision(present: int, seen: int) -> None:
    """Refuse a change that was decided upon something that is no longer so."""
    if present != seen:
        raise Conflict(
            "It was changed meanwhile; read it again, then change it.", "stale-revision", "revision"
        )


def closed(
    thread: Thread, standing: Standing, *, reason: str, seen: int, at: datetime
) -> tuple[Thread, ThreadClosed]:
    """The thread as the caller leaves it, closed for `reason`; `seen` is the revision they decided upon."""
    by = access.check_steers(standing, thread.author, roles=CLOSERS)
    check_revision(thread.revision, seen)
    check_is_open(thread)
    after = thread.model_copy(
        update={
            "state": "closed",
            "closed_reason": reason,
            "closed_from": by.organisation,
            "revision": thread.revision + 1,
            "told": thread.told + 1,
        }
    )
    return after, ThreadClosed(
        thread=thread.id,
        community=thread.community,
        title=thread.title,
        opened_by=thread.author,
        closed_by=by.id,
        closed_by_name=by.name,
        reason=reason,
        at=at,
        revision=after.revision,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
        number=after.told,
    )


def reopened(thread: Thread, standing: Standing, *, seen: int, at: datetime) -> tuple[Thread, ThreadReopened]:
    """The thread as it is after the caller has opened it again; by whom it might have been closed."""
    by = access.check_steers(standing, thread.author, roles=CLOSERS)
    check_revision(thread.revision, seen)
    if thread.state == "open":
        raise Conflict("The thread is open already.", "thread-open")
    if thread.locks:
        raise Conflict("Moderation has locked the thread; an appeal may open it again.", "thread-locked")
    after = thread.model_copy(
        update={
            "state": "open",
            "closed_reason": None,
            "closed_from": None,
            "revision": thread.revision + 1,
            "told": thread.told + 1,
        }
    )
    return after, ThreadReopened(
        thread=thread.id,
        community=thread.community,
        title=thread.title,
        opened_by=thread.author,
        reopened_by=by.id,
        reopened_by_name=by.name,
        at=at,
        revision=after.revision,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
        number=after.told,
    )


def shared(
    thread: Thread, standing: Standing, *, guest: str, place: Place | None, at: datetime
) -> tuple[Thread, ThreadShared | None]:
    """The thread as the caller shares it with `guest`, and the news, if it is any in their present stay.

    Args:
        place: the place of `guest` in the thread's community as far as heard.
    """
    by = access.check_takes_part(standing)
    access.check_is_no_guest(standing)
    if place is None or place.role is not Role.GUEST:
        raise Conflict(
            "A thread is shared with a guest of its community; everybody else in it sees it anyway.",
            "not-a-guest",
            "guest",
            community=thread.community,
        )
    if place.stay in thread.guests:
        return thread, None
    others = tuple(stay for stay in thread.guests if not access.is_same_guest(stay, place.stay))
    if len(others) >= MOST_GUESTS:
        raise Conflict(f"A thread is shared with at most {MOST_GUESTS} guests.", "too-many-guests")
    return thread.model_copy(update={"guests": (*others, place.stay)}), ThreadShared(
        thread=thread.id,
        community=thread.community,
        title=thread.title,
        guest=guest,
        shared_by=by.id,
        shared_by_name=by.name,
        at=at,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
    )


def as_seen(thread: Thread, reach: Reach, *, posts: int, last_post_at: datetime, sees_answer: bool) -> Thread:
    """The thread as a partner's system sees it: nothing in it tells of what it may not see.

    Args:
        posts, last_post_at: how many posts it may read, and when the last of them was written.
        sees_answer: whether the accepted answer is one of them.
    """
    hidden: dict[str, object] = {} if sees_answer else {"accepted_answer": None}
    if not crossing_of(thread, reach, ContentKind.THREADS).lets:
        hidden |= {"professions": (), "interests": ()}
    closing = reach.decide(thread.closed_from, thread.community, ContentKind.THREADS, thread.opened_at)
    if not closing.lets:
        hidden["closed_reason"] = None
    return thread.model_copy(update={"posts": posts, "last_post_at": last_post_at, **hidden})


def summary(thread: Thread, author: Author, *, titles_only: bool = False) -> ThreadSummary:
    """The thread as a list shows it."""
    return ThreadSummary(
        thread=thread.id,
        community=thread.community,
        kind=thread.kind,
        title=thread.title,
        author=author,
        professions=thread.professions,
        interests=thread.interests,
        posts=thread.posts,
        accepted_answer=thread.accepted_answer,
        state=thread.state,
        closed_reason=thread.closed_reason,
        opened_at=thread.opened_at,
        last_post_at=thread.last_post_at,
        revision=thread.revision,
        titles_only=titles_only,
        locked=bool(thread.locks),
    )
