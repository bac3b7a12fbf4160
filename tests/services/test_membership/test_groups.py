"""A directory's groups name nobody whom the directory has let go of, nor whom an erasure has made nobody."""

import json
import secrets

from shared.contracts.calls import membership as calls
from shared.wiring.store import Store
from tests.services.test_membership.cast import Cast
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


def test_who_is_removed_leaves_the_groups_at_the_same_moment(cast: Cast) -> None:
    home, away = cast.organisation(), cast.organisation()
    ann, bob = (add_user(cast, home, name, name) for name in ("ann", "bob"))
    group = add(cast, home, a_group(ann.entry, bob.entry))
    others = add(cast, away, a_group(ann.entry))
    let_go(cast, home, ann.entry)
    left = read(cast, home, group.entry)
    assert json.loads(left.document)["members"] == [{"value": bob.entry, "display": f"Name of {bob.entry}"}]
    assert left.revision == group.revision + 1
    assert read(cast, away, others.entry) == others, "another directory learns nothing of it"


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
