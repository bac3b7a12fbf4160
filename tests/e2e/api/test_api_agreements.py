"""Agreements at the door: signed by two, known to two, and every way to be turned away."""

import re
import time
from datetime import timedelta
from secrets import token_hex

import httpx2
import pytest

from shared.contracts.calls.membership import Scope
from tests.e2e.api.conftest import SCOPES, Neighbours, Person, Town, access_token, start_community
from tests.e2e.signatories import System, agree, terms_between

AGREEING = SCOPES


def system_of(town: Town, person: Person, organisation: str, scopes: tuple[Scope, ...] = AGREEING) -> System:
    client, secret = town.client(organisation, scopes)
    token = access_token(town, client, secret).json()["access_token"]
    return System(town.url, organisation, token, person.id)


@pytest.fixture
def one(town: Town, neighbours: Neighbours) -> System:
    return system_of(town, neighbours.carys, neighbours.first)


@pytest.fixture
def other(town: Town, neighbours: Neighbours) -> System:
    return system_of(town, neighbours.mair, neighbours.second)


@pytest.fixture
def stranger(town: Town) -> System:
    third = town.organisation("Third Trust")
    return system_of(town, town.person(third, "Sian Lloyd"), third)


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_two_organisations_agree_in_four_requests(
    one: System, other: System, stranger: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community)
    assert one.register_key().status_code == other.register_key().status_code == 201
    proposed = one.propose(terms).json()
    assert (proposed["state"], proposed["in_force"], proposed["proposed"]) == ("proposed", None, 1)
    path = f"/v1/agreements/{terms['agreement']}"
    assert other.get(path).json()["versions"][0]["terms"] == terms
    signed = other.countersign(terms).json()
    assert (signed["state"], signed["in_force"], signed["proposed"]) == ("in force", 1, None)
    assert other.countersign(terms).json()["revision"] == signed["revision"], "twice is once"

    for party in (one, other):
        listed = {item["agreement"]: item for item in party.get("/v1/agreements").json()["items"]}
        assert listed[terms["agreement"]]["state"] == "in force"
    assert stranger.get("/v1/agreements").json()["items"] == []
    nowhere = stranger.get(f"/v1/agreements/{token_hex(12)}").json()
    for answer in (stranger.get(path), stranger.countersign(terms), stranger.revoke(terms["agreement"])):
        assert {**answer.json(), "trace_id": ""} == {**nowhere, "trace_id": ""}

    contacts = {
        signature["organisation"]: signature["contact"]
        for signature in one.get(path).json()["versions"][0]["signatures"]
    }
    assert contacts == {one.organisation: one.contact, other.organisation: None}


def test_both_parties_find_what_was_signed_in_their_logs(
    one: System, other: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community)
    agree(one, other, terms)
    for party in (one, other):
        until = (
            time.monotonic() + 45
        )  # a service that was killed just before keeps its lease for half a minute
        while True:
            items = party.get("/v1/audit?limit=100").json()["items"]
            acts = [item["act"] for item in items if item["concerns"].get("agreement") == terms["agreement"]]
            if len(acts) >= 2 or time.monotonic() > until:
                break
            time.sleep(0.2)
        assert sorted(acts) == ["countersign_agreement", "propose_agreement"]


def test_it_is_revoked_by_either_and_for_good(one: System, other: System, neighbours: Neighbours) -> None:
    terms = terms_between(one, other, neighbours.community)
    agree(one, other, terms)
    revoked = other.revoke(terms["agreement"]).json()
    assert (revoked["state"], revoked["revoked_by"]) == ("revoked", other.organisation)
    assert one.revoke(terms["agreement"]).json()["revoked_by"] == other.organisation
    again = {**terms, "version": 2}
    assert refused(one.propose(again)) == (409, "agreement-revoked")
    assert refused(other.countersign(terms)) == (409, "agreement-revoked")


def told_of(system: System, agreement: str, count: int) -> list[str]:
    """What a contact's inbox says of an agreement, newest first, once it says `count` things or more."""
    until = time.monotonic() + 20
    while True:
        items = system.get("/v1/inbox", member=system.contact).json()["items"]
        titles = [item["title"] for item in items if item["link"] == f"/v1/agreements/{agreement}"]
        if len(titles) >= count or time.monotonic() > until:
            return titles
        time.sleep(0.1)


def test_both_contacts_are_told_of_the_end_and_of_revoking(
    one: System, other: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community, lasts=timedelta(days=20))
    agreement = terms["agreement"]
    agree(one, other, terms)
    for party in (one, other):
        (title,) = told_of(party, agreement, 1)
        assert re.search(r" ends on \d+ \w+ \d{4}: sign a further version", title)
    other.revoke(agreement)
    other.revoke(agreement)
    for party in (one, other):
        newest, _ = told_of(party, agreement, 2)
        assert newest.endswith("was revoked: nothing crosses any more")


def test_a_contact_reads_what_their_inbox_leads_to_and_nobody_else_does(
    town: Town, one: System, other: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community)
    agree(one, other, terms)
    path = f"/v1/agreements/{terms['agreement']}"

    def person(member: str) -> Person:
        return Person(town.url, member, town.token(member, AGREEING), "")

    for system in (one, other):
        shown = person(system.contact).get(path)
        assert shown.status_code == 200
        named = {each["organisation"]: each["contact"] for each in shown.json()["versions"][0]["signatures"]}
        assert named == {
            one.organisation: None,
            other.organisation: None,
            system.organisation: system.contact,
        }
    assert refused(person(neighbours.huw.id).get(path)) == (403, "organisation-only")
    nowhere = f"/v1/agreements/{'0' * 24}"
    assert refused(person(one.contact).get(nowhere)) == (403, "organisation-only")
    assert refused(one.get(path, member=one.contact)) == (403, "organisation-only")
    assert refused(person(one.contact).change("DELETE", path)) == (403, "organisation-only")


def test_a_further_version_holds_once_both_have_signed_it(
    one: System, other: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community)
    agree(one, other, terms)
    further = {**terms, "version": 2, "retention_days": 7}
    assert refused(one.propose(terms)) == (409, "agreement-exists")
    proposed = other.propose(further).json()
    assert (proposed["in_force"], proposed["proposed"]) == (1, 2)
    assert refused(other.countersign(further)) == (409, "own-proposal")
    assert refused(one.countersign(terms)) == (409, "nothing-to-countersign")
    signed = one.countersign(further).json()
    assert [version["state"] for version in signed["versions"]] == ["countersigned", "superseded"]


def test_only_a_signature_on_these_terms_is_one(one: System, other: System, neighbours: Neighbours) -> None:
    terms = terms_between(one, other, neighbours.community)
    assert refused(one.propose(terms)) == (422, "signature-invalid")  # no key is registered
    one.register_key()
    other.register_key()
    tampered = {**terms, "retention_days": 3_000}
    assert refused(one.propose(tampered, one.sign(terms))) == (422, "signature-invalid")
    assert refused(one.propose(terms, other.sign(terms))) == (422, "signature-invalid")
    assert one.propose(terms).status_code == 201
    assert refused(other.countersign(terms, other.sign(tampered))) == (422, "signature-invalid")
    assert refused(other.countersign(terms, one.sign(terms))) == (422, "signature-invalid")
    assert refused(one.countersign(terms)) == (409, "own-proposal")
    assert other.get(f"/v1/agreements/{terms['agreement']}").json()["state"] == "proposed"


def test_a_revoked_key_ends_what_rests_on_it(one: System, other: System, neighbours: Neighbours) -> None:
    terms = terms_between(one, other, neighbours.community)
    agree(one, other, terms)
    waiting = terms_between(one, other, neighbours.community)
    assert one.propose(waiting).status_code == 201
    path = f"/v1/organisations/{one.organisation}/keys/{one.key.thumbprint()}"
    assert other.send("DELETE", path).status_code == 403
    assert one.send("DELETE", path).json()["revoked_at"] is not None
    for agreement in (terms, waiting):
        shown = other.get(f"/v1/agreements/{agreement['agreement']}").json()
        assert (shown["state"], shown["revoked_by"]) == ("revoked", one.organisation)
    assert refused(other.countersign(waiting)) == (409, "agreement-revoked")
    assert refused(one.register_key()) == (409, "key-revoked")
    assert refused(one.propose(terms_between(one, other, neighbours.community))) == (422, "signature-invalid")
    keys = other.get(f"/v1/organisations/{one.organisation}/keys").json()["items"]
    assert next(key for key in keys if key["kid"] == one.key.thumbprint())["revoked_at"] is not None


def test_whoever_is_not_the_organisation_itself_agrees_to_nothing(
    town: Town, one: System, other: System, neighbours: Neighbours
) -> None:
    terms = terms_between(one, other, neighbours.community)
    person = Person(town.url, neighbours.carys.id, town.token(neighbours.carys.id, AGREEING), "")
    body = {"terms": terms, "signature": one.sign(terms), "contact": one.contact}
    assert refused(person.post("/v1/agreements", body)) == (403, "organisation-only")
    assert refused(person.get("/v1/agreements")) == (403, "organisation-only")
    acting = one.send("POST", "/v1/agreements", body, member=neighbours.carys.id)
    assert refused(acting) == (403, "organisation-only")
    public = {"kty": "OKP", "crv": "Ed25519", "x": one.key.as_dict(private=False)["x"]}
    answer = one.send("POST", f"/v1/organisations/{other.organisation}/keys", public)
    assert refused(answer) == (403, "organisation-only")
    unscoped = system_of(town, neighbours.carys, neighbours.first, ("threads:read",))
    assert refused(unscoped.get("/v1/agreements")) == (403, "insufficient-scope")
    assert refused(unscoped.propose(terms)) == (403, "insufficient-scope")


def test_terms_that_cannot_be_are_refused(
    town: Town, one: System, other: System, stranger: System, neighbours: Neighbours
) -> None:
    one.register_key()
    good = terms_between(one, other, neighbours.community)
    for change in (
        {"expires_at": "2020-01-02T00:00:00Z", "review_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2090-01-01T00:00:00Z"},
    ):
        terms = {**good, **change}
        assert refused(one.propose(terms)) == (422, "terms-invalid")
    for change in ({"purpose": " spaced "}, {"expires_at": "soon"}, {"communities": []}, {"more": 1}):
        assert refused(one.propose({**good, **change}, one.sign(good))) == (422, "invalid")
    assert refused(one.propose(terms_between(stranger, other, neighbours.community))) == (422, "not-a-party")
    assert refused(one.propose({**good, "communities": [token_hex(12)]})) == (404, "not-found")
    hidden = start_community(neighbours.mair, "closed")  # which the first's contact may not know of
    assert refused(one.propose({**good, "communities": [hidden]})) == (404, "not-found")
    unknown = {**good["between"][1], "organisation": token_hex(12)}
    assert refused(one.propose({**good, "between": [good["between"][0], unknown]})) == (404, "not-found")
    one.contact = neighbours.mair.id
    foreign = one.propose(good)
    one.contact = token_hex(12)
    unknown = one.propose({**good, "agreement": token_hex(12)})
    for answer in (foreign, unknown):
        assert refused(answer) == (422, "invalid")
        assert [fault["where"] for fault in answer.json()["errors"]] == ["contact"]
    shapeless = one.propose(good, "abc").json()["errors"]
    assert shapeless == [
        {"where": "signature", "what": "must be a detached JWS in compact form: header..signature"}
    ]


def test_a_countersignature_names_a_contact_of_its_own(
    one: System, other: System, neighbours: Neighbours
) -> None:
    one.register_key()
    other.register_key()
    terms = terms_between(one, other, neighbours.community)
    assert one.propose(terms).status_code == 201
    other.contact = one.contact
    answer = other.countersign(terms)
    assert refused(answer) == (422, "invalid")
    assert [fault["where"] for fault in answer.json()["errors"]] == ["contact"]


def test_only_the_public_half_of_a_key_is_taken(one: System) -> None:
    path = f"/v1/organisations/{one.organisation}/keys"
    private = {name: one.key.as_dict(private=True)[name] for name in ("kty", "crv", "x", "d")}
    assert refused(one.send("POST", path, private)) == (422, "invalid")
    public = {"kty": "OKP", "crv": "Ed25519", "x": private["x"]}
    assert refused(one.send("POST", path, {**public, "kid": "A" * 43})) == (422, "key-invalid")
    assert one.send("POST", path, public).json()["kid"] == one.key.thumbprint()
    assert refused(one.send("DELETE", f"{path}/{'A' * 43}")) == (404, "not-found")
    assert refused(one.get(f"/v1/organisations/{token_hex(12)}/keys")) == (404, "not-found")
