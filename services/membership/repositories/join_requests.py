"""Where requests to join are kept."""

from datetime import datetime

from pymongo import IndexModel

from services.membership.domain.join_request import JoinRequest
from services.membership.repositories.rows import TimePosition, after, fields_of, row_of, thing_of, things_of
from shared.wiring.store import Store, Work

COLLECTION = "join_requests"
WAITING = {"state": "waiting"}
BY_WAIT = [("asked_at", 1), ("_id", 1)]
INDEXES = [
    IndexModel(
        [("member", 1), ("community", 1)],
        name="one_waiting",
        unique=True,
        partialFilterExpression=WAITING,
    ),
    IndexModel([("member", 1)], name="by_member"),
    IndexModel([("community", 1), *BY_WAIT], name="waiting", partialFilterExpression=WAITING),
]


class JoinRequests:
    """The requests to join restricted communities."""

    def __init__(self, store: Store) -> None:
        self.rows = store.database[COLLECTION]

    def get(self, id: str) -> JoinRequest | None:
        """The request, None when there is none."""
        return thing_of(JoinRequest, self.rows.find_one({"_id": id}))

    def waiting(self, member: str, community: str) -> list[JoinRequest]:
        """A member's waiting request in a community, if there is one."""
        return things_of(JoinRequest, self.rows.find({"member": member, "community": community, **WAITING}))

    def page(self, community: str, position: TimePosition, limit: int) -> list[JoinRequest]:
        """At most `limit` requests that wait in a community, longest wait first, after a position."""
        which = {"community": community, **WAITING, **after("asked_at", position)}
        return things_of(JoinRequest, self.rows.find(which).sort(BY_WAIT).limit(limit))

    def add(self, work: Work, request: JoinRequest) -> None:
        """Add a new request to what is to happen."""
        work.insert(COLLECTION, row_of(request))

    def put(self, work: Work, was: JoinRequest, now: JoinRequest) -> None:
        """Add a change of a request to what is to happen."""
        which = {"_id": was.id, "revision": was.revision}
        work.update(COLLECTION, which, {"$set": fields_of(now)}, must_match=True)

    def withdraw_all_of(self, work: Work, member: str, at: datetime) -> None:
        """Take back all that a member waits for, however many: see `domain.join_request.withdraw`."""
        change = {"$set": {"state": "withdrawn", "decided_at": at}, "$inc": {"revision": 1}}
        work.update_many(COLLECTION, {"member": member, **WAITING}, change)
