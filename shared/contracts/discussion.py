"""What the discussion service tells: what is asked, answered, settled and shared."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import Id, Line, Moment, Note, Reaction, ThreadKind, Word


class DiscussionFact(Contract):
    """What the discussion service tells.

    Of what somebody did, `organisation` is theirs at that moment, and `thread_organisation` that of who
    opened the thread, by whose agreements the news of it may reach partners' systems.

    `number` counts what is told of a thread from 1 on, without gaps: whoever tells others in order knows by it
    what is still on its way. None for what was told before there were numbers.
    """

    speaker: ClassVar[str] = "discussion"


class ThreadOpened(DiscussionFact):
    """A thread was opened, with its first post.

    `professions` and `interests` are whom its author hopes to reach; `mentions` the members named in it,
    `unknown_handles` what may name others, of whom discussion has not heard in this community.
    """

    word: ClassVar[str] = "thread-opened"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    post: Id
    kind: ThreadKind
    title: Line
    author: Id
    author_name: Line
    mentions: tuple[Id, ...] = ()
    unknown_handles: tuple[Word, ...] = ()
    professions: tuple[Word, ...] = ()
    interests: tuple[Word, ...] = ()
    at: Moment
    organisation: Id | None = None
    title_withheld: bool | None = None
    number: int | None = None


class PostAdded(DiscussionFact):
    """Somebody answered or went on with a thread; for `unknown_handles` see `ThreadOpened`."""

    word: ClassVar[str] = "post-added"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    post: Id
    thread: Id
    community: Id
    kind: ThreadKind
    title: Line
    opened_by: Id
    author: Id
    author_name: Line
    mentions: tuple[Id, ...] = ()
    unknown_handles: tuple[Word, ...] = ()
    at: Moment
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None
    number: int | None = None


class PostEdited(DiscussionFact):
    """A post was changed; `newly_mentioned` are the members whom only this edit names.

    For `unknown_handles` see `ThreadOpened`; all that its text now has.
    """

    word: ClassVar[str] = "post-edited"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    post: Id
    thread: Id
    community: Id
    kind: ThreadKind
    title: Line
    opened_by: Id
    editor: Id
    editor_name: Line
    newly_mentioned: tuple[Id, ...] = ()
    unknown_handles: tuple[Word, ...] = ()
    at: Moment
    revision: int
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None


class AnswerAccepted(DiscussionFact):
    """The asker, or a facilitator, said which post answers the question."""

    word: ClassVar[str] = "answer-accepted"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    title: Line
    post: Id
    answered_by: Id
    opened_by: Id
    accepted_by: Id
    accepted_by_name: Line
    at: Moment
    revision: int
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None
    number: int | None = None


class ThreadClosed(DiscussionFact):
    """A thread takes no more posts, for the reason given."""

    word: ClassVar[str] = "thread-closed"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    title: Line
    opened_by: Id
    closed_by: Id
    closed_by_name: Line
    reason: Note
    at: Moment
    revision: int
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None
    number: int | None = None


class ThreadReopened(DiscussionFact):
    """A closed thread takes posts again."""

    word: ClassVar[str] = "thread-reopened"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    title: Line
    opened_by: Id
    reopened_by: Id
    reopened_by_name: Line
    at: Moment
    revision: int
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None
    number: int | None = None


class ThreadShared(DiscussionFact):
    """A thread was shared with a guest, who sees nothing else of the community."""

    word: ClassVar[str] = "thread-shared"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    title: Line
    guest: Id
    shared_by: Id
    shared_by_name: Line
    at: Moment
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None


class PostReacted(DiscussionFact):
    """A reader said that a post helped them, or that it is the same where they are; told once per reader and word.

    `news` is its own id, which tells nobody who the reader is.
    """

    word: ClassVar[str] = "post-reacted"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    post: Id
    thread: Id
    community: Id
    title: Line
    author: Id
    reaction: Reaction
    reacted_by: Id
    reacted_by_name: Line
    at: Moment
    organisation: Id | None = None
    thread_organisation: Id | None = None
    title_withheld: bool | None = None
    news: Id | None = None


class HistoryImported(DiscussionFact):
    """A thread from another archive was brought in: known from now on, and nothing in it is news to anybody.

    `participants` are the members who wrote in it, who follow it from now on.
    """

    word: ClassVar[str] = "history-imported"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    title: Line
    opened_by: Id
    participants: tuple[Id, ...]
    posts: int
    at: Moment


class Acted(DiscussionFact):
    """Something security-relevant was done here; the audit log keeps it.

    `act` is the call's name, `concerns` the ids it named or made, by field.
    """

    word: ClassVar[str] = "acted"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    id: Id
    act: Line
    at: Moment
    member: Id | None = None
    client: Id | None = None
    operator: bool = False
    organisations: tuple[Id, ...] = ()
    concerns: dict[Line, Id] = Field(default_factory=dict)
    upon: tuple[Id, ...] = ()
    parties: tuple[Id, ...] = ()


class WordsGathered(DiscussionFact):
    """What is kept here of a member who asked for a copy lies ready, in so many parts."""

    word: ClassVar[str] = "words-gathered"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    export: Id
    parts: int
    at: Moment


class WordsErased(DiscussionFact):
    """The receipt for an erasure: how many documents of each collection here named the member, or were theirs."""

    word: ClassVar[str] = "words-erased"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    erasure: Id
    member: Id
    erased: dict[Line, int]
    at: Moment


class PostHeld(DiscussionFact):
    """Something was found in a post, and its author insists: it waits for a facilitator. Nothing of it is told."""

    word: ClassVar[str] = "post-held"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    held_post: Id
    community: Id
    author: Id
    author_name: Line
    at: Moment


class HeldPostDecided(DiscussionFact):
    """A held post was released, and is said now, or declined; the reason is read where the post is."""

    word: ClassVar[str] = "held-post-decided"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    held_post: Id
    community: Id
    author: Id
    released: bool
    decided_by: Id | None = None
    at: Moment


class CaseWaits(DiscussionFact):
    """A case about a reported post waits for those who decide: it was reported, appealed, or waits for long.

    `parties` wrote, reported or decided: they do not decide, and are not told. Nothing of the post is told.
    """

    word: ClassVar[str] = "case-waits"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    case: Id
    community: Id
    why: Literal["reported", "appealed", "long"]
    parties: tuple[Id, ...]
    at: Moment


class CaseDecided(DiscussionFact):
    """Something was decided about a member's post, for them; what, and why, is read where the case is."""

    word: ClassVar[str] = "case-decided"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    case: Id
    community: Id
    author: Id
    step: Literal["decision", "appeal", "organisation"]
    at: Moment


class ReportDecided(DiscussionFact):
    """Something was decided about what a member has reported, for them."""

    word: ClassVar[str] = "report-decided"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    report: Id
    community: Id
    reporter: Id
    step: Literal["decision", "appeal"]
    at: Moment


class PostVisibilityChanged(DiscussionFact):
    """Moderation took a post out of sight, or put it back.

    `title` was told with opening posts, before `ThreadTitleChanged` was: what the thread is called then.
    """

    word: ClassVar[str] = "post-visibility-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    post: Id
    thread: Id
    community: Id
    visible: bool
    at: Moment
    revision: int
    title: Line | None = None


class ThreadTitleChanged(DiscussionFact):
    """A thread is called otherwise, because moderation took its title out or put it back; or whether it is `withheld` changed."""

    word: ClassVar[str] = "thread-title-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    thread: Id
    community: Id
    opened_by: Id
    title: Line
    withheld: bool
    at: Moment
    revision: int
