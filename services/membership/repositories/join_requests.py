"""Where requests to join are kept."""

from typing import Any

from pymongo import IndexModel

from services.membership.domain.join_request import JoinRequest
from services.membership.repositories.rows import fields_of, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "join_requests"
WAITING = {"state": "waiting"}
INDEXES = [
    IndexModel(
        [("member", 1), ("community", 1)],
        name="one_waiting",
        unique=True,
        partialFilterExpression=WAITING,
    ),
    IndexModel([("community", 1), ("_id", 1)], name="waiting", partialFilterExpression=WAITING),
]


class JoinRequests:
    """The requests to join restricted communities; their ids grow with time."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> JoinRequest | None:
        """The request, None when there is none."""
        return thing_of(JoinRequest, self.rows.find_one({"_id": id}))

    def waiting(self, member: str, community: str | None = None) -> list[JoinRequest]:
        """A member's waiting requests: of all communities, or the one of `community`."""
        which = {"member": member, **WAITING}
        if community is not None:
            which["community"] = community
        return things_of(JoinRequest, self.rows.find(which))

    def page(self, community: str, position: list[Any] | None, limit: int) -> list[JoinRequest]:
        """At most `limit` requests that wait in a community, longest wait first, after a position `[id]`."""
        which: dict[str, Any] = {"community": community, **WAITING}
        if position is not None:
            which["_id"] = {"$gt": position[0]}
        return things_of(JoinRequest, self.rows.find(which).sort("_id", 1).limit(limit))

    def add(self, work: Work, request: JoinRequest) -> None:
        """Add a new request to what is to happen."""
        work.insert(COLLECTION, row_of(request))

    def put(self, work: Work, was: JoinRequest, now: JoinRequest) -> None:
        """Add a change of a request to what is to happen."""
        which = {"_id": was.id, "revision": was.revision}
        work.update(COLLECTION, which, {"$set": fields_of(now)}, must_match=True)
