"""The demo's agreement: by it the client of one organisation reads what another's people write.

Keys are made for each signature and forgotten: nobody is to sign anything else by them.
"""

from datetime import datetime, timedelta

from joserfc.jwk import OKPKey

from deploy.agreements import draft_terms, public_part, sign_with
from deploy.archive.ids import id_of
from deploy.demo import cast
from deploy.demo.cast import Person
from deploy.node.asking import OPERATOR, Asking
from shared.contracts.calls import membership
from shared.contracts.calls.membership import Agreement, Terms
from shared.contracts.vocabulary import ContentKind, MemberField
from shared.errors import NotFound

AGREEMENT = id_of("demo", "agreement", "falls")
LASTS = timedelta(days=365)


def agree(asking: Asking, now: datetime) -> None:
    """Bring the agreement into force as far as it is not yet; one that was revoked stays so."""
    one, other = cast.AGREEING
    try:
        there = asking.ask(
            membership.GetAgreement(caller=OPERATOR, agreement=AGREEMENT, organisation=one.organisation.id),
            Agreement,
        )
    except NotFound:
        there = _propose(asking, one, other, now)
    if there.proposed == 1:
        _countersign(asking, other, there.versions[-1].terms)


def _propose(asking: Asking, one: Person, other: Person, now: datetime) -> Agreement:
    terms = draft_terms(
        agreement=AGREEMENT,
        parties=(one.organisation.id, other.organisation.id),
        communities=[cast.FALLS.id],
        purpose="Fewer falls, by telling each other what was tried and what came of it",
        kinds=[ContentKind.THREADS],
        fields=list(MemberField),
        retention_days=365,
        expires_at=now + LASTS,
    )
    new = membership.NewAgreement(terms=terms, signature=_sign(asking, one, terms), contact=one.id)
    call = membership.ProposeAgreement(caller=OPERATOR, organisation=one.organisation.id, new=new)
    return asking.ask(call, Agreement)


def _countersign(asking: Asking, by: Person, terms: Terms) -> None:
    said = membership.Countersignature(version=1, signature=_sign(asking, by, terms), contact=by.id)
    asking.ask(
        membership.CountersignAgreement(
            caller=OPERATOR, organisation=by.organisation.id, agreement=AGREEMENT, countersignature=said
        ),
        Agreement,
    )


def _sign(asking: Asking, by: Person, terms: Terms) -> str:
    key = OKPKey.generate_key("Ed25519")
    public = membership.NewOrganisationKey.model_validate(public_part(key))
    call = membership.RegisterKey(caller=OPERATOR, organisation=by.organisation.id, new=public)
    asking.ask(call, membership.OrganisationKey)
    return sign_with(key, terms)
