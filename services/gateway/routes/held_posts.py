"""Held posts: insisting on what something was found in, and deciding about it."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, HeldPostPath, PageQuery, PostPath, ThreadPath
from shared.contracts.calls.discussion import (
    DecideHeldPost,
    GetHeldPost,
    HeldDecision,
    HoldEdit,
    HoldPost,
    HoldThread,
    ListHeldPosts,
    NewPost,
    NewThread,
    WithdrawHeldPost,
)

held_posts = Resource("held posts", "Posts in which something was found, waiting for a facilitator.")

MADE_AT = "/v1/held-posts/{held_post}"


@held_posts.creates(
    "/communities/<community>/held-posts",
    HoldThread,
    scope="threads:write",
    at=MADE_AT,
    example={"kind": "question", "title": "Whom to ring?", "text": "Our clinic is at LL57 2DG, open to all."},
)
def hold_thread(asked: Asked, path: CommunityPath, body: NewThread) -> HoldThread:
    """Insist on opening a thread in which something was found; a facilitator decides."""
    return HoldThread(caller=asked.caller, once=asked.once, community=path.community, new=body)


@held_posts.creates(
    "/threads/<thread>/held-posts",
    HoldPost,
    scope="threads:write",
    at=MADE_AT,
    example={"text": "Our clinic is at LL57 2DG, open to all."},
)
def hold_post(asked: Asked, path: ThreadPath, body: NewPost) -> HoldPost:
    """Insist on a post in which something was found; a facilitator decides."""
    return HoldPost(caller=asked.caller, once=asked.once, thread=path.thread, new=body)


@held_posts.creates(
    "/posts/<post>/held-posts",
    HoldEdit,
    scope="threads:write",
    at=MADE_AT,
    example={"text": "Our clinic is at LL57 2DG, open to all."},
)
def hold_edit(asked: Asked, path: PostPath, body: NewPost) -> HoldEdit:
    """Insist on an edit of one's own post in which something was found; a facilitator decides."""
    return HoldEdit(caller=asked.caller, once=asked.once, post=path.post, new=body, revision=asked.revision)


@held_posts.reads("/communities/<community>/held-posts", ListHeldPosts, scope="threads:read")
def list_held_posts(asked: Asked, path: CommunityPath, query: PageQuery) -> ListHeldPosts:
    """List the held posts that wait in a community, longest wait first.

    Facilitators see all of them, everybody else their own.
    """
    return ListHeldPosts(caller=asked.caller, community=path.community, after=query.after, limit=query.limit)


@held_posts.reads("/held-posts/<held_post>", GetHeldPost, scope="threads:read")
def get_held_post(asked: Asked, path: HeldPostPath) -> GetHeldPost:
    """Read a held post with what is to be said.

    For its author, and for those who decide.
    """
    return GetHeldPost(caller=asked.caller, held_post=path.held_post)


@held_posts.changes(
    "PUT",
    "/held-posts/<held_post>/decision",
    DecideHeldPost,
    scope="threads:write",
    example={"release": False, "reason": "The patient could be known by it."},
)
def decide_held_post(asked: Asked, path: HeldPostPath, body: HeldDecision) -> DecideHeldPost:
    """Release a held post, or decline it with a reason.

    By a facilitator other than its author; by a steward where there is no other.
    """
    return DecideHeldPost(
        caller=asked.caller,
        once=asked.once,
        held_post=path.held_post,
        decision=body,
        revision=asked.revision,
    )


@held_posts.changes("DELETE", "/held-posts/<held_post>", WithdrawHeldPost, scope="threads:write")
def withdraw_held_post(asked: Asked, path: HeldPostPath) -> WithdrawHeldPost:
    """Take one's own held post back."""
    return WithdrawHeldPost(
        caller=asked.caller, once=asked.once, held_post=path.held_post, revision=asked.revision
    )
