"""What membership finds of a member whom it erases: also what stands under an address that they had before."""

import json
import secrets
import time

from shared.contracts import former
from shared.contracts.calls import membership as calls
from shared.contracts.vocabulary import Visibility
from shared.wiring.store import Store
from tests.services.test_membership.cast import Cast
from tests.services.test_membership.forgetting import ask, directory, forget, let_begin, receipt


def a_user(email: str) -> calls.EntryContent:
    person = calls.DirectoryPerson(name="Zebedee", profession="Nurse", email=email)
    return calls.EntryContent(
        kind=calls.EntryKind.USER, document=json.dumps({}), user_name="zebedee", person=person
    )


def test_invitations_to_an_address_that_they_had_before_go_and_later_ones_to_it_stay(
    cast: Cast, store: Store
) -> None:
    mark = secrets.token_hex(6)
    before, after = f"zebedee.{mark}@trust.example", f"z.{mark}@trust.example"
    home = cast.organisation()
    add = calls.AddDirectoryEntry(caller=directory(home), organisation=home, content=a_user(before))
    entry = cast.ask(add, calls.DirectoryEntry)
    facilitator = cast.person()
    community = cast.community(facilitator, Visibility.RESTRICTED)
    theirs = [cast.invite(facilitator, community, email=before)]
    change = calls.ChangeDirectoryEntry(
        caller=directory(home), organisation=home, entry=entry.entry, content=a_user(after)
    )
    cast.ask(change, calls.DirectoryEntry)
    theirs.append(cast.invite(facilitator, community, email=after))
    successors = cast.invite(facilitator, community, email=before)
    assert entry.member
    assert forget(cast, store, entry.member)["invitations"] == 2
    ids = [one.invitation for one in (*theirs, successors)]
    left = store.database.invitations.find({"_id": {"$in": ids}})
    assert [one["_id"] for one in left] == [successors.invitation], "which is for who has that address now"
    assert before not in str(store.database.erasing.find_one({"_id": entry.member}))


def test_one_whose_new_handle_somebody_has_does_not_stop_the_others(cast: Cast, store: Store) -> None:
    unlucky, other = cast.person(name="Zebedee"), cast.person()
    squatter = cast.person()
    taken = {"$set": {"handle": former.handle(unlucky.id)}}
    store.database.members.update_one({"_id": squatter.id}, taken)
    first, second = ask(cast, unlucky.id), ask(cast, other.id)
    let_begin(store, first)
    time.sleep(1.5)
    let_begin(store, second)
    receipt(store, second)
    waiting = store.database.erasures.find_one({"_id": first})
    assert waiting is not None and waiting["state"] == "waiting"
    free = {"$set": {"handle": squatter.handle}}
    store.database.members.update_one({"_id": squatter.id}, free)
    assert receipt(store, first)["members"] == 1, "and it goes on by itself once the name is free"
