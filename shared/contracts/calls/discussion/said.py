"""What the discussion service may be asked about threads, posts, search and history."""

from typing import Literal, Self

from pydantic import Field, model_validator

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.discussion.call import DiscussionCall, DiscussionListing
from shared.contracts.vocabulary import (
    Confidential,
    Id,
    Line,
    MemberField,
    Moment,
    Note,
    Reaction,
    Text,
    ThreadKind,
    Word,
)

# Threads


class Experience(Body):
    """What happened, in the four parts that make an experience useful to somebody else."""

    context: Text = Field(description="Where it was, and for whom; Markdown, as in all four.")
    what_we_did: Text = Field(description="What was tried.")
    what_happened: Text = Field(description="What came of it, also when it failed.")
    what_we_would_change: Text | None = Field(None, description="What would be done differently next time.")


class NewThread(Body):
    """A thread as its author writes it: `text` in Markdown, or `experience` for an experience."""

    kind: ThreadKind = Field(description="What it is for.")
    title: Line = Field(description="What it is about, in a line.")
    text: Text | None = Field(None, description="The first post, in Markdown; none in an experience.")
    experience: Experience | None = Field(None, description="What an `experience` tells instead of `text`.")
    professions: tuple[Word, ...] = Field(
        (), max_length=5, description="Whose eyes are wanted, by profession."
    )
    interests: tuple[Word, ...] = Field((), max_length=5, description="Whose eyes are wanted, by interest.")

    @model_validator(mode="after")
    def text_or_experience(self) -> Self:
        if (self.kind is ThreadKind.EXPERIENCE) != (self.experience is not None):
            raise ValueError("an experience, and only an experience, is told in `experience`")
        if (self.text is None) == (self.experience is None):
            raise ValueError("give `text`, or `experience` for an experience, and not both")
        return self


class Author(Answer):
    """Who wrote it, as readers see them; a member who has left keeps their name here.

    To a partner's system an agreement may disclose less: what is `withheld` is null here, and without
    the name there is no id.
    """

    member: Id | None
    name: str | None
    profession: str | None
    organisation_name: str | None
    guest_of_name: str | None = Field(None, description="Of somebody at home nowhere: whose guest they are.")
    withheld: tuple[MemberField, ...] = ()


class Post(Answer):
    """One post. `text` is the Markdown as written, `html` the sanitised page fragment; `reactions` counts by word.

    One that moderation has `withheld` (while a case is open) or `withdrawn` says so instead of what it said.
    """

    post: Id
    thread: Id
    community: Id
    author: Author
    text: str
    html: str
    mentions: tuple[Id, ...]
    reactions: dict[Reaction, int]
    posted_at: Moment
    edited_at: Moment | None
    revision: int
    moderation: Literal["withheld", "withdrawn"] | None = None


class ThreadSummary(Answer):
    """A thread as a list shows it.

    To a partner's system `posts`, `last_post_at` and `accepted_answer` tell of the posts that it may
    read; with `titles_only` an agreement lets it know of the thread, and of nothing that is said in it.
    One that is `locked` was closed by moderation, and its author cannot open it again.
    """

    thread: Id
    community: Id
    kind: ThreadKind
    title: str
    author: Author
    professions: tuple[str, ...]
    interests: tuple[str, ...]
    posts: int
    accepted_answer: Id | None
    state: Literal["open", "closed"]
    closed_reason: str | None
    opened_at: Moment
    last_post_at: Moment
    revision: int
    titles_only: bool = False
    locked: bool = False


class Thread(ThreadSummary):
    """A thread with its first page of posts, oldest first; `next` is the cursor for `ListPosts`."""

    first_posts: tuple[Post, ...]
    next: str | None


class OpenThread(DiscussionCall):
    answer = Thread
    community: Id
    new: NewThread


class GetThread(DiscussionCall):
    answer = Thread
    thread: Id


class ListThreads(DiscussionListing):
    """Threads of one community, latest post first."""

    answer = Page[ThreadSummary]
    community: Id
    kind: ThreadKind | None = None
    state: Literal["open", "closed"] | None = None


class ListUnanswered(DiscussionListing):
    """Open questions nobody has answered, longest wait first: of one community, or of all the caller is in."""

    answer = Page[ThreadSummary]
    community: Id | None = None


class Closing(Body):
    reason: Note = Field(description="Why, for everybody who reads the thread.")


class CloseThread(DiscussionCall):
    """By its author, a steward or a facilitator."""

    answer = ThreadSummary
    thread: Id
    closing: Closing
    revision: int


class ReopenThread(DiscussionCall):
    answer = ThreadSummary
    thread: Id
    revision: int


class AcceptedAnswer(Body):
    post: Id = Field(description="The id of the post that answers the question.")


class AcceptAnswer(DiscussionCall):
    """By the asker or a facilitator; another post may be accepted later in its stead."""

    answer = ThreadSummary
    thread: Id
    accepted: AcceptedAnswer
    revision: int


class NewShare(Body):
    guest: Id = Field(description="The id of the guest who is to read it and answer.")


class ShareThread(DiscussionCall):
    """By a member of the community, with one of its guests."""

    answer = Done
    audited = True
    thread: Id
    new: NewShare


class KnownThread(Answer):
    """A thread that is there, and that the caller may know of."""

    community: Id


class TellThread(DiscussionCall):
    """Is there such a thread for the caller? By the switchboard, when another service has not heard of it."""

    answer = KnownThread
    thread: Id


# Posts


class NewPost(Body):
    text: Text = Field(description="Markdown; `@handle` mentions a member of the community.")


class AddPost(DiscussionCall):
    answer = Post
    thread: Id
    new: NewPost


class GetPost(DiscussionCall):
    answer = Post
    post: Id


class ListPosts(DiscussionListing):
    """A thread's posts, oldest first."""

    answer = Page[Post]
    thread: Id


class EditPost(DiscussionCall):
    """By its author."""

    answer = Post
    post: Id
    new: NewPost
    revision: int


class PostVersion(Answer):
    """A post as it once was."""

    revision: int
    text: str
    html: str
    written_at: Moment


class ListPostVersions(DiscussionListing):
    """Every version of a post, newest first, the present one included."""

    answer = Page[PostVersion]
    post: Id


class React(DiscussionCall):
    """Saying the same twice changes nothing."""

    answer = Post
    post: Id
    reaction: Reaction

    def repeated(self) -> GetPost:
        return GetPost(caller=self.caller, post=self.post)


class Unreact(DiscussionCall):
    answer = Post
    post: Id
    reaction: Reaction

    def repeated(self) -> GetPost:
        return GetPost(caller=self.caller, post=self.post)


# Search


class Found(Answer):
    """A post that holds the words, with its thread."""

    thread: Id
    post: Id
    community: Id
    kind: ThreadKind
    title: str
    excerpt: str
    author: Author
    posted_at: Moment


class Search(DiscussionListing):
    """Full-text search over what the caller may see, best match first."""

    answer = Page[Found]
    words: Line
    community: Id | None = None


# History


class ImportedPost(Body):
    """A post of an archive; `html` is what the source rendered, `text` what it was written in, one of the two."""

    id: Id
    author: Id
    at: Moment
    text: str | None = Field(None, max_length=400_000)
    html: str | None = Field(None, max_length=1_000_000)


class ImportedThread(Body):
    id: Id
    community: Id
    kind: ThreadKind
    title: Line
    interests: tuple[Word, ...] = Field((), max_length=5)
    posts: tuple[ImportedPost, ...] = Field(min_length=1)


class Imported(Answer):
    """How much of what was sent was new, and what the guard found in it, by kind; it holds no history back."""

    threads: int
    posts: int
    found: dict[Confidential, int] = Field(default_factory=dict)


class ImportThreads(DiscussionCall):
    """By the operator: whole threads of an archive, original times and authors kept, known again by their ids.

    Repeating it changes nothing; a thread that grew by posts since gets those. Nobody is notified.
    A thread longer than one call may carry is sent in parts, each with the posts that follow.
    """

    answer = Imported
    audited = True
    threads: tuple[ImportedThread, ...] = Field(max_length=500)
