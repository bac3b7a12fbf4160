"""A post: what somebody says in a thread, rendered when it is written, and every version it has had."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.discussion.domain import access
from services.discussion.domain.access import Member, Standing
from services.discussion.domain.crossing import Decision, Reach
from services.discussion.domain.guard import Marks
from services.discussion.domain.mention import Mentions
from services.discussion.domain.thread import Thread, check_is_open, check_revision, is_title_withheld
from shared.contracts.calls.discussion import Author, PostVersion
from shared.contracts.calls.discussion import Post as ShownPost
from shared.contracts.discussion import PostAdded, PostEdited
from shared.contracts.vocabulary import ContentKind, Reaction
from shared.errors import Conflict, NotAllowed

INSTEAD = {
    "withheld": "Withheld: facilitators look at a report about it.",
    "withdrawn": "Withdrawn by moderation.",
}
"""What is read where moderation took a post out."""


class Post(BaseModel):
    """A post as it is kept.

    Args:
        organisation: the author's organisation when they wrote, so that a page of posts and the
            names of its authors' organisations are usually read together.
        mentions: the members its present text names.
        once_mentioned: every member any version of it has named, and who was told so.
        place: its place among posts of the same moment, which only an archive can bring.
        title: the thread's title in its opening post, so that a search finds it; None in all others.
        marks: what the guard saw in it; None until somebody had to know, when it is older than the guard.
        moderation: why it says nothing any more; see `tombstone`.
        doubted: whether a case is open because it may hold something confidential; see `withheld`.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    thread: str
    community: str
    author: str
    organisation: str | None = None
    title: str | None = None
    text: str
    html: str
    mentions: tuple[str, ...] = ()
    once_mentioned: tuple[str, ...] = ()
    reactions: dict[Reaction, int] = {}
    posted_at: datetime
    place: int = 0
    edited_at: datetime | None = None
    revision: int = 1
    marks: Marks | None = None
    moderation: Literal["withheld", "withdrawn"] | None = None
    doubted: bool = False

    @property
    def opening(self) -> bool:
        """Whether the thread begins with it."""
        return self.title is not None


def check_sees(post: Post | None, thread: Thread | None, standing: Standing) -> tuple[Post, Thread]:
    """The post and its thread, or the refusal of what is not there or may not be known of."""
    if post is None or thread is None:
        raise access.no_such_post()
    if not standing.reads(thread.guests) or not is_within(post, standing.reach):
        raise access.no_such_post(thread.community)
    return post, thread


def check_is_there(post: Post) -> None:
    """Refuse to do anything with what moderation took out."""
    if post.moderation is not None:
        raise Conflict("Moderation has taken this post out.", "post-taken-out", "post")


def crossing_of(post: Post, reach: Reach) -> Decision:
    """Whether a post crosses to a partner's system, as it was written last."""
    written_at = post.edited_at or post.posted_at
    return reach.decide(post.organisation, post.community, ContentKind.THREADS, written_at)


def is_within(post: Post, reach: Reach | None) -> bool:
    """Whether a post may be read; by a person it may."""
    return reach is None or crossing_of(post, reach).lets


def check_posts(thread: Thread, standing: Standing) -> Member:
    """Refuse whoever sees the thread but may not post in it now; a guest who sees it may."""
    member = access.check_takes_part(standing)
    check_is_open(thread)
    return member


def opening(
    thread: Thread,
    *,
    by: Member,
    id: str,
    text: str,
    html: str,
    mentions: Mentions,
    marks: Marks | None = None,
) -> Post:
    """The first post of `thread`."""
    return Post(
        id=id,
        thread=thread.id,
        community=thread.community,
        author=by.id,
        organisation=by.organisation,
        title=thread.title,
        text=text,
        html=html,
        mentions=mentions.members,
        once_mentioned=mentions.members,
        posted_at=thread.opened_at,
        marks=marks,
    )


def added(
    thread: Thread,
    *,
    by: Member,
    id: str,
    text: str,
    html: str,
    mentions: Mentions,
    at: datetime,
    marks: Marks | None = None,
) -> tuple[Post, PostAdded]:
    """The post that `by` adds to `thread`, and the news of it."""
    post = Post(
        id=id,
        thread=thread.id,
        community=thread.community,
        author=by.id,
        organisation=by.organisation,
        text=text,
        html=html,
        mentions=mentions.members,
        once_mentioned=mentions.members,
        posted_at=at,
        marks=marks,
    )
    return post, PostAdded(
        post=id,
        thread=thread.id,
        community=thread.community,
        kind=thread.kind,
        title=thread.title,
        opened_by=thread.author,
        author=by.id,
        author_name=by.name,
        mentions=mentions.members,
        unknown_handles=mentions.unknown_handles,
        at=at,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
        number=thread.told + 1,
    )


def check_edits(post: Post, standing: Standing, *, seen: int) -> Member:
    """Refuse whoever is not its author, and an edit of what is no longer there."""
    member = access.check_takes_part(standing)
    if post.author != standing.caller:
        raise NotAllowed("Only its author may edit a post.", "not-yours", community=post.community)
    check_is_there(post)
    if post.organisation is not None and post.organisation != member.organisation:
        raise NotAllowed(
            "You wrote this for another organisation, whose record it is; say what is different in a new post.",
            "written-elsewhere",
            community=post.community,
        )
    check_revision(post.revision, seen)
    return member


def edited(
    thread: Thread,
    post: Post,
    *,
    by: Member,
    text: str,
    html: str,
    mentions: Mentions,
    at: datetime,
    marks: Marks | None = None,
) -> tuple[Post, PostEdited]:
    """The post as it is after the edit; only members whom no version of it has named before are news."""
    after = post.model_copy(
        update={
            "text": text,
            "html": html,
            "mentions": mentions.members,
            "once_mentioned": tuple(dict.fromkeys(post.once_mentioned + mentions.members)),
            "edited_at": at,
            "revision": post.revision + 1,
            "marks": marks,
        }
    )
    return after, PostEdited(
        post=post.id,
        thread=thread.id,
        community=thread.community,
        kind=thread.kind,
        title=thread.title,
        opened_by=thread.author,
        editor=by.id,
        editor_name=by.name,
        newly_mentioned=tuple(member for member in mentions.members if member not in post.once_mentioned),
        unknown_handles=mentions.unknown_handles,
        at=at,
        revision=after.revision,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
    )


def shown(post: Post, author: Author, mentions: tuple[str, ...] | None = None) -> ShownPost:
    """The post as readers see it; `mentions` are those of whom the reader may know, all when left out."""
    return ShownPost(
        post=post.id,
        thread=post.thread,
        community=post.community,
        author=author,
        text=_text(post),
        html=_html(post),
        mentions=post.mentions if mentions is None else mentions,
        reactions={word: count for word, count in post.reactions.items() if count > 0},
        posted_at=post.posted_at,
        edited_at=post.edited_at,
        revision=post.revision,
        moderation=post.moderation,
    )


def version(post: Post) -> PostVersion:
    """The post as it is now, to be kept as it was."""
    return PostVersion(
        revision=post.revision,
        text=_text(post),
        html=_html(post),
        written_at=post.edited_at or post.posted_at,
    )


def _text(post: Post) -> str:
    return INSTEAD[post.moderation] if post.moderation else post.text


def _html(post: Post) -> str:
    return f"<p>{INSTEAD[post.moderation]}</p>\n" if post.moderation else post.html
