"""What membership may be asked about agreements between organisations."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shared.contracts.calls.call import Answer, Body, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.vocabulary import (
    AgreementState,
    ContentKind,
    Id,
    MemberField,
    Moment,
    NotificationKind,
    without_control_characters,
)

FORMAT = "commonplace-agreement-1"


def as_signed(text: str) -> str:
    """Refuse what would have to be tidied up: what is signed is kept to the letter."""
    if text != text.strip():
        raise ValueError("begins or ends with white space; leave it out")
    return without_control_characters(text)


def a_moment(text: str) -> str:
    """Refuse a day that there is not."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of the calendar") from None
    return text


def each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list that names something twice."""
    if len(set(values)) < len(values):
        raise ValueError("names something twice")
    return values


ONCE = Field(json_schema_extra={"uniqueItems": True})
Purpose = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, pattern=r"^\S([\s\S]*\S)?$"),
    AfterValidator(as_signed),
]
SignedMoment = Annotated[
    str,
    StringConstraints(
        pattern=r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"
    ),
    AfterValidator(a_moment),
    Field(description="In UTC, to the second, such as `2027-03-31T00:00:00Z`; kept to the letter."),
]
DetachedSignature = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{20,400}\.\.[A-Za-z0-9_-]{86}$"),
    Field(description="A JWS in compact form without its payload (RFC 7515, appendix F)."),
]


class Outward(Body):
    """What one party lets its content and its members disclose to the other's systems."""

    organisation: Id = Field(description="Whose content this is about.")
    kinds: Annotated[tuple[ContentKind, ...], AfterValidator(each_once), ONCE] = Field(
        max_length=5, description="What of its content may leave; `threads` holds `titles`."
    )
    fields: Annotated[tuple[MemberField, ...], AfterValidator(each_once), ONCE] = Field(
        max_length=4, description="What of its members is disclosed."
    )
    notifications: Annotated[tuple[NotificationKind, ...], AfterValidator(each_once), ONCE] = Field(
        max_length=len(NotificationKind), description="Of which of its people's deeds the other may be told."
    )


class Terms(Body):
    """What both parties sign, as canonical JSON (RFC 8785): nothing is left out, and nothing tidied up.

    `agreement` is 24 hex digits that the proposer has drawn, and `version` counts from 1: a signature is
    for this agreement and this version of it, and for no other.
    """

    format: Literal["commonplace-agreement-1"] = Field(description="What these terms are written as.")
    agreement: Id = Field(description="24 hex digits that the proposer has drawn.")
    version: int = Field(ge=1, le=50, description="From 1, and one more for each further version.")
    between: tuple[Outward, Outward] = Field(description="The two parties, and what each lets leave.")
    purpose: Purpose = Field(description="What for, in words.")
    communities: Annotated[tuple[Id, ...], AfterValidator(each_once), ONCE] = Field(
        min_length=1, max_length=50, description="Where; nothing crosses in any other."
    )
    retention_days: int = Field(
        ge=0, le=3_650, description="How long the receiver may keep what it has read."
    )
    review_at: SignedMoment
    expires_at: SignedMoment

    @model_validator(mode="after")
    def of_two_parties(self) -> Self:
        if self.between[0].organisation == self.between[1].organisation:
            raise ValueError("`between` names the same organisation twice")
        if self.review_at >= self.expires_at:
            raise ValueError("`review_at` must be before `expires_at`")
        return self


class NewAgreement(Body):
    """A proposal: the terms, the proposer's signature on them, and whom of its members to tell of the end."""

    terms: Terms = Field(description="What is proposed.")
    signature: DetachedSignature
    contact: Id = Field(description="An active member of the proposer, who knows of the communities.")


class Countersignature(Body):
    """The other party's signature on the same terms, and whom of its members to tell of the end."""

    version: int = Field(ge=1, le=50, description="The version that was proposed.")
    signature: DetachedSignature
    contact: Id = Field(description="An active member of the signing party, who knows of the communities.")


class Signature(Answer):
    organisation: Id
    key: str
    signature: str
    contact: Id | None
    signed_at: Moment


class AgreementVersion(Answer):
    """One version; `contact` in its signatures is shown to the contact's own organisation only."""

    version: int
    state: Literal["proposed", "countersigned", "superseded", "withdrawn"]
    terms: Terms
    signatures: tuple[Signature, ...]
    proposed_at: Moment


class AgreementSummary(Answer):
    """An agreement as a list shows it; `in_force` is the version that both have signed, `proposed` one to sign."""

    agreement: Id
    parties: tuple[Id, Id]
    state: AgreementState
    in_force: int | None
    proposed: int | None
    expires_at: Moment | None
    review_at: Moment | None
    revoked_by: Id | None
    revoked_at: Moment | None
    revision: int


class Agreement(AgreementSummary):
    """An agreement with all its versions, newest first."""

    versions: tuple[AgreementVersion, ...]


class ProposeAgreement(MembershipCall):
    """By an organisation's own system, or by the operator for `organisation`; a further version is proposed anew."""

    answer = Agreement
    audited = True
    new: NewAgreement
    organisation: Id | None = None


class CountersignAgreement(MembershipCall):
    """By the other party's own system, or by the operator for `organisation`."""

    answer = Agreement
    audited = True
    agreement: Id
    countersignature: Countersignature
    organisation: Id | None = None


class RevokeAgreement(MembershipCall):
    """By either party's own system, or by the operator for `organisation`; at once and for good."""

    answer = Agreement
    audited = True
    agreement: Id
    organisation: Id | None = None


class GetAgreement(MembershipCall):
    answer = Agreement
    agreement: Id
    organisation: Id | None = None


class ListAgreements(MembershipListing):
    """The caller's organisation's, newest first."""

    answer = Page[AgreementSummary]
    organisation: Id | None = None
