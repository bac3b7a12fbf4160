"""Agreements: what two organisations have signed about what crosses between them."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import AgreementPath, PageQuery
from shared.contracts.calls.membership import (
    CountersignAgreement,
    Countersignature,
    GetAgreement,
    ListAgreements,
    NewAgreement,
    ProposeAgreement,
    RevokeAgreement,
)

agreements = Resource("agreements", "What two organisations have signed about what crosses between them.")

SIGNATURE = f"{'eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiLi4uIn0'}..{'A' * 86}"
OUTWARD = {"kinds": ["threads"], "fields": ["name", "organisation"], "notifications": ["thread opened"]}


@agreements.creates(
    "/agreements",
    ProposeAgreement,
    scope="agreements:write",
    at="/v1/agreements/{agreement}",
    example={
        "terms": {
            "format": "commonplace-agreement-1",
            "agreement": "6561f0c2a1b2c3d4e5f60720",
            "version": 1,
            "between": [
                {"organisation": "6561f0c2a1b2c3d4e5f60721", **OUTWARD},
                {"organisation": "6561f0c2a1b2c3d4e5f60722", **OUTWARD},
            ],
            "purpose": "Fewer falls, by telling each other what was tried.",
            "communities": ["6561f0c2a1b2c3d4e5f60723"],
            "retention_days": 365,
            "review_at": "2027-09-01T00:00:00Z",
            "expires_at": "2028-03-31T00:00:00Z",
        },
        "signature": SIGNATURE,
        "contact": "6561f0c2a1b2c3d4e5f60724",
    },
)
def propose_agreement(asked: Asked, body: NewAgreement) -> ProposeAgreement:
    """Propose an agreement, or a further version of one.

    By the client of one of the parties. `agreement` is 24 hex digits that you draw; a further version
    has the next number, and the one in force holds until the other party has countersigned it.
    """
    return ProposeAgreement(caller=asked.caller, once=asked.once, new=body)


@agreements.reads("/agreements", ListAgreements, scope="agreements:read")
def list_agreements(asked: Asked, query: PageQuery) -> ListAgreements:
    """List your organisation's agreements, newest first."""
    return ListAgreements(caller=asked.caller, after=query.after, limit=query.limit)


@agreements.reads("/agreements/<agreement>", GetAgreement, scope="agreements:read")
def get_agreement(asked: Asked, path: AgreementPath) -> GetAgreement:
    """Read an agreement with all its versions.

    Only its parties may know of it: by their own clients, and by the members whom they named as contacts.
    """
    return GetAgreement(caller=asked.caller, agreement=path.agreement)


@agreements.changes(
    "PUT",
    "/agreements/<agreement>/countersignature",
    CountersignAgreement,
    scope="agreements:write",
    example={"version": 1, "signature": SIGNATURE, "contact": "6561f0c2a1b2c3d4e5f60725"},
)
def countersign_agreement(asked: Asked, path: AgreementPath, body: Countersignature) -> CountersignAgreement:
    """Countersign the version that was proposed, which brings it into force.

    By the client of the other party.
    """
    return CountersignAgreement(
        caller=asked.caller, once=asked.once, agreement=path.agreement, countersignature=body
    )


@agreements.changes("DELETE", "/agreements/<agreement>", RevokeAgreement, scope="agreements:write")
def revoke_agreement(asked: Asked, path: AgreementPath) -> RevokeAgreement:
    """Revoke an agreement, at once and for good.

    By the client of either party. A proposal that waits is withdrawn, or declined, by the same.
    """
    return RevokeAgreement(caller=asked.caller, once=asked.once, agreement=path.agreement)
