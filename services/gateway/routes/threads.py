"""Threads: questions, experiences, discussions and announcements."""

from typing import Literal

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, PageQuery, ThreadPath
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    AcceptedAnswer,
    CloseThread,
    Closing,
    GetThread,
    ListThreads,
    ListUnanswered,
    NewShare,
    NewThread,
    OpenThread,
    ReopenThread,
    ShareThread,
)
from shared.contracts.vocabulary import Id, ThreadKind

threads = Resource("threads", "Questions, experiences, discussions and announcements.")


class ThreadsQuery(PageQuery):
    kind: ThreadKind | None = Field(None, description="Only of this kind; of all when left out.")
    state: Literal["open", "closed"] | None = Field(None, description="Only such; both when left out.")


class UnansweredQuery(PageQuery):
    community: Id | None = Field(
        None, description="Only of this community; of all that the caller is in when left out."
    )


@threads.creates(
    "/communities/<community>/threads",
    OpenThread,
    scope="threads:write",
    at="/v1/threads/{thread}",
    example={
        "kind": "question",
        "title": "How do you keep people walking after discharge?",
        "text": "We lose about half within four weeks. What has worked **where you are**?",
        "professions": ["physiotherapist"],
    },
)
def open_thread(asked: Asked, path: CommunityPath, body: NewThread) -> OpenThread:
    """Open a thread: ask, tell, discuss or announce."""
    return OpenThread(caller=asked.caller, once=asked.once, community=path.community, new=body)


@threads.reads("/communities/<community>/threads", ListThreads, scope="threads:read")
def list_threads(asked: Asked, path: CommunityPath, query: ThreadsQuery) -> ListThreads:
    """List a community's threads, latest post first."""
    return ListThreads(
        caller=asked.caller,
        community=path.community,
        kind=query.kind,
        state=query.state,
        after=query.after,
        limit=query.limit,
    )


@threads.reads("/unanswered", ListUnanswered, scope="threads:read")
def list_unanswered(asked: Asked, query: UnansweredQuery) -> ListUnanswered:
    """List open questions that nobody has answered, longest wait first.

    Of one community, or of all that the caller is in.
    """
    return ListUnanswered(
        caller=asked.caller, community=query.community, after=query.after, limit=query.limit
    )


@threads.reads("/threads/<thread>", GetThread, scope="threads:read")
def get_thread(asked: Asked, path: ThreadPath) -> GetThread:
    """Read a thread with its first posts."""
    return GetThread(caller=asked.caller, thread=path.thread)


@threads.changes(
    "PUT",
    "/threads/<thread>/closing",
    CloseThread,
    scope="threads:write",
    example={"reason": "Settled: see the accepted answer."},
)
def close_thread(asked: Asked, path: ThreadPath, body: Closing) -> CloseThread:
    """Close a thread, with a reason.

    By its author, a steward or a facilitator.
    """
    return CloseThread(
        caller=asked.caller, once=asked.once, thread=path.thread, closing=body, revision=asked.revision
    )


@threads.changes("DELETE", "/threads/<thread>/closing", ReopenThread, scope="threads:write")
def reopen_thread(asked: Asked, path: ThreadPath) -> ReopenThread:
    """Reopen a thread."""
    return ReopenThread(caller=asked.caller, once=asked.once, thread=path.thread, revision=asked.revision)


@threads.changes(
    "PUT",
    "/threads/<thread>/accepted-answer",
    AcceptAnswer,
    scope="threads:write",
    example={"post": "6561f0c2a1b2c3d4e5f60718"},
)
def accept_answer(asked: Asked, path: ThreadPath, body: AcceptedAnswer) -> AcceptAnswer:
    """Say which post answers the question.

    By the asker or a facilitator; another may be accepted later in its stead.
    """
    return AcceptAnswer(
        caller=asked.caller, once=asked.once, thread=path.thread, accepted=body, revision=asked.revision
    )


@threads.creates(
    "/threads/<thread>/shares",
    ShareThread,
    scope="threads:write",
    example={"guest": "6561f0c2a1b2c3d4e5f60719"},
)
def share_thread(asked: Asked, path: ThreadPath, body: NewShare) -> ShareThread:
    """Share a thread with a guest of its community."""
    return ShareThread(caller=asked.caller, once=asked.once, thread=path.thread, new=body)
