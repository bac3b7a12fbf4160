"""Joining: at once where a community is open, by a facilitator's decision where it is restricted."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import CommunityPath, JoinRequestPath, PageQuery
from shared.contracts.calls.membership import DecideJoinRequest, Decision, Join, ListJoinRequests, NewJoin

join_requests = Resource("join requests", "Asking to be let into a community, and being let in.")


@join_requests.creates(
    "/communities/<community>/join-requests",
    Join,
    scope="communities:write",
    example={"message": "I run the falls clinic in Bangor and would like to compare notes."},
)
def join(asked: Asked, path: CommunityPath, body: NewJoin) -> Join:
    """Join a community, or ask to be let in.

    The answer holds the membership when the community is open, the waiting request when it is restricted.
    """
    return Join(caller=asked.caller, once=asked.once, community=path.community, new=body)


@join_requests.reads("/communities/<community>/join-requests", ListJoinRequests, scope="communities:read")
def list_join_requests(asked: Asked, path: CommunityPath, query: PageQuery) -> ListJoinRequests:
    """List who waits to be let in, longest wait first.

    For facilitators.
    """
    return ListJoinRequests(
        caller=asked.caller, community=path.community, after=query.after, limit=query.limit
    )


@join_requests.changes(
    "PUT",
    "/communities/<community>/join-requests/<request>/decision",
    DecideJoinRequest,
    scope="communities:write",
    example={"approve": True, "message": "Welcome!"},
)
def decide_join_request(asked: Asked, path: JoinRequestPath, body: Decision) -> DecideJoinRequest:
    """Let somebody in, or decline, with a message.

    By a facilitator.
    """
    return DecideJoinRequest(
        caller=asked.caller, once=asked.once, community=path.community, request=path.request, decision=body
    )
