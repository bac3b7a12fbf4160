"""A passkey ends with its member's belonging, goes along in their copy without its key, and is of use to nobody afterwards."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import AddPasskey, BeginPasskey, NewPasskey, Passkey, PasskeyOptions
from tests.e2e.api.conftest import Person, access_token, let_in, start_community
from tests.e2e.api.directory import Directory
from tests.e2e.api.partners import AGREEING
from tests.e2e.authenticator import Authenticator
from tests.e2e.identity.passkeys import (
    ORIGIN,
    Somebody,
    Village,
    api,
    authenticator,
    database,
    enter,
    module_environment_for_sign_in,
    problem,
    somebody,
    village,
)
from tests.e2e.signatories import System, agree, terms_between

__all__ = ["authenticator", "database", "module_environment_for_sign_in", "somebody", "village"]


def eventually(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + 30
    while not (value := what()):
        assert time.monotonic() < until, "never"
        time.sleep(0.2)
    return value


def kept_of(village: Village, member: str) -> int:
    return sum(
        village.database[name].count_documents({"member": member})
        for name in ("passkeys", "passkey_challenges")
    )


def test_whom_the_directory_suspends_comes_in_by_no_passkey(village: Village) -> None:
    directory = Directory(village.town)
    entry = directory.add(displayName="Sue Spended")["id"]
    member = directory.member_of(entry)
    start_community(Person(village.town.url, member, village.town.token(member), ""), "open")
    caller = Caller(member=member, organisation=directory.organisation, signed_in_at=datetime.now(UTC))
    own = Authenticator(ORIGIN)
    begun = village.town.operate(BeginPasskey(caller=caller, door=ORIGIN), PasskeyOptions)
    new = NewPasskey(label="Key", **own.make(begun.model_dump()))
    village.town.operate(AddPasskey(caller=caller, door=ORIGIN, new=new), Passkey)
    assert enter(village.browser(), own).status_code == 303
    for active in (False, True):
        changed = directory.patch(f"Users/{entry}", {"op": "replace", "path": "active", "value": active})
        assert changed.is_success, changed.text
        assert enter(village.browser(), own).status_code == 403, "nor when they are let in again"
    assert village.database["passkeys"].count_documents({"member": member}) == 0


def test_a_mover_takes_no_passkey_along(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    home = village.town.organisation("New home")
    account = village.town.person(home, "Fran Facilitator")
    code = api(somebody.browser, "POST", "/v1/me/move-codes").json()["secret"]
    assert account.change("PUT", "/v1/me/home", {"code": code}).status_code == 200
    assert enter(village.browser(), authenticator).status_code == 403
    assert village.database["passkeys"].count_documents({"member": somebody.id}) == 0


def test_a_copy_of_ones_own_has_labels_and_no_keys(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator, "My telephone")
    enter(village.browser(), authenticator)
    assert api(somebody.browser, "POST", "/v1/me/export").status_code == 202
    eventually(lambda: api(somebody.browser, "GET", "/v1/me/export").json()["state"] == "ready")
    secret = api(somebody.browser, "POST", "/v1/me/export/links").json()["secret"]
    archive = somebody.browser.http.get(f"{village.town.url}/exports/{secret}").content
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        (passkey,) = json.loads(files.read("membership/passkeys.json"))
    assert passkey.pop("label") == "My telephone" and passkey.pop("backed_up") is False
    assert passkey.keys() == {"id", "created_at", "used_at"} and all(passkey.values())


def test_who_is_erased_leaves_no_passkey(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    somebody.begin()
    assert kept_of(village, somebody.id) == 3
    asked = api(somebody.browser, "POST", "/v1/me/erasure", {"handle": somebody.person.handle}).json()
    past = {"$set": {"due_at": datetime.now(UTC) - timedelta(seconds=1)}}
    village.database["erasures"].update_one({"_id": asked["erasure"]}, past)
    assert eventually(lambda: kept_of(village, somebody.id) == 0)
    assert enter(village.browser(), authenticator).status_code == 403
    receipt = eventually(
        lambda: village.database["erasures"].find_one({"_id": asked["erasure"]})["receipts"].get("membership")
    )
    assert receipt["erased"]["passkeys"] == 1 and receipt["erased"]["passkey_challenges"] >= 1


def test_the_contact_of_an_agreement_in_force_may_have_one(village: Village) -> None:
    host, contact = Somebody(village, "Host"), Somebody(village, "Contact", facilitates=False)
    community = start_community(host.person, "closed")
    let_in(host.person, community, contact.person)
    away = village.town.organisation(f"Away {token_hex(4)}")
    other = village.town.person(away, "Other Contact")
    let_in(host.person, community, other)

    def system(organisation: str, person: Person) -> System:
        token = access_token(village.town, *village.town.client(organisation, AGREEING)).json()[
            "access_token"
        ]
        one = System(village.town.url, organisation, token, person.id)
        assert one.register_key().status_code == 201
        return one

    ours, theirs = system(village.organisation, contact.person), system(away, other)
    assert problem(contact.begin()) == (403, "passkeys-for-facilitators")
    terms = terms_between(ours, theirs, community)
    agree(ours, theirs, terms)
    assert contact.add(Authenticator(ORIGIN)).status_code == 201
    assert ours.revoke(terms["agreement"]).status_code == 200
    assert problem(contact.begin()) == (403, "passkeys-for-facilitators")
