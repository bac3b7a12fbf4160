"""A reaction: what a reader says of a post without a post. It is news the first time only."""

from datetime import datetime
from typing import Literal

from services.discussion.domain.access import Member
from services.discussion.domain.post import Post, check_is_there
from services.discussion.domain.thread import Thread, is_title_withheld
from shared.contracts.discussion import PostReacted
from shared.contracts.vocabulary import Reaction

Past = Literal["never", "taken back", "standing"]
"""What a reader has said of a post, in one word, before now."""


def reacted(
    thread: Thread, post: Post, reaction: Reaction, past: Past, *, by: Member, at: datetime, news: str
) -> tuple[Post, PostReacted | None]:
    """The post as it is after the reaction, and the news; to say it again, or of one's own post, is none.

    Args:
        news: an id for the news.
    """
    check_is_there(post)
    if past == "standing":
        return post, None
    after = _counted(post, reaction, +1)
    if past == "taken back" or post.author == by.id:
        return after, None
    return after, PostReacted(
        post=post.id,
        thread=thread.id,
        community=thread.community,
        title=thread.title,
        author=post.author,
        reaction=reaction,
        reacted_by=by.id,
        reacted_by_name=by.name,
        at=at,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
        news=news,
    )


def taken_back(post: Post, reaction: Reaction, past: Past) -> Post:
    """The post as it is after the reaction was taken back; what does not stand cannot be."""
    return _counted(post, reaction, -1) if past == "standing" else post


def _counted(post: Post, reaction: Reaction, by: int) -> Post:
    counts = {**post.reactions, reaction: max(0, post.reactions.get(reaction, 0) + by)}
    return post.model_copy(update={"reactions": counts})
