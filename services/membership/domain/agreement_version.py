"""One version of an agreement: terms, and the signatures on them."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.membership.domain import signing
from services.membership.domain.organisation_key import OrganisationKey
from shared.contracts.calls.membership import Terms


class Signature(BaseModel):
    """One party's signature on a version; `contact` is whom of its members to tell of the end."""

    model_config = ConfigDict(frozen=True)

    organisation: str
    key: str
    signature: str
    contact: str
    signed_at: datetime


class Version(BaseModel):
    """What was proposed, the proposer's signature first."""

    model_config = ConfigDict(frozen=True)

    terms: Terms
    signatures: tuple[Signature, ...]

    @property
    def number(self) -> int:
        """Which version it is, from 1."""
        return self.terms.version

    @property
    def proposed_by(self) -> str:
        """The party that proposed it."""
        return self.signatures[0].organisation

    @property
    def expires_at(self) -> datetime:
        """From when on nothing new crosses by it."""
        return datetime.fromisoformat(self.terms.expires_at)

    @property
    def review_at(self) -> datetime:
        """When the parties want to have looked at it again."""
        return datetime.fromisoformat(self.terms.review_at)


def parties_of(terms: Terms) -> tuple[str, str]:
    """The two organisations between which terms are."""
    return terms.between[0].organisation, terms.between[1].organisation


def is_valid(version: Version, keys: Mapping[str, OrganisationKey]) -> bool:
    """Whether both parties' good signatures are on a version, one each, exactly as it is kept.

    Args:
        keys: both parties' keys, by `<organisation>:<kid>`.
    """
    signed = {
        signature.organisation
        for signature in version.signatures
        if signing.is_signed(
            version.terms, signature.signature, keys.get(f"{signature.organisation}:{signature.key}")
        )
    }
    return signed == set(parties_of(version.terms))
