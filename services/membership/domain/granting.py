"""From an agreement to what it grants: the one place where it is decided what may cross.

Nothing is granted but by a version that both parties have signed, whose signatures are good at this
moment, and that is neither revoked nor over. Whoever keeps content copies the grants and reads them as
`shared.contracts.grant` says; a grant names its own ends, so that it ends in time also when nobody comes by.
"""

from collections.abc import Mapping
from datetime import datetime

from services.membership.domain.agreement import GRACE, Agreement, state_at
from services.membership.domain.agreement_version import is_valid
from services.membership.domain.organisation_key import OrganisationKey
from shared.contracts.calls.membership import Outward
from shared.contracts.grant import Grant
from shared.contracts.membership import AgreementMoved, GrantsChanged
from shared.contracts.vocabulary import AgreementState

GRANTING = frozenset({AgreementState.IN_FORCE, AgreementState.ENDING, AgreementState.EXPIRED})


def grants_of(agreement: Agreement, keys: Mapping[str, OrganisationKey], at: datetime) -> tuple[Grant, ...]:
    """What an agreement lets cross at a moment, one grant for each direction in which it lets anything.

    Args:
        keys: both parties' keys, by `<organisation>:<kid>`.
    """
    version = agreement.version_in_force
    if version is None or state_at(agreement, at) not in GRANTING or not is_valid(version, keys):
        return ()
    terms = version.terms

    def grant(gives: Outward, takes: Outward) -> Grant:
        return Grant(
            agreement=agreement.id,
            version=version.number,
            source=gives.organisation,
            receiver=takes.organisation,
            communities=terms.communities,
            kinds=gives.kinds,
            fields=gives.fields,
            notifications=tuple(kind.value for kind in gives.notifications),
            retention_days=terms.retention_days,
            crosses_until=version.expires_at,
            read_until=version.expires_at + GRACE,
        )

    one, other = terms.between
    return tuple(grant(gives, takes) for gives, takes in ((one, other), (other, one)) if gives.kinds)


def told(agreement: Agreement, keys: Mapping[str, OrganisationKey], at: datetime) -> GrantsChanged:
    """The fact that tells what an agreement lets cross from now on."""
    standing = agreement.version_in_force or agreement.versions[-1]
    return GrantsChanged(
        agreement=agreement.id,
        parties=agreement.parties,
        communities=standing.terms.communities,
        state=state_at(agreement, at),
        grants=grants_of(agreement, keys, at),
        revision=agreement.revision,
    )


def moved(
    was: Agreement | None, agreement: Agreement, names: Mapping[str, str], at: datetime
) -> tuple[AgreementMoved, ...]:
    """What its parties' contacts are told of an agreement that stands otherwise now than before.

    Args:
        was: as it was; None when it has just been proposed, of which only the other party could be told,
            and that has named nobody yet.
        names: the parties' names, by id.
    """
    state = state_at(agreement, at)
    if was is None or state is was.state:
        return ()
    standing = agreement.version_in_force or agreement.versions[-1]
    return tuple(
        AgreementMoved(
            agreement=agreement.id,
            organisation=signature.organisation,
            contact=signature.contact,
            other=other,
            other_name=names.get(other, ""),
            state=state,
            expires_at=standing.expires_at,
            at=at,
            revision=agreement.revision,
        )
        for signature in standing.signatures
        for other in agreement.parties
        if other != signature.organisation
    )
