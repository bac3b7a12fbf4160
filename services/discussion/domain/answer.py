"""The accepted answer: the post of which the asker, or a facilitator, says that it settles the question."""

from datetime import datetime

from services.discussion.domain import access
from services.discussion.domain.access import Standing
from services.discussion.domain.post import Post, check_is_there
from services.discussion.domain.thread import Thread, check_revision, is_title_withheld
from shared.contracts.discussion import AnswerAccepted
from shared.contracts.vocabulary import Role, ThreadKind
from shared.errors import Conflict


def accepted(
    thread: Thread, post: Post | None, standing: Standing, *, seen: int, at: datetime
) -> tuple[Thread, AnswerAccepted | None]:
    """The question as it is after the caller has accepted `post` as its answer, and the news, if it is any.

    Args:
        post: a post of this thread, or None when there is none with the id that was given.
        seen: the thread's revision the caller decided upon.
    """
    by = access.check_steers(standing, thread.author, roles=(Role.FACILITATOR,))
    check_revision(thread.revision, seen)
    if thread.kind is not ThreadKind.QUESTION:
        raise Conflict("Only a question has an accepted answer.", "not-a-question")
    if post is None or post.thread != thread.id:
        raise access.no_such_post()
    if post.opening:
        raise Conflict(
            "The question cannot be its own answer; accept a post that follows it.", "not-an-answer"
        )
    check_is_there(post)
    if thread.accepted_answer == post.id:
        return thread, None
    changes = {"accepted_answer": post.id, "revision": thread.revision + 1, "told": thread.told + 1}
    after = thread.model_copy(update=changes)
    return after, AnswerAccepted(
        thread=thread.id,
        community=thread.community,
        title=thread.title,
        post=post.id,
        answered_by=post.author,
        opened_by=thread.author,
        accepted_by=by.id,
        accepted_by_name=by.name,
        at=at,
        revision=after.revision,
        organisation=by.organisation,
        thread_organisation=thread.organisation,
        title_withheld=is_title_withheld(thread),
        number=after.told,
    )
