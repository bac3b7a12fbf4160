"""What membership may be asked by an organisation's directory: the people and groups that it keeps there.

Every call names the organisation whose directory asks; what is another organisation's is not found.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.contracts.calls.call import Answer, Body, Done
from shared.contracts.calls.membership.call import MembershipCall
from shared.contracts.vocabulary import Email, Id, Line, Moment

LONGEST_DOCUMENT = 512_000
MOST_ENTRIES = 5_000
"""The most entries that are asked for at once."""


class EntryKind(StrEnum):
    """What a directory keeps."""

    USER = "user"
    GROUP = "group"


class DirectoryPerson(Body):
    """What a directory says of a person, as far as a member has it.

    Args:
        profession: None when the directory has no title for them.
        active: False bars the member from everything at once.
    """

    name: Line
    profession: Line | None = None
    email: Email | None = None
    active: bool = True


class EntryContent(Body):
    """A user or group as the directory sent it.

    Args:
        document: all of it, as JSON; kept as it is so that the directory can read it again.
        user_name: a user's name in the directory, one in the organisation whatever its capitals; None for a group.
        external_id: the directory's own id for it.
        person: who it is; None for a group.
    """

    kind: EntryKind
    document: str = Field(max_length=LONGEST_DOCUMENT)
    user_name: Line | None = None
    external_id: Line | None = None
    person: DirectoryPerson | None = None


class DirectoryEntry(Answer):
    """A user or group that a directory keeps here; `member` is whom a user is."""

    entry: Id
    kind: EntryKind
    document: str
    member: Id | None
    created_at: Moment
    changed_at: Moment
    revision: int


class DirectoryEntries(Answer):
    """Some of the entries of a directory; `total` is how many there are altogether that were asked for."""

    items: tuple[DirectoryEntry, ...]
    total: int


class DirectoryCall(MembershipCall):
    organisation: Id


class AddDirectoryEntry(DirectoryCall):
    """A user becomes a member of the organisation; one who was removed and has the same `external_id` comes back."""

    answer = DirectoryEntry
    audited = True
    content: EntryContent


class GetDirectoryEntry(DirectoryCall):
    answer = DirectoryEntry
    kind: EntryKind
    entry: str = Field(max_length=200)


class FindDirectoryEntries(DirectoryCall):
    """In the order of their ids: those of some kinds, or those of them that have a certain name or external id.

    Args:
        skip: how many to pass over.
        after: only those with a higher id.
        before: only those with a lower id, the last of them.
    """

    answer = DirectoryEntries
    kinds: tuple[EntryKind, ...] = Field(min_length=1)
    by: Literal["entry", "user_name", "external_id"] | None = None
    value: str | None = Field(None, max_length=1_000)
    skip: int = Field(0, ge=0)
    limit: int = Field(ge=0, le=MOST_ENTRIES)
    after: str | None = Field(None, max_length=24)
    before: str | None = Field(None, max_length=24)


class ChangeDirectoryEntry(DirectoryCall):
    """What the directory says now.

    A user who is not active any more is out of everything at once; one who is again is a member again, and in no
    community until they join.
    """

    answer = DirectoryEntry
    audited = True
    entry: str = Field(max_length=200)
    content: EntryContent
    revision: int | None = None


class RemoveDirectoryEntry(DirectoryCall):
    """The directory lets go of a user or group.

    A user's member is barred like one who is not active; what they wrote stays, and so does their name beside it:
    this is no erasure.
    """

    answer = Done
    audited = True
    kind: EntryKind
    entry: str = Field(max_length=200)
    revision: int | None = None


class DirectoryToken(Answer):
    """What an organisation's directory shows at `/scim/v2`; `secret` only in the answer that issues it."""

    token: Id
    organisation: Id
    name: str
    issued_at: Moment
    expires_at: Moment
    secret: str | None = None


class DirectoryTokens(Answer):
    items: tuple[DirectoryToken, ...]


class IssueDirectoryToken(DirectoryCall):
    """By the operator; an organisation has two at most, so that one can follow the other without a gap."""

    answer = DirectoryToken
    audited = True
    name: Line
    expires_in_days: int = Field(365, ge=1, le=731)


class ListDirectoryTokens(DirectoryCall):
    """By the operator."""

    answer = DirectoryTokens


class RevokeDirectoryToken(DirectoryCall):
    """By the operator."""

    answer = Done
    audited = True
    token: Id


class DirectoryIdentity(Answer):
    """Whose directory a token is."""

    organisation: Id
    expires_at: Moment


class IdentifyDirectoryToken(MembershipCall):
    """Whose directory shows this? `digest` is the SHA-256 of its secret. `NotFound` when unknown, ended or expired."""

    answer = DirectoryIdentity
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
