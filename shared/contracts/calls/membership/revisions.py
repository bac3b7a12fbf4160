"""What the switchboard asks membership: how far the copies of others should be."""

from shared.contracts.calls.call import Answer
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.vocabulary import Id


class Revisions(Answer):
    """How far copies should be: 0 where there is no such thing."""

    community_revision: int
    membership_revision: int


class TellRevisions(MembershipCall):
    """What revisions of a community and of the caller's place in it has membership told so far?"""

    answer = Revisions
    community: Id
    member: Id | None = None
