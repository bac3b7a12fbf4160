"""Search: over what the caller may see."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery
from shared.contracts.calls.discussion import Search
from shared.contracts.vocabulary import Id, Line

search = Resource("search", "Finding what has been said.")


class SearchQuery(PageQuery):
    words: Line = Field(description='What to look for; a "phrase in quotes" is looked for as it stands.')
    community: Id | None = Field(
        None, description="Only in this community; in all that the caller may read when left out."
    )


@search.reads("/search", Search, scope="threads:read")
def search_posts(asked: Asked, query: SearchQuery) -> Search:
    """Search posts, best match first."""
    return Search(
        caller=asked.caller,
        words=query.words,
        community=query.community,
        after=query.after,
        limit=query.limit,
    )
