"""The audit log, for an organisation's own system."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery
from shared.contracts.calls.membership import ListActs

audit = Resource("audit", "What was done that an organisation may have to account for.")


@audit.reads("/audit", ListActs, scope="audit:read")
def list_acts(asked: Asked, query: PageQuery) -> ListActs:
    """List the security-relevant acts that your organisation was part of, newest first.

    Who did it (`member`, and `client` when a system acted for them), what, when, and the ids of what it
    concerned; no words that anybody wrote. `number` counts your organisation's own acts. What somebody of another
    organisation did to your people, or as the other party of an agreement, is there without who did it (`withheld`).
    """
    return ListActs(caller=asked.caller, after=query.after, limit=query.limit)
