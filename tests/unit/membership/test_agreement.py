"""What an agreement's life is, and what it grants at each moment of it."""

from datetime import timedelta

import pytest
from joserfc.jwk import OKPKey
from pydantic import ValidationError

from services.membership.domain import agreement as agreements
from services.membership.domain import organisation_key, signing
from services.membership.domain.agreement_shown import shown
from services.membership.domain.granting import grants_of, told
from services.membership.domain.party import organisation_of
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import NewOrganisationKey
from shared.contracts.vocabulary import AgreementState, ContentKind
from shared.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.unit.membership.signatories import (
    END,
    KEYS,
    PRIVATE,
    a_key,
    a_proposal,
    a_signature,
    an_agreement,
    signed,
    some_terms,
)
from tests.unit.membership.things import ANN, COMMUNITY, COUNCIL, NOON, TRUST

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def test_one_signature_opens_nothing_and_two_open_both_directions() -> None:
    assert grants_of(a_proposal(), KEYS, NOON) == ()
    there, back = grants_of(an_agreement(), KEYS, NOON)
    assert (there.source, there.receiver) == (TRUST, COUNCIL)
    assert (back.source, back.receiver) == (COUNCIL, TRUST)
    assert there.communities == (COMMUNITY,)
    assert there.crosses_until == END


@pytest.mark.parametrize(
    ("before_end", "state", "granted"),
    [
        (31 * DAY, AgreementState.IN_FORCE, 2),
        (30 * DAY, AgreementState.ENDING, 2),
        (SECOND, AgreementState.ENDING, 2),
        (0 * DAY, AgreementState.EXPIRED, 2),
        (-30 * DAY + SECOND, AgreementState.EXPIRED, 2),
        (-30 * DAY, AgreementState.SUSPENDED, 0),
    ],
)
def test_time_moves_it_on(before_end: timedelta, state: AgreementState, granted: int) -> None:
    moment = END - before_end
    agreement = agreements.move_on(an_agreement(), moment)
    assert agreement.state is state
    assert len(grants_of(agreement, KEYS, moment)) == granted
    assert agreements.move_on(agreement, moment) == agreement
    assert told(agreement, KEYS, moment).state is state


def test_each_move_is_due_when_it_comes() -> None:
    agreement = an_agreement()
    moments = []
    while (due := agreements.due_at(agreement)) is not None:
        moments.append(due)
        agreement = agreements.move_on(agreement, due)
    assert moments == [END - 30 * DAY, END, END + 30 * DAY]
    assert agreements.due_at(a_proposal()) is None
    assert agreements.due_at(agreements.revoke(an_agreement(), TRUST, NOON)) is None


def test_after_the_end_what_was_written_before_is_read_and_nothing_newer() -> None:
    grant, _ = grants_of(an_agreement(), KEYS, END)
    for written, at, lets in [
        (END - SECOND, END, True),
        (END, END, False),
        (END - SECOND, END + 30 * DAY - SECOND, True),
        (END - SECOND, END + 30 * DAY, False),
    ]:
        assert grant.lets(TRUST, COMMUNITY, ContentKind.THREADS, written, at) is lets


def test_what_was_changed_after_it_was_signed_opens_nothing() -> None:
    agreement = an_agreement()
    (version,) = agreement.versions
    for change in (
        {"retention_days": 31},
        {"communities": (COUNCIL,)},
        {"expires_at": "2029-05-04T12:00:00Z"},
    ):
        terms = version.terms.model_copy(update=change)
        tampered = agreement.model_copy(update={"versions": (version.model_copy(update={"terms": terms}),)})
        assert grants_of(tampered, KEYS, NOON) == ()


def test_a_revoked_key_opens_nothing_nor_does_one_that_is_anothers() -> None:
    agreement = an_agreement()
    for id, key in KEYS.items():
        revoked = {**KEYS, id: organisation_key.revoke(key, NOON)}
        assert grants_of(agreement, revoked, NOON) == ()
        assert grants_of(agreement, {other: one for other, one in KEYS.items() if other != id}, NOON) == ()
    swapped = {f"{TRUST}:{a_key(TRUST).kid}": a_key(TRUST, PRIVATE[COUNCIL])}
    assert grants_of(agreement, {**KEYS, **swapped}, NOON) == ()


def test_one_party_cannot_sign_for_both() -> None:
    proposal = a_proposal()
    waiting = proposal.version_proposed
    assert waiting is not None
    with pytest.raises(Conflict, match="other party"):
        agreements.check_countersigns(proposal, TRUST, 1, NOON)
    alone = agreements.countersign(proposal, waiting, a_signature(TRUST, waiting.terms))
    assert grants_of(alone, KEYS, NOON) == ()


def test_revoked_by_either_it_grants_nothing_and_stays_so() -> None:
    revoked = agreements.revoke(an_agreement(), COUNCIL, NOON)
    assert grants_of(revoked, KEYS, NOON) == ()
    assert agreements.revoke(revoked, TRUST, NOON + DAY) == revoked
    assert agreements.move_on(revoked, END + DAY) == revoked
    with pytest.raises(Conflict, match="revoked"):
        a_proposal(some_terms(version=2), revoked)
    with pytest.raises(Conflict, match="revoked"):
        agreements.check_countersigns(revoked, COUNCIL, 1, NOON)


def test_a_further_version_takes_over_once_both_have_signed_it() -> None:
    terms = some_terms(version=2, retention_days=7)
    proposed = a_proposal(terms, an_agreement())
    assert {grant.version for grant in grants_of(proposed, KEYS, NOON)} == {1}
    both = an_agreement(terms, an_agreement())
    assert {(grant.version, grant.retention_days) for grant in grants_of(both, KEYS, NOON)} == {(2, 7)}
    assert [version.state for version in shown(both, TRUST, NOON).versions] == ["countersigned", "superseded"]


def test_a_version_that_waited_is_withdrawn_by_the_next() -> None:
    second = a_proposal(some_terms(version=2), a_proposal())
    assert [version.state for version in shown(second, TRUST, NOON).versions] == ["proposed", "withdrawn"]
    with pytest.raises(Conflict) as refused:
        agreements.check_countersigns(second, COUNCIL, 1, NOON)
    assert refused.value.code == "nothing-to-countersign"


@pytest.mark.parametrize("version", [1, 3])
def test_versions_are_counted_by_one(version: int) -> None:
    with pytest.raises(Conflict) as refused:
        a_proposal(some_terms(version=version), an_agreement())
    assert refused.value.code == "agreement-exists"


def test_terms_that_are_over_are_neither_proposed_nor_countersigned() -> None:
    for moment in (END, END + DAY):
        with pytest.raises(Invalid):
            agreements.check_terms(some_terms(), TRUST, moment)
        with pytest.raises(Conflict):
            agreements.check_countersigns(a_proposal(), COUNCIL, 1, moment)
    with pytest.raises(Invalid, match="five years"):
        agreements.check_terms(some_terms(expires_at="2090-01-01T00:00:00Z"), TRUST, NOON)
    with pytest.raises(Invalid, match="no party"):
        agreements.check_terms(some_terms(), "9" * 24, NOON)


def test_only_the_parties_know_of_it_and_only_its_own_contact() -> None:
    with pytest.raises(NotFound):
        agreements.check_known(an_agreement(), "9" * 24)
    with pytest.raises(NotFound):
        agreements.check_known(None, TRUST)
    contacts = {
        one.organisation: one.contact for one in shown(an_agreement(), TRUST, NOON).versions[0].signatures
    }
    assert contacts == {TRUST: ANN, COUNCIL: None}


@pytest.mark.parametrize(
    "caller",
    [
        Caller(member=ANN, organisation=TRUST),
        Caller(member=ANN, organisation=TRUST, client=COMMUNITY),
        Caller(organisation=COUNCIL, client=COMMUNITY),
        Caller(),
    ],
)
def test_only_its_own_system_speaks_for_an_organisation(caller: Caller) -> None:
    with pytest.raises(NotAllowed):
        organisation_of(caller, TRUST)


@pytest.mark.parametrize("alg", ["Ed25519", "EdDSA"])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_both_names_of_the_algorithm_are_taken(alg: str) -> None:
    terms = some_terms()
    assert signing.is_signed(terms, signed(terms, PRIVATE[TRUST], alg=alg), a_key(TRUST))


def test_a_header_with_more_in_it_than_needed_is_no_signature() -> None:
    terms, private = some_terms(), PRIVATE[TRUST]
    kid = private.thumbprint()
    for more in (
        {"jwk": private.as_dict(private=False)},
        {"jku": "https://evil.example/keys"},
        {"kid": "A" * 43},
    ):
        signature = signed(terms, private, {"alg": "Ed25519", "kid": kid, **more})
        assert not signing.is_signed(terms, signature, a_key(TRUST)), more
    for broken in ("", "..", "a..b", "é..b", signed(terms, private)[:-3]):
        assert not signing.is_signed(terms, broken, a_key(TRUST))
    assert not signing.is_signed(terms, signed(terms, OKPKey.generate_key("Ed25519")), a_key(TRUST))


@pytest.mark.parametrize(
    "fields",
    [
        {"purpose": " Fewer falls"},
        {"purpose": "Fewer\x00falls"},
        {"expires_at": "2027-05-04T12:00:00+00:00"},
        {"expires_at": "2027-02-30T12:00:00Z"},
        {"review_at": "2028-01-01T00:00:00Z"},
        {"communities": [COMMUNITY, COMMUNITY]},
        {"communities": []},
        {"format": "something else"},
        {"more": 1},
    ],
)
def test_terms_are_kept_to_the_letter_or_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        some_terms(**fields)


def test_terms_are_between_two() -> None:
    one = some_terms().between[0].model_dump(mode="json")
    with pytest.raises(ValidationError, match="twice"):
        some_terms(between=[one, one])


def test_a_key_is_known_by_its_thumbprint_once_and_for_good() -> None:
    key = a_key(TRUST)
    public = NewOrganisationKey(kty="OKP", crv="Ed25519", x=key.x)
    assert organisation_key.register(TRUST, public, [key], NOON + DAY) == key
    with pytest.raises(Conflict) as refused:
        organisation_key.register(TRUST, public, [organisation_key.revoke(key, NOON)], NOON)
    assert refused.value.code == "key-revoked"
    with pytest.raises(Invalid):
        organisation_key.register(TRUST, public.model_copy(update={"kid": "A" * 43}), [], NOON)
    many = [key.model_copy(update={"kid": str(number)}) for number in range(organisation_key.MOST_KEYS)]
    with pytest.raises(Conflict) as refused:
        organisation_key.register(TRUST, public, many, NOON)
    assert refused.value.code == "too-many-keys"
