"""What membership may be asked about moves: a member goes to another organisation and takes their record along."""

from pydantic import Field

from shared.contracts.calls.call import Answer
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.calls.membership.members import Member
from shared.contracts.vocabulary import Id, Moment


class MoveCode(Answer):
    """Proves, at the organisation a member moves to, that they are that member; `secret` in this answer only."""

    member: Id
    expires_at: Moment
    secret: str | None = None


class IssueMoveCode(MembershipCall):
    """By the member themselves, before they go. Good once, for a day; another one ends it, and so does leaving."""

    answer = MoveCode
    audited = True


class MoveHome(MembershipCall):
    """By the new organisation's account of the same person, who has the code: the two become one member, at home there.

    The account must be new: one that was ever in a community has a record of its own, and no two are made one. What
    the old organisation knew the member by ends with it: identities, sign-ins, tokens, their directory's entry.
    """

    answer = Member
    audited = True
    code: str = Field(max_length=200)


class Home(Answer):
    """An organisation that a member belongs to, or did; `until` is None for the present one."""

    organisation: Id
    organisation_name: str | None
    since: Moment | None
    until: Moment | None


class Homes(Answer):
    """A member's organisations, the first of them first."""

    homes: tuple[Home, ...]


class ListHomes(MembershipCall):
    """One's own."""

    answer = Homes
