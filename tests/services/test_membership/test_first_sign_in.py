"""The directory and the provider speak of the same people: who was provisioned by the one signs in by the other."""

import hashlib
import secrets

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.errors import Refusal
from tests.services.test_membership.cast import OPERATOR, Cast


def provider(cast: Cast, organisation: str) -> str:
    name = secrets.token_hex(6)
    new = calls.NewIdentityProvider(
        name="Board",
        issuer=f"https://{name}.example.org",
        client_id="commonplace",
        domains=(f"{name}.example.org",),
    )
    call = calls.RegisterIdentityProvider(caller=OPERATOR, organisation=organisation, new=new)
    return cast.ask(call, calls.IdentityProvider).provider


def provision(cast: Cast, organisation: str, external_id: str, name: str = "Ann") -> str:
    content = calls.EntryContent(
        kind=calls.EntryKind.USER,
        document="{}",
        user_name=f"{name}-{secrets.token_hex(6)}",
        external_id=external_id,
        person=calls.DirectoryPerson(name=name, profession="Nurse"),
    )
    directory = Caller(organisation=organisation, scopes=frozenset({"directory:write"}))
    call = calls.AddDirectoryEntry(caller=directory, organisation=organisation, content=content)
    member = cast.ask(call, calls.DirectoryEntry).member
    assert member is not None
    return member


def sign_in(cast: Cast, provider: str, external_id: str) -> str:
    call = calls.OpenSignIn(
        caller=Caller(),
        provider=provider,
        subject=f"subject of {external_id}",
        external_id=external_id,
        attempt=hashlib.sha256(secrets.token_bytes()).hexdigest(),
    )
    return cast.ask(call, calls.OpenedSignIn).member


def test_who_was_provisioned_signs_in(cast: Cast) -> None:
    home = cast.organisation()
    door = provider(cast, home)
    ann = provision(cast, home, "oid-ann")
    assert sign_in(cast, door, "oid-ann") == ann
    assert sign_in(cast, door, "oid-ann") == ann, "and is remembered by subject"


def test_who_was_registered_before_the_directory_came_stays_one_member(cast: Cast) -> None:
    home = cast.organisation()
    handle = f"ben-{secrets.token_hex(6)}"
    new = calls.NewMember(name="Ben", handle=handle, profession="Nurse", external_id="oid-ben")
    call = calls.RegisterMember(caller=OPERATOR, organisation=home, new=new)
    ben = cast.ask(call, calls.Member).member
    assert provision(cast, home, "oid-ben", "Ben") == ben
    assert sign_in(cast, provider(cast, home), "oid-ben") == ben


def test_a_name_that_two_users_have_or_another_directory_gave_opens_nothing(cast: Cast) -> None:
    home, away = cast.organisation(), cast.organisation()
    door = provider(cast, home)
    provision(cast, home, "oid-twin")
    provision(cast, home, "oid-twin", "Tom")
    provision(cast, away, "oid-far")
    for external_id in ("oid-twin", "oid-far", "oid-nobody"):
        with pytest.raises(Refusal):
            sign_in(cast, door, external_id)
