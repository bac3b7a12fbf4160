"""What membership may be asked when an archive is brought in."""

from pydantic import Field

from shared.contracts.calls.call import Body, Done
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.calls.membership.members import NewMember
from shared.contracts.vocabulary import Id, Moment


class ImportedMember(Body):
    """A person of an archive; `since` is when they came into the community, where it is known of each."""

    id: Id
    organisation: Id
    new: NewMember
    since: Moment | None = None


class ImportMembers(MembershipCall):
    """By the operator: people of an archive and their places in a community, known again by their ids.

    Repeating it changes nothing. They are in `community` as members since `since`, or their own; nobody is told.
    """

    answer = Done
    audited = True
    community: Id
    since: Moment
    members: tuple[ImportedMember, ...] = Field(max_length=1000)
