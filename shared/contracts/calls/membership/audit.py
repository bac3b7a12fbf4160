"""What membership may be asked about the audit log."""

from shared.contracts.calls.call import Answer, Page
from shared.contracts.calls.membership.call import MembershipListing
from shared.contracts.vocabulary import Id, Moment


class Act(Answer):
    """Something security-relevant that was done, and its place in the log.

    Every entry holds the `hash` of the one before as `previous`, so that none can be changed, left out or put
    between without all that follow saying so. `hash` is SHA-256, in hex, over the canonical JSON (RFC 8785) of
    all other fields; moments are in milliseconds since 1970 there.
    """

    number: int
    id: Id
    act: str
    at: Moment
    member: Id | None
    client: Id | None
    operator: bool
    organisations: tuple[Id, ...]
    concerns: dict[str, Id]
    previous: str
    hash: str


class ListActs(MembershipListing):
    """What was done, newest first: all of it for the operator; for an organisation's own system, what it was part of."""

    answer = Page[Act]
