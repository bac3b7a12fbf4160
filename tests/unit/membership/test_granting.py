"""Nothing is granted but by what both have signed, by good keys, unaltered, in time and unrevoked."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.membership.domain import agreement as agreements
from services.membership.domain import organisation_key
from services.membership.domain.granting import grants_of, moved
from tests.unit.membership.signatories import END, KEYS, PRIVATE, a_signature, an_agreement, some_terms
from tests.unit.membership.things import COUNCIL, NOON, TRUST

FLAWS = (
    "one-sided",
    "tampered",
    "key revoked",
    "key unknown",
    "revoked",
    "other's key",
    "signed twice by one",
)
DAYS = st.integers(-3, 420)


@given(st.sets(st.sampled_from(FLAWS)), DAYS, st.booleans())
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_flaw_shuts_it_whatever_the_day(flaws: set[str], days: int, further: bool) -> None:
    at = NOON + timedelta(days=days)
    agreement = an_agreement(some_terms(version=2), an_agreement()) if further else an_agreement()
    keys = dict(KEYS)
    version = agreement.version_in_force
    assert version is not None
    change: dict[str, Any] = {}
    first, second = version.signatures
    signatures = (first, second)
    if "signed twice by one" in flaws:
        signatures = (first, a_signature(TRUST, version.terms))
    if "other's key" in flaws:
        signatures = (first, a_signature(COUNCIL, version.terms, by=PRIVATE[TRUST]))
    if "one-sided" in flaws:
        signatures = (first,)
    change["signatures"] = signatures
    if "tampered" in flaws:
        change["terms"] = version.terms.model_copy(update={"retention_days": 999})
    versions = (*agreement.versions[:-1], version.model_copy(update=change))
    agreement = agreement.model_copy(update={"versions": versions})
    if "key revoked" in flaws:
        keys = {
            id: organisation_key.revoke(key, NOON) for id, key in keys.items() if key.organisation == TRUST
        }
    if "key unknown" in flaws:
        keys = {id: key for id, key in keys.items() if key.organisation != COUNCIL}
    if "revoked" in flaws:
        agreement = agreements.revoke(agreement, TRUST, NOON)
    granted = grants_of(agreement, keys, at)
    # As a person would say it: whole and before thirty days after its end, or not at all.
    assert bool(granted) == (not flaws and at < END + timedelta(days=30))
    for grant in granted:
        assert grant.crosses_until == END
        assert {grant.source, grant.receiver} == {TRUST, COUNCIL}
        assert grant.version == len(agreement.versions)


@given(
    st.sets(st.sampled_from(["titles", "threads", "articles"])), st.sets(st.sampled_from(["name", "sector"]))
)
@settings(deadline=None)
def test_a_grant_says_what_the_terms_say_and_no_more(kinds: set[str], fields: set[str]) -> None:
    terms = some_terms()
    one = terms.between[0].model_dump(mode="json") | {"kinds": sorted(kinds), "fields": sorted(fields)}
    other = terms.between[1].model_dump(mode="json") | {"kinds": [], "fields": ["name"]}
    agreement = an_agreement(some_terms(between=[one, other]))
    granted = grants_of(agreement, KEYS, NOON)
    assert [grant.source for grant in granted] == ([TRUST] if kinds else [])
    for grant in granted:
        assert {kind.value for kind in grant.kinds} == kinds
        assert {field.value for field in grant.fields} == fields
        assert grant.communities == terms.communities


NAMES = {TRUST: "Trust", COUNCIL: "Council"}


def test_both_contacts_are_told_thirty_days_before_the_end_and_at_every_step_after() -> None:
    agreement = an_agreement()
    states = []
    for days in (-31, -30, -1, 0, 1, 29, 30):
        at = END + timedelta(days=days)
        later = agreements.move_on(agreement, at)
        told = moved(agreement, later, NAMES, at)
        if told:
            first, second = told
            assert {(first.organisation, first.other_name), (second.organisation, second.other_name)} == {
                (TRUST, "Council"),
                (COUNCIL, "Trust"),
            }
            states.append((days, first.state.value))
        assert not moved(later, agreements.move_on(later, at), NAMES, at)
        agreement = later
    assert states == [(-30, "ending"), (0, "expired"), (30, "suspended")]


def test_a_proposal_tells_nobody_and_a_revoked_one_its_proposer_only() -> None:
    signature = a_signature(TRUST, some_terms())
    proposed = agreements.propose(None, some_terms(), signature)
    assert moved(None, proposed, NAMES, NOON) == ()
    (told,) = moved(proposed, agreements.revoke(proposed, COUNCIL, NOON), NAMES, NOON)
    assert (told.organisation, told.state.value) == (TRUST, "revoked")
