"""What the membership service tells: who is here, in which communities, and on what terms.

Facts that others copy carry the whole thing as it now is, with its `revision`; a listener keeps the
highest revision it has heard and ignores the rest, so order and repetition do not matter.
"""

from typing import ClassVar

from shared.contracts.envelope import Contract
from shared.contracts.grant import Grant
from shared.contracts.vocabulary import (
    AgreementState,
    Id,
    Line,
    Moment,
    Note,
    Role,
    Sector,
    Stage,
    Visibility,
    Word,
)


class MembershipFact(Contract):
    """What the membership service tells."""

    speaker: ClassVar[str] = "membership"


class OrganisationChanged(MembershipFact):
    """An organisation is as told here from now on."""

    word: ClassVar[str] = "organisation-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion",)

    organisation: Id
    name: Line
    sector: Sector
    geography: Line
    revision: int


class MemberChanged(MembershipFact):
    """A member is as told here from now on; `organisation` is None once they have left theirs.

    It is None too for a sponsored outsider, who is a guest of the organisation `guest_of`.
    """

    word: ClassVar[str] = "member-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    member: Id
    name: Line
    handle: Word
    profession: Line
    interests: tuple[Word, ...] = ()
    organisation: Id | None
    active: bool
    revision: int
    guest_of: Id | None = None


class CommunityChanged(MembershipFact):
    """A community is as told here from now on."""

    word: ClassVar[str] = "community-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    community: Id
    title: Line
    visibility: Visibility
    stage: Stage
    revision: int


class MembershipChanged(MembershipFact):
    """A member's place in a community is as told here from now on; `role` is None once they are out.

    `membership` is `<community>:<member>`, the one id such a place ever has, so that leaving and
    joining again are revisions of one thing. `since` is when the present role began. `reason` is
    what a facilitator who ended it wants the member to know.
    """

    word: ClassVar[str] = "membership-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    membership: str
    community: Id
    member: Id
    role: Role | None
    since: Moment
    reason: Note | None = None
    revision: int


class JoinRequested(MembershipFact):
    """A member asks to be let in; the community's facilitators should know."""

    word: ClassVar[str] = "join-requested"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    request: Id
    community: Id
    member: Id
    member_name: Line
    community_title: Line
    message: Note | None = None
    at: Moment
    organisation: Id | None = None


class JoinDecided(MembershipFact):
    """A facilitator has approved or declined a member's request to join; the member should know."""

    word: ClassVar[str] = "join-decided"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    request: Id
    community: Id
    member: Id
    community_title: Line
    approved: bool
    message: Note | None = None
    decided_by: Id
    at: Moment


class GrantsChanged(MembershipFact):
    """What an agreement lets cross is as told here from now on; `grants` is empty when it lets nothing.

    `parties`, `communities` and `state` say why something does not cross that might.
    """

    word: ClassVar[str] = "grants-changed"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    agreement: Id
    parties: tuple[Id, Id]
    communities: tuple[Id, ...]
    state: AgreementState
    grants: tuple[Grant, ...]
    revision: int


class AgreementMoved(MembershipFact):
    """An agreement stands otherwise than before, told to one party's contact; each party has a fact of its own.

    `other` is the other party and `expires_at` the end of the version in force, or of the one proposed
    where none ever was.
    """

    word: ClassVar[str] = "agreement-moved"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    agreement: Id
    organisation: Id
    contact: Id
    other: Id
    other_name: Line
    state: AgreementState
    expires_at: Moment
    at: Moment
    revision: int


class SignInLinkAsked(MembershipFact):
    """Somebody asked for a link to sign in; membership itself sends it, if it is to be sent to anybody.

    It names no address and no member, and holds no secret.
    """

    word: ClassVar[str] = "sign-in-link-asked"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    link: Id


class OutsiderLetterWritten(MembershipFact):
    """A letter about a sponsored outsider is to be sent by mail; membership itself does it.

    It names nobody, and holds no secret.
    """

    word: ClassVar[str] = "outsider-letter-written"
    heard_by: ClassVar[tuple[str, ...]] = ("membership",)

    letter: Id


class MemberErased(MembershipFact):
    """A member is to be forgotten everywhere: each that hears it erases what it keeps, and gives a receipt.

    `remove_texts` says whether what they wrote goes too; `revision` is that of the member as nobody, which every
    earlier one that is still on its way must not overwrite.
    """

    word: ClassVar[str] = "member-erased"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    member: Id
    erasure: Id
    remove_texts: bool
    at: Moment
    revision: int


class ExportAsked(MembershipFact):
    """A member wants a copy of all that is theirs: each that hears it gathers what it keeps of them, until then at most."""

    word: ClassVar[str] = "export-asked"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    export: Id
    member: Id
    until: Moment


class ExportReady(MembershipFact):
    """Every service has gathered its part of an export; its member should know."""

    word: ClassVar[str] = "export-ready"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    export: Id
    member: Id
    at: Moment


class ExportEnded(MembershipFact):
    """An export was fetched, or nobody did in time: what was gathered for it goes."""

    word: ClassVar[str] = "export-ended"
    heard_by: ClassVar[tuple[str, ...]] = ("discussion", "notifications")

    export: Id


class ClientEnded(MembershipFact):
    """An organisation's system may do nothing any more; what it has set up ends with it."""

    word: ClassVar[str] = "client-ended"
    heard_by: ClassVar[tuple[str, ...]] = ("notifications",)

    client: Id
    organisation: Id
    at: Moment
