"""A tombstone: what stands where moderation took a post out, and what is kept of the post to put it back.

The text is taken out of the post itself, so that no list, search, count or system has to think of
leaving it out. An opening post takes its thread's title with it.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread, is_title_withheld
from shared.contracts.discussion import PostVisibilityChanged, ThreadTitleChanged

How = Literal["withheld", "withdrawn"]
TITLES: dict[How, str] = {"withheld": "Withheld by moderation", "withdrawn": "Withdrawn by moderation"}


class Kept(BaseModel):
    """What a post said, and its thread was called when it opens one; `case` keeps it out, maybe with others.

    Args:
        turns: how often a decision has handed it from case to case.
    """

    model_config = ConfigDict(frozen=True)

    post: str
    case: str
    title: str | None
    text: str
    html: str
    mentions: tuple[str, ...]
    turns: int = 0


def kept_of(post: Post, case: str) -> Kept:
    """What has to be kept of a post that is about to be taken out."""
    return Kept(
        post=post.id, case=case, title=post.title, text=post.text, html=post.html, mentions=post.mentions
    )


def taken_out(post: Post, thread: Thread, how: How) -> tuple[Post, Thread]:
    """The post without what it says, and its thread; also when only the reason for it changes."""
    after = post.model_copy(
        update={
            "title": None if post.title is None else "",
            "text": "",
            "html": "",
            "mentions": (),
            "moderation": how,
            "revision": post.revision + 1,
        }
    )
    return after, _titled(thread, TITLES[how]) if post.opening else thread


def put_back(post: Post, thread: Thread, kept: Kept) -> tuple[Post, Thread]:
    """The post as it was before it was taken out, and its thread."""
    after = post.model_copy(
        update={
            "title": kept.title,
            "text": kept.text,
            "html": kept.html,
            "mentions": kept.mentions,
            "moderation": None,
            "revision": post.revision + 1,
        }
    )
    return after, _titled(thread, kept.title) if kept.title else thread


def told_of(post: Post, at: datetime) -> PostVisibilityChanged:
    """The news for those who keep copies of what is told of posts."""
    return PostVisibilityChanged(
        post=post.id,
        thread=post.thread,
        community=post.community,
        visible=post.moderation is None,
        at=at,
        revision=post.revision,
    )


def told_of_title(thread: Thread, at: datetime) -> ThreadTitleChanged:
    """The news for those who keep copies of what a thread is called, and whether that may reach systems."""
    return ThreadTitleChanged(
        thread=thread.id,
        community=thread.community,
        opened_by=thread.author,
        title=thread.title,
        withheld=is_title_withheld(thread),
        at=at,
        revision=thread.title_revision,
    )


def _titled(thread: Thread, title: str) -> Thread:
    return thread.model_copy(update={"title": title})
