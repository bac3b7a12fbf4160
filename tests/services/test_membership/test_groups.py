"""A directory's groups name nobody whom the directory has let go of, nor whom an erasure has made nobody."""

import json
import secrets

from services.membership.repositories.directory import UNREAD
from shared.contracts.calls import membership as calls
from shared.wiring.store import Store, new_id, now
from tests.services.test_membership.cast import OPERATOR, Cast
from tests.services.test_membership.forgetting import directory, eventually, forget


def add(cast: Cast, organisation: str, content: calls.EntryContent) -> calls.DirectoryEntry:
    call = calls.AddDirectoryEntry(caller=directory(organisation), organisation=organisation, content=content)
    return cast.ask(call, calls.DirectoryEntry)


def add_user(cast: Cast, organisation: str, external_id: str, name: str) -> calls.DirectoryEntry:
    content = calls.EntryContent(
        kind=calls.EntryKind.USER,
        document=json.dumps({"displayName": name}),
        user_name=f"user-{secrets.token_hex(6)}",
        external_id=external_id,
        person=calls.DirectoryPerson(name=name, profession="Nurse"),
    )
    return add(cast, organisation, content)


def a_group(*entries: str) -> calls.EntryContent:
    members = [{"value": entry, "display": f"Name of {entry}"} for entry in entries]
    document = json.dumps({"displayName": "Ward", "members": members})
    return calls.EntryContent(kind=calls.EntryKind.GROUP, document=document)


def read(cast: Cast, organisation: str, group: str) -> calls.DirectoryEntry:
    call = calls.GetDirectoryEntry(
        caller=directory(organisation), organisation=organisation, kind=calls.EntryKind.GROUP, entry=group
    )
    return cast.ask(call, calls.DirectoryEntry)


def let_go(cast: Cast, organisation: str, user: str) -> None:
    call = calls.RemoveDirectoryEntry(
        caller=directory(organisation), organisation=organisation, kind=calls.EntryKind.USER, entry=user
    )
    cast.switchboard.ask(call)


def cleaned(store: Store, group: str, of: str) -> None:
    """Wait until a group is kept without something."""
    eventually(lambda: of not in store.database.directory_entries.find_one({"_id": group})["document"])


def test_who_is_removed_leaves_the_groups_at_the_same_moment(cast: Cast, store: Store) -> None:
    home, away = cast.organisation(), cast.organisation()
    ann, bob = (add_user(cast, home, name, name) for name in ("ann", "bob"))
    group = add(cast, home, a_group(ann.entry, bob.entry))
    others = add(cast, away, a_group(ann.entry))
    let_go(cast, home, ann.entry)
    left = read(cast, home, group.entry)
    assert json.loads(left.document)["members"] == [{"value": bob.entry, "display": f"Name of {bob.entry}"}]
    cleaned(store, group.entry, ann.entry)
    after = read(cast, home, group.entry)
    assert (after.document, after.revision) == (left.document, group.revision + 1)
    assert read(cast, away, others.entry) == others, "another directory learns nothing of it"


def test_who_is_in_many_large_groups_is_out_at_once_and_of_all_of_them_later(
    cast: Cast, store: Store
) -> None:
    home = cast.organisation()
    ann, bob = (add_user(cast, home, name, name) for name in ("ann", "bob"))
    first = add(cast, home, a_group(ann.entry, bob.entry))
    entries = store.database.directory_entries
    row = entries.find_one({"_id": first.entry})
    assert row
    long = json.dumps({**json.loads(row["document"]), "description": "x" * 280_000})
    entries.insert_many([{**row, "_id": new_id(), "document": long} for _ in range(200)])
    call = calls.RemoveDirectoryEntry(
        caller=directory(home), organisation=home, kind=calls.EntryKind.USER, entry=ann.entry
    )
    cast.switchboard.ask(call, 1.5)
    assert ann.member is not None
    assert cast.ask(calls.GetMember(caller=OPERATOR, member=ann.member), calls.Member).active is False
    eventually(lambda: not entries.find_one({"organisation": home, "members": ann.entry}))
    assert ann.entry not in "".join(one["document"] for one in entries.find({"organisation": home}))
    eventually(lambda: entries.find_one({"_id": ann.entry, "leaving_since": None}))


def test_a_group_that_is_written_by_who_saw_them_there_is_cleaned_too(cast: Cast, store: Store) -> None:
    home = cast.organisation()
    ann = add_user(cast, home, "ann", "Ann")
    group = add(cast, home, a_group())
    entries = store.database.directory_entries
    let_go(cast, home, ann.entry)
    late = {"document": a_group(ann.entry).document, "members": [ann.entry]}
    entries.update_one({"_id": group.entry}, {"$set": late, "$inc": {"revision": 1}})
    cleaned(store, group.entry, ann.entry)


def test_groups_from_before_it_was_kept_whom_they_name_are_cleaned_too(cast: Cast, store: Store) -> None:
    home = cast.organisation()
    ann, bob = (add_user(cast, home, name, name) for name in ("ann", "bob"))
    group = add(cast, home, a_group(ann.entry, bob.entry))
    entries = store.database.directory_entries
    entries.update_one({"_id": group.entry}, {"$unset": {"members": ""}})
    eventually(lambda: entries.find_one({"_id": group.entry, "members": bob.entry}))
    assert read(cast, home, group.entry) == group, "for the directory nothing changes"
    entries.update_one({"_id": group.entry}, {"$unset": {"members": ""}})
    let_go(cast, home, ann.entry)
    cleaned(store, group.entry, ann.entry)


def test_groups_from_before_lose_the_names_of_whom_nodes_had_let_go_of_then(cast: Cast, store: Store) -> None:
    home = cast.organisation()
    ann, bob = (add_user(cast, home, name, name) for name in ("ann", "bob"))
    group = add(cast, home, a_group(ann.entry, bob.entry))
    entries = store.database.directory_entries
    entries.update_one({"_id": ann.entry}, {"$set": {"removed_at": now()}})
    entries.update_one({"_id": group.entry}, {"$unset": {"members": ""}})
    cleaned(store, group.entry, f"Name of {ann.entry}")
    assert f"Name of {bob.entry}" in read(cast, home, group.entry).document


def test_groups_from_before_and_who_leaves_are_found_by_an_index(store: Store) -> None:
    entries = store.database.directory_entries
    for which, index in ((UNREAD, "unread"), ({"leaving_since": {"$lte": now()}}, "leaving")):
        plan = json.dumps(entries.find(which).limit(20).explain()["queryPlanner"]["winningPlan"], default=str)
        assert f'"indexName": "{index}"' in plan and "COLLSCAN" not in plan, plan


def test_two_entries_of_one_person_in_one_group_are_erased_and_it_ends(cast: Cast, store: Store) -> None:
    home = cast.organisation()
    before = add_user(cast, home, "oid-zebedee", "Zebedee")
    let_go(cast, home, before.entry)
    again = add_user(cast, home, "oid-zebedee", "Zebedee")
    assert again.member == before.member is not None
    bob = add_user(cast, home, "oid-bob", "Bob")
    group = add(cast, home, a_group(before.entry, again.entry, bob.entry))
    erased = forget(cast, store, again.member)
    assert erased["directory_entries"] == 3, "two users, and one group once"
    named = json.loads(read(cast, home, group.entry).document)["members"]
    assert [one["value"] for one in named] == [bob.entry]
    erasing = store.database.erasing
    assert eventually(lambda: erasing.find_one({"_id": again.member, "begins": {"$exists": False}}))
