"""What the switchboard asks membership: how far the copies of others should be."""

from shared.contracts.calls.call import Answer
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.vocabulary import Id


class Revisions(Answer):
    """How far copies should be: 0 where there is no such thing."""

    community_revision: int
    membership_revision: int
    contact_revision: int = 0


class TellRevisions(MembershipCall):
    """What revisions of a community, of the caller's place in it, and of a contact has membership told so far?"""

    answer = Revisions
    community: Id
    member: Id | None = None
    contact: Id | None = None
