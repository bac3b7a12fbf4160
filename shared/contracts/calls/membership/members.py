"""What membership may be asked about members."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import Email, Id, Line, MemberField, Word

PROFESSION = "What they are; threads that want eyes of that profession are told to them."
INTERESTS = "What they want to hear of, each a word or two; threads on these are told to them."


class NewMember(Body):
    """A person of an organisation."""

    name: Line = Field(description="Their name, as others read it.")
    handle: Word = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", description="How others mention them: `@handle`."
    )
    profession: Line = Field(description=PROFESSION)
    interests: tuple[Word, ...] = Field((), max_length=20, description=INTERESTS)
    email: Email | None = Field(
        None, description="Theirs; they then accept invitations for this address only."
    )
    external_id: (
        Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[ -~]+$")] | None
    ) = Field(
        None,
        description="How the organisation's own directory calls them, and its identity provider signs them in: "
        "Entra's object id, else the subject. Shown to nobody.",
    )


class MemberChanges(Body):
    """What a member may change of their own profile; what is left out stays as it is."""

    name: Line | None = Field(None, description="Their name, as others read it.")
    profession: Line | None = Field(None, description=PROFESSION)
    interests: tuple[Word, ...] | None = Field(None, max_length=20, description=INTERESTS)


class Member(Answer):
    """To a partner's system an agreement may disclose less of others' members: what is `withheld` is null here."""

    member: Id
    name: str
    handle: str
    profession: str | None
    interests: tuple[str, ...]
    organisation: Id | None
    organisation_name: str | None
    guest_of: Id | None = Field(None, description="Of somebody at home nowhere: whose guest they are.")
    guest_of_name: str | None = None
    sponsored_by: str | None = Field(None, description="The name of who answers for them.")
    active: bool
    revision: int
    withheld: tuple[MemberField, ...] = ()


class RegisterMember(MembershipCall):
    """By the operator, or by an organisation's client for its own organisation. `id`: as for organisations."""

    answer = Member
    audited = True
    organisation: Id
    new: NewMember
    id: Id | None = None


class GetMember(MembershipCall):
    """One's own profile, or that of a member with whom the caller shares a community or organisation."""

    answer = Member
    member: Id


class ListMembers(MembershipListing):
    """By the operator: everybody, who left too; or the members of an organisation, or who has a handle."""

    answer = Page[Member]
    organisation: Id | None = None
    handle: Word | None = None


class ChangeMember(MembershipCall):
    answer = Member
    member: Id
    changes: MemberChanges
    revision: int


class LeaveOrganisation(MembershipCall):
    """A member leaves their organisation and is out of every community at once.

    By the member, their organisation's client, or the operator. Their tokens end with it.
    """

    answer = Member
    audited = True
    member: Id
