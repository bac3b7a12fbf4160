"""How far a partner's system sees, as conditions of a query, so that what it may not see is not even counted."""

from typing import Any

from services.discussion.domain.crossing import Reach
from shared.contracts.vocabulary import ContentKind

Condition = dict[str, Any]


def threads_within(reach: Reach | None) -> list[Condition]:
    """The conditions that threads must meet to be known of; none for a person."""
    if reach is None:
        return []
    ways: list[Condition] = [{"organisation": reach.receiver}]
    for grant in reach.grants:
        if grant.holds(ContentKind.TITLES):
            ways.append(
                {
                    "organisation": grant.source,
                    "community": {"$in": list(grant.communities)},
                    "opened_at": {"$lt": grant.crosses_until},
                }
            )
    return [{"$or": ways}]


def posts_within(reach: Reach | None) -> list[Condition]:
    """The conditions that posts must meet to be read; none for a person."""
    if reach is None:
        return []
    ways: list[Condition] = [{"organisation": reach.receiver}]
    for grant in reach.grants:
        if grant.holds(ContentKind.THREADS):
            ways.append(
                {
                    "organisation": grant.source,
                    "community": {"$in": list(grant.communities)},
                    "posted_at": {"$lt": grant.crosses_until},
                    "$or": [{"edited_at": None}, {"edited_at": {"$lt": grant.crosses_until}}],
                }
            )
    return [{"$or": ways}]
