"""Communities: what they are for, who may know of them, and whether a similar one exists."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, PageQuery
from shared.contracts.calls.call import Body
from shared.contracts.calls.membership import (
    ChangeCommunity,
    CommunityChanges,
    FindSimilarCommunities,
    GetCommunity,
    ListCommunities,
    NewCommunity,
    StartCommunity,
)
from shared.contracts.vocabulary import Line, Note

communities = Resource("communities", "People who share an interest and want to get better at it.")


class CommunitiesQuery(PageQuery):
    mine: bool = Field(False, description="Only those the caller is in.")
    words: Line | None = Field(None, description="Words in the title or charter.")


class SimilarQuery(Body):
    title: Line = Field(description="What the new community would be called.")
    purpose: Note | None = Field(None, description="What it would want to get better at.")
    domain: Note | None = Field(None, description="What it would be about.")


@communities.reads("/communities", ListCommunities, scope="communities:read")
def list_communities(asked: Asked, query: CommunitiesQuery) -> ListCommunities:
    """List the communities one may know of, by title."""
    return ListCommunities(
        caller=asked.caller, after=query.after, limit=query.limit, mine=query.mine, words=query.words
    )


@communities.reads("/similar-communities", FindSimilarCommunities, scope="communities:read")
def find_similar_communities(asked: Asked, query: SimilarQuery) -> FindSimilarCommunities:
    """Find out whether a community like the one in mind exists."""
    return FindSimilarCommunities(
        caller=asked.caller, title=query.title, purpose=query.purpose, domain=query.domain
    )


@communities.creates(
    "/communities",
    StartCommunity,
    scope="communities:write",
    at="/v1/communities/{community}",
    example={
        "title": "Falls prevention across Wales",
        "charter": {
            "domain": "Falls of older people at home and in care",
            "purpose": "Fewer falls, by learning what works elsewhere",
            "audience": "Physiotherapists, care-home staff, ambulance crews",
        },
        "visibility": "restricted",
        "similar_seen": True,
    },
)
def start_community(asked: Asked, body: NewCommunity) -> StartCommunity:
    """Start a community.

    The caller becomes its first facilitator. Refused with `similar-communities` while similar ones exist
    that the caller has not looked at.
    """
    return StartCommunity(caller=asked.caller, once=asked.once, new=body)


@communities.reads("/communities/<community>", GetCommunity, scope="communities:read")
def get_community(asked: Asked, path: CommunityPath) -> GetCommunity:
    """Read a community."""
    return GetCommunity(caller=asked.caller, community=path.community)


@communities.changes(
    "PATCH",
    "/communities/<community>",
    ChangeCommunity,
    scope="communities:write",
    example={"stage": "coalescing"},
)
def change_community(asked: Asked, path: CommunityPath, body: CommunityChanges) -> ChangeCommunity:
    """Change a community's title, charter, visibility or stage.

    By a facilitator. What is left out stays as it is.
    """
    return ChangeCommunity(
        caller=asked.caller, once=asked.once, community=path.community, changes=body, revision=asked.revision
    )
