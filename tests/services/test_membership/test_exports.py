"""A copy of one's own and an erasure at the same time, and one that is never gathered: nothing is handed out, or left."""

import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.errors import NotFound, Refusal
from shared.wiring.store import Store, now
from tests.services.test_membership.cast import OPERATOR, Cast, Person
from tests.services.test_membership.forgetting import ask, eventually, let_begin, receipt
from tests.services.test_membership.test_moving import just_signed_in


def asked(cast: Cast, person: Person) -> calls.Export:
    return cast.ask(calls.AskForExport(caller=just_signed_in(person.caller)), calls.Export)


def ready(cast: Cast, store: Store, person: Person) -> str:
    """An export as it is once the other services, which are not there in these tests, have laid down theirs."""
    export = asked(cast, person).export
    eventually(lambda: store.database.export_parts.find_one({"member": person.id, "file": "acts"}))
    change = {"state": "ready", "ends_at": now() + timedelta(days=7), "parts": {"membership": 1}}
    store.database.exports.update_one({"_id": export}, {"$set": change, "$inc": {"revision": 1}})
    return export


def digest_of_link(cast: Cast, person: Person) -> str:
    call = calls.MakeExportLink(caller=just_signed_in(person.caller))
    secret = cast.ask(call, calls.ExportLink).secret
    assert secret
    return hashlib.sha256(secret.encode()).hexdigest()


def opening(digest: str) -> calls.OpenExport:
    return calls.OpenExport(caller=Caller(), digest=digest)


def test_a_link_opens_nothing_from_the_moment_at_which_the_erasure_begins(cast: Cast, store: Store) -> None:
    person = cast.person()
    export = ready(cast, store, person)
    digest = digest_of_link(cast, person)
    erasure = ask(cast, person.id)
    let_begin(store, erasure)
    eventually(lambda: store.database.erasures.find_one({"_id": erasure, "state": {"$ne": "waiting"}}))
    with pytest.raises(NotFound) as refusal:
        cast.switchboard.ask(opening(digest))
    assert refusal.value.code == "link-used"
    part = calls.GetMembershipPart(caller=Caller(member=person.id), export=export, number=0)
    with pytest.raises(NotFound):
        cast.switchboard.ask(part)
    receipt(store, erasure)
    assert not store.database.export_parts.find_one({"member": person.id})
    assert not store.database.gathering.find_one({"member": person.id})


def test_one_that_is_asked_for_while_the_erasure_begins_leaves_nothing(cast: Cast, store: Store) -> None:
    for _ in range(5):
        person = cast.person()
        erasure = ask(cast, person.id)

        def ask_for_it(person: Person = person) -> None:
            for _ in range(20):
                try:
                    asked(cast, person)
                except Refusal:
                    return

        with ThreadPoolExecutor(2) as pool:
            asking = pool.submit(ask_for_it)
            let_begin(store, erasure)
            asking.result()
        receipt(store, erasure)
        left = {"member": person.id, "state": {"$in": ["gathering", "ready"]}}
        assert not store.database.exports.find_one(left)
        eventually(lambda: not store.database.gathering.find_one({"member": person.id}))  # noqa: B023 - asked at once
        assert not store.database.export_parts.find_one({"member": person.id})


def test_one_whose_services_never_answer_expires_and_is_asked_for_again(cast: Cast, store: Store) -> None:
    person = cast.person()
    first = asked(cast, person)
    assert asked(cast, person).export == first.export
    long_ago = now() - timedelta(days=3)
    store.database.exports.update_one({"_id": first.export}, {"$set": {"asked_at": long_ago}})
    shown = cast.ask(calls.GetExport(caller=person.caller), calls.Export)
    assert (shown.state, shown.ready_at) == ("expired", None)
    again = asked(cast, person)
    assert (again.state, again.export != first.export) == ("gathering", True)
    assert not store.database.export_parts.find_one({"_id": {"$regex": f"^{first.export}:"}})


def test_what_nobody_asks_for_again_is_taken_away_by_itself(cast: Cast, store: Store) -> None:
    person = cast.person()
    export = asked(cast, person).export
    long_ago = now() - timedelta(days=3)
    store.database.exports.update_one({"_id": export}, {"$set": {"asked_at": long_ago}})
    eventually(lambda: store.database.exports.find_one({"_id": export, "state": "expired"}))
    assert not store.database.export_parts.find_one({"member": person.id})


@pytest.mark.parametrize("moves_first", [True, False])
def test_an_erasure_that_waits_for_an_account_of_which_a_mover_is_made_ends_by_itself(
    cast: Cast, store: Store, moves_first: bool
) -> None:
    mover, account = cast.person(), cast.person(email=f"{secrets.token_hex(6)}@trust.example")
    code = cast.ask(calls.IssueMoveCode(caller=just_signed_in(mover.caller)), calls.MoveCode).secret
    assert code
    export = ready(cast, store, account)
    erasures = [ask(cast, account.id)]
    move = calls.MoveHome(caller=account.caller, code=code)
    if moves_first:
        cast.ask(move, calls.Member)
        erasures.append(ask(cast, mover.id))
        let_begin(store, erasures[1])
        receipt(store, erasures[1])
        assert not store.database.export_parts.find_one({"member": account.id}), "of the account too"
        assert store.database.exports.find_one({"_id": export, "state": "expired"})
        let_begin(store, erasures[0])
    else:
        let_begin(store, erasures[0])
        receipt(store, erasures[0])
        with pytest.raises(Refusal):
            cast.ask(move, calls.Member)
        erasures.append(ask(cast, mover.id))
        let_begin(store, erasures[1])
    for erasure in erasures:
        receipt(store, erasure)
    for member in (mover.id, account.id):
        eventually(lambda: store.database.erasing.find_one({"_id": member, "begins": {"$exists": False}}))  # noqa: B023 - asked at once
        shown = cast.ask(calls.GetMember(caller=OPERATOR, member=member), calls.Member)
        assert shown.name == "A former member"


def test_one_that_was_fetched_before_nodes_kept_it_for_another_link_offers_none(
    cast: Cast, store: Store
) -> None:
    person = cast.person()
    export = ready(cast, store, person)
    before = {"$set": {"state": "fetched", "is_open": False, "opened": True}}
    store.database.exports.update_one({"_id": export}, before)
    store.database.export_parts.delete_many({"member": person.id})
    with pytest.raises(NotFound):
        digest_of_link(cast, person)
    shown = cast.ask(calls.GetExport(caller=person.caller), calls.Export)
    assert (shown.state, shown.ends_at) == ("fetched", None)
    assert asked(cast, person).export != export, "another is gathered"
