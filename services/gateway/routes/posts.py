"""Posts: what people write in a thread, its earlier versions, and what readers say to it."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery, PostPath, ReactionPath, ThreadPath
from shared.contracts.calls.discussion import (
    AddPost,
    EditPost,
    GetPost,
    ListPosts,
    ListPostVersions,
    NewPost,
    React,
    Unreact,
)

posts = Resource("posts", "What people write in threads.")


@posts.creates(
    "/threads/<thread>/posts",
    AddPost,
    scope="threads:write",
    at="/v1/posts/{post}",
    example={"text": "We ring them on day three. Ask @carys.evans how."},
)
def add_post(asked: Asked, path: ThreadPath, body: NewPost) -> AddPost:
    """Answer, or go on with a thread."""
    return AddPost(caller=asked.caller, once=asked.once, thread=path.thread, new=body)


@posts.reads("/threads/<thread>/posts", ListPosts, scope="threads:read")
def list_posts(asked: Asked, path: ThreadPath, query: PageQuery) -> ListPosts:
    """List a thread's posts, oldest first."""
    return ListPosts(caller=asked.caller, thread=path.thread, after=query.after, limit=query.limit)


@posts.reads("/posts/<post>", GetPost, scope="threads:read")
def get_post(asked: Asked, path: PostPath) -> GetPost:
    """Read a post."""
    return GetPost(caller=asked.caller, post=path.post)


@posts.changes(
    "PATCH",
    "/posts/<post>",
    EditPost,
    scope="threads:write",
    example={"text": "We ring them on day **two**."},
)
def edit_post(asked: Asked, path: PostPath, body: NewPost) -> EditPost:
    """Edit one's own post; what it was before stays readable."""
    return EditPost(caller=asked.caller, once=asked.once, post=path.post, new=body, revision=asked.revision)


@posts.reads("/posts/<post>/versions", ListPostVersions, scope="threads:read")
def list_post_versions(asked: Asked, path: PostPath, query: PageQuery) -> ListPostVersions:
    """List every version of a post, newest first."""
    return ListPostVersions(caller=asked.caller, post=path.post, after=query.after, limit=query.limit)


@posts.changes("PUT", "/posts/<post>/reactions/<reaction>", React, scope="threads:write")
def react(asked: Asked, path: ReactionPath) -> React:
    """Say that a post helped, or that it is the same where one is.

    Saying it twice changes nothing.
    """
    return React(caller=asked.caller, once=asked.once, post=path.post, reaction=path.reaction)


@posts.changes("DELETE", "/posts/<post>/reactions/<reaction>", Unreact, scope="threads:write")
def unreact(asked: Asked, path: ReactionPath) -> Unreact:
    """Take a reaction back."""
    return Unreact(caller=asked.caller, once=asked.once, post=path.post, reaction=path.reaction)
