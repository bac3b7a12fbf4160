"""Levels: how much of a community or thread a member wants to be told."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, PageQuery, ThreadPath
from shared.contracts.calls.notifications import (
    LevelChange,
    ListCommunityLevels,
    ListThreadLevels,
    SetCommunityLevel,
    SetThreadLevel,
)

levels = Resource("levels", "How much a member wants to be told.")


@levels.reads("/levels/communities", ListCommunityLevels, scope="inbox:read")
def list_community_levels(asked: Asked, query: PageQuery) -> ListCommunityLevels:
    """List one's levels by community."""
    return ListCommunityLevels(caller=asked.caller, after=query.after, limit=query.limit)


@levels.reads("/levels/threads", ListThreadLevels, scope="inbox:read")
def list_thread_levels(asked: Asked, query: PageQuery) -> ListThreadLevels:
    """List one's levels by thread."""
    return ListThreadLevels(caller=asked.caller, after=query.after, limit=query.limit)


@levels.changes(
    "PUT",
    "/communities/<community>/level",
    SetCommunityLevel,
    scope="inbox:write",
    example={"level": "mentions and answers"},
)
def set_community_level(asked: Asked, path: CommunityPath, body: LevelChange) -> SetCommunityLevel:
    """Choose how much of a community to be told."""
    return SetCommunityLevel(caller=asked.caller, once=asked.once, community=path.community, change=body)


@levels.changes(
    "PUT", "/threads/<thread>/level", SetThreadLevel, scope="inbox:write", example={"level": "nothing"}
)
def set_thread_level(asked: Asked, path: ThreadPath, body: LevelChange) -> SetThreadLevel:
    """Follow or silence a thread, whatever its community's level is."""
    return SetThreadLevel(caller=asked.caller, once=asked.once, thread=path.thread, change=body)
