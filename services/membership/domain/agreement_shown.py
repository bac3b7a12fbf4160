"""An agreement as its parties see it."""

from datetime import datetime
from typing import Literal

from services.membership.domain.agreement import Agreement, state_at
from services.membership.domain.agreement_version import Signature, Version
from shared.contracts.calls import membership as calls


def summary(agreement: Agreement, at: datetime) -> calls.AgreementSummary:
    """The agreement as a list shows it at a moment."""
    standing = agreement.version_in_force or agreement.version_proposed
    return calls.AgreementSummary(
        agreement=agreement.id,
        parties=agreement.parties,
        state=state_at(agreement, at),
        in_force=agreement.in_force,
        proposed=agreement.proposed,
        expires_at=standing.expires_at if standing else None,
        review_at=standing.review_at if standing else None,
        revoked_by=agreement.revoked_by,
        revoked_at=agreement.revoked_at,
        revision=agreement.revision,
    )


def shown(agreement: Agreement, to: str | None, at: datetime) -> calls.Agreement:
    """The agreement with its versions; `to` is the organisation that looks, None for the operator."""
    return calls.Agreement(
        **dict(summary(agreement, at)),
        versions=tuple(_version(agreement, version, to) for version in reversed(agreement.versions)),
    )


def _version(agreement: Agreement, version: Version, to: str | None) -> calls.AgreementVersion:
    return calls.AgreementVersion(
        version=version.number,
        state=_state(agreement, version),
        terms=version.terms,
        signatures=tuple(_signature(signature, to) for signature in version.signatures),
        proposed_at=version.signatures[0].signed_at,
    )


def _state(
    agreement: Agreement, version: Version
) -> Literal["proposed", "countersigned", "superseded", "withdrawn"]:
    if version.number == agreement.proposed:
        return "proposed"
    if len(version.signatures) < 2:
        return "withdrawn"
    return "countersigned" if version.number == agreement.in_force else "superseded"


def _signature(signature: Signature, to: str | None) -> calls.Signature:
    return calls.Signature(
        organisation=signature.organisation,
        key=signature.key,
        signature=signature.signature,
        contact=signature.contact if to in (None, signature.organisation) else None,
        signed_at=signature.signed_at,
    )
