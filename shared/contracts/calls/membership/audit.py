"""What membership may be asked about the audit log."""

from pydantic import Field

from shared.contracts.calls.call import Answer, Page
from shared.contracts.calls.membership.call import MembershipListing
from shared.contracts.vocabulary import Id, Moment


class Act(Answer):
    """Something security-relevant that was done, as an organisation that it concerns sees it.

    `number` is its place among that organisation's own: 1, 2, 3, … with none left out. What is `withheld` is null here:
    who of another organisation did it.
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
    withheld: tuple[str, ...] = ()


class SealedAct(Answer):
    """Something security-relevant that was done, and its place in the log, for the operator.

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
    upon: tuple[Id, ...] = ()
    parties: tuple[Id, ...] = ()
    places: dict[str, int] = Field(default_factory=dict)
    previous: str
    hash: str


class ListActs(MembershipListing):
    """For an organisation's own system: what it was part of, newest first."""

    answer = Page[Act]


class ListSealedActs(MembershipListing):
    """For the operator: the whole log, newest first."""

    answer = Page[SealedAct]
