"""Two organisations with keys, and agreements between them, for tests of their rules."""

from datetime import datetime
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.jwk import OKPKey

from services.membership.domain import agreement as agreements
from services.membership.domain import organisation_key
from services.membership.domain.agreement import Agreement
from services.membership.domain.agreement_version import Signature
from services.membership.domain.organisation_key import OrganisationKey
from shared.contracts.calls.membership import NewOrganisationKey, Terms
from tests.unit.membership.things import ANN, COMMUNITY, COUNCIL, NOON, THING, TRUST

PRIVATE = {TRUST: OKPKey.generate_key("Ed25519"), COUNCIL: OKPKey.generate_key("Ed25519")}
END = datetime.fromisoformat("2027-05-04T12:00:00Z")


def a_key(organisation: str, private: OKPKey | None = None) -> OrganisationKey:
    private = private or PRIVATE[organisation]
    x = private.as_dict(private=False)["x"]
    return organisation_key.register(
        organisation, NewOrganisationKey(kty="OKP", crv="Ed25519", x=str(x)), (), NOON
    )


KEYS = {key.id: key for key in (a_key(TRUST), a_key(COUNCIL))}


def some_terms(**fields: Any) -> Terms:
    outward = {
        "kinds": ["threads"],
        "fields": ["name", "organisation"],
        "notifications": ["thread opened", "post added"],
    }
    given: dict[str, Any] = {
        "format": "commonplace-agreement-1",
        "agreement": THING,
        "version": 1,
        "between": [{"organisation": TRUST, **outward}, {"organisation": COUNCIL, **outward}],
        "purpose": "Fewer falls",
        "communities": [COMMUNITY],
        "retention_days": 30,
        "review_at": "2027-03-01T00:00:00Z",
        "expires_at": "2027-05-04T12:00:00Z",
    }
    return Terms.model_validate({**given, **fields})


def signed(terms: Terms, private: OKPKey, header: dict[str, Any] | None = None, alg: str = "Ed25519") -> str:
    header = header or {"alg": alg, "kid": private.thumbprint()}
    content = rfc8785.dumps(terms.model_dump(mode="json"))
    whole = jws.serialize_compact(header, content, private, algorithms=[alg])
    return jws.detach_content(whole)


def a_signature(organisation: str, terms: Terms, at: datetime = NOON, by: OKPKey | None = None) -> Signature:
    private = by or PRIVATE[organisation]
    return Signature(
        organisation=organisation,
        key=private.thumbprint(),
        signature=signed(terms, private),
        contact=ANN,
        signed_at=at,
    )


def a_proposal(terms: Terms | None = None, was: Agreement | None = None, by: str = TRUST) -> Agreement:
    terms = terms or some_terms()
    return agreements.propose(was, terms, a_signature(by, terms))


def an_agreement(terms: Terms | None = None, was: Agreement | None = None) -> Agreement:
    """One that both have signed."""
    proposal = a_proposal(terms, was)
    waiting = proposal.version_proposed
    assert waiting is not None
    return agreements.countersign(proposal, waiting, a_signature(COUNCIL, waiting.terms))
