"""A partner's system: by which secrets and keys it comes in, and for whom it stands."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.membership.domain import client as clients
from services.membership.domain.client import Client
from services.membership.domain.credential import digest_of
from services.membership.domain.member import leave
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.unit.membership.things import ANN, BOB, COUNCIL, NOON, THING, TRUST, a_client, a_member

LEFT, _ = leave(a_member())
RIGHT = digest_of("secret")
EC_KEY = {"kty": "EC", "crv": "P-256", "x": "a" * 43, "y": "b" * 43, "kid": "1"}


def opens(client: Client, digest: str, at: object = NOON) -> bool:
    try:
        clients.identify(client, digest, None, None, at)  # type: ignore[arg-type]
    except NotFound:
        return False
    return True


def test_a_client_stands_for_its_organisation_or_one_of_its_members() -> None:
    client = a_client()
    own = clients.identify(client, RIGHT, None, None, NOON)
    assert (own.member, own.organisation, own.client) == (None, TRUST, THING)
    acting = clients.identify(client, None, ANN, a_member(), NOON)
    assert (acting.member, acting.organisation, acting.client) == (ANN, TRUST, THING)
    for wrong in (
        (None, None, None, None),
        (clients.revoke(client), RIGHT, None, None),
        (client, digest_of("another"), None, None),
        (client, None, ANN, None),
        (client, None, ANN, LEFT),
        (client, None, ANN, a_member(organisation=COUNCIL)),
    ):
        with pytest.raises(NotFound):
            clients.identify(*wrong, NOON)


def test_two_secrets_are_good_at_a_time_and_each_has_its_own_end() -> None:
    client = clients.add_secret(a_client(), BOB, digest_of("next"), 30, NOON)
    assert opens(client, RIGHT) and opens(client, digest_of("next"))
    later = NOON + timedelta(days=30)
    assert opens(client, digest_of("next"), later - timedelta(milliseconds=1))
    assert opens(client, RIGHT, later) and not opens(client, digest_of("next"), later)
    with pytest.raises(Conflict, match="two secrets"):
        clients.add_secret(client, ANN, digest_of("third"), None, NOON)
    third = clients.add_secret(client, ANN, digest_of("third"), None, later)
    assert [secret.id for secret in third.secrets] == [THING, ANN], "what has expired makes room"
    bought = clients.identify(third, RIGHT, None, None, later).secret
    assert bought == THING and clients.identify(third, None, None, None, later, bought).client == THING
    ended = clients.end_secret(third, THING, later, even_the_last=True)
    with pytest.raises(NotFound):
        clients.identify(ended, None, None, None, later, bought)
    assert not opens(ended, RIGHT, later) and opens(ended, digest_of("third"), later)
    with pytest.raises(NotFound):
        clients.end_secret(ended, THING, later, even_the_last=True)


def test_a_client_kept_with_its_only_secret_is_read() -> None:
    row = {"id": THING, "digest": RIGHT, "organisation": TRUST, "name": "Old", "scopes": ("members:read",)}
    client = Client.model_validate(row)
    assert opens(client, RIGHT)
    assert Client.model_validate({**client.model_dump(), "digest": RIGHT}) == client


def test_a_client_with_keys_only_is_known_by_no_secret() -> None:
    new = calls.NewClient.model_validate({"name": "Signer", "scopes": ["members:read"], "keys": [EC_KEY]})
    client = clients.register(THING, TRUST, new)
    assert not opens(client, RIGHT)
    assert clients.keys_of(client).keys == new.keys
    for without in (clients.set_keys(client, (), None), clients.revoke(client), None):
        with pytest.raises(NotFound):
            clients.keys_of(without)
    assert clients.keys_of(clients.set_keys(client, (), "https://a.example/keys")).keys_at
    with pytest.raises(Invalid):
        clients.set_keys(client, new.keys, "https://a.example/keys")
    with pytest.raises(Conflict):
        clients.set_keys(clients.revoke(client), new.keys, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {**EC_KEY, "d": "secret"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {**EC_KEY, "crv": "secp256k1"},
        {"kty": "EC", "crv": "P-256", "x": "a"},
        {"kty": "RSA", "n": "a" * 171, "e": "AQAB"},
        {"kty": "RSA", "e": "AQAB"},
        {**EC_KEY, "use": "enc"},
        {**EC_KEY, "alg": "HS256"},
        {**EC_KEY, "x": "not base64!"},
        "a text",
    ],
)
def test_only_sound_public_keys_are_taken(wrong: object) -> None:
    with pytest.raises(ValidationError):
        calls.SetClientKeys.model_validate({"caller": Caller(), "client": THING, "keys": [wrong]})


@pytest.mark.parametrize(
    "address",
    [
        "http://keys.example/jwks",
        "ftp://keys.example/",
        "https://user:pw@keys.example/",
        "https://",
        "file:///etc",
    ],
)
def test_keys_are_fetched_over_https_only(address: str) -> None:
    with pytest.raises(ValidationError):
        calls.SetClientKeys(caller=Caller(), client=THING, keys_at=address)


def test_revoking_a_client_twice_changes_nothing_more() -> None:
    revoked = clients.revoke(a_client())
    assert (revoked.active, revoked.revision) == (False, 2)
    assert clients.revoke(revoked) == revoked


def test_the_last_secret_stays_unless_the_operator_ends_it_or_there_are_keys() -> None:
    client = a_client()
    with pytest.raises(Conflict) as refused:
        clients.end_secret(client, THING, NOON, even_the_last=False)
    assert refused.value.code == "last-secret"
    assert not clients.end_secret(client, THING, NOON, even_the_last=True).secrets
    two = clients.add_secret(client, BOB, digest_of("next"), 1, NOON)
    assert [one.id for one in clients.end_secret(two, THING, NOON, even_the_last=False).secrets] == [BOB]
    later = NOON + timedelta(days=1)
    with pytest.raises(Conflict):
        clients.end_secret(two, THING, later, even_the_last=False)
    assert clients.end_secret(two, BOB, later, even_the_last=False).secrets, "one that is over may go"
    signing = clients.set_keys(client, (calls.PublicKey(**EC_KEY),), None)
    assert not clients.end_secret(signing, THING, NOON, even_the_last=False).secrets


def test_an_organisations_own_system_changes_secrets_of_what_can_do_no_more_than_it() -> None:
    client = a_client()
    own = Caller(client=ANN, organisation=TRUST, scopes=frozenset(client.scopes))
    assert clients.check_may_change_secrets(own, client) is client
    assert clients.check_may_change_secrets(Caller(operator=True), client) is client
    narrow = own.model_copy(update={"scopes": frozenset(("clients:write",))})
    assert clients.check_may_see_secrets(narrow, client) is client
    refusals: list[tuple[Caller, Client | None, type[Exception], str]] = [
        (narrow, client, NotAllowed, "scope-too-wide"),
        (own.model_copy(update={"organisation": COUNCIL}), client, NotFound, "not-found"),
        (own, None, NotFound, "not-found"),
        (own.model_copy(update={"member": ANN}), client, NotAllowed, "organisation-only"),
        (own.model_copy(update={"member": ANN}), None, NotAllowed, "organisation-only"),
        (Caller(member=ANN, organisation=TRUST), client, NotAllowed, "organisation-only"),
    ]
    for caller, whose, refusal, code in refusals:
        with pytest.raises(refusal) as refused:
            clients.check_may_change_secrets(caller, whose)
        assert refused.value.code == code  # type: ignore[attr-defined]
