"""`python -m tests.e2e.api.deprecating_gateway`: a gateway in which something is on its way out, and all else as it is."""

from datetime import UTC, datetime, timedelta

from services.gateway import __main__ as gateway
from services.gateway.door.application import Door
from services.gateway.door.deprecation import DEPRECATED, Deprecated

LINK = "https://commonplace.example/changes"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
LONG_FROM_NOW = SINCE + timedelta(days=36_500)
GONE = SINCE + timedelta(days=30)

LISTED = {
    "list_unanswered": Deprecated(SINCE, LONG_FROM_NOW, LINK, "Use `list_threads`."),
    "list_unanswered.limit": Deprecated(
        SINCE + timedelta(days=1), LONG_FROM_NOW - timedelta(days=1), LINK, "Leave it."
    ),
    "list_communities.words": Deprecated(SINCE, None, LINK, "Use `search`."),
    "count_unread": Deprecated(SINCE, GONE, LINK, "Use `get_inbox`."),
}


def application() -> Door:
    """What granian's worker serves."""
    DEPRECATED.update(LISTED)
    return gateway.application()


if __name__ == "__main__":
    gateway.main("tests.e2e.api.deprecating_gateway:application")
