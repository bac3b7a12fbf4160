"""What becomes of a member by what their organisation's directory says."""

from datetime import timedelta
from typing import Any

import pytest

from services.membership.domain import directory as directories
from services.membership.domain import directory_token as directory_tokens
from services.membership.domain.directory_token import DirectoryToken
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import (
    DirectoryPerson,
    EntryContent,
    EntryKind,
    IssueDirectoryToken,
    NewMember,
)
from shared.errors import Conflict, NotAllowed, NotFound
from tests.unit.membership.things import ANN, BOB, COUNCIL, NOON, THING, TRUST, a_member

DIRECTORY = Caller(organisation=TRUST, scopes=frozenset({"directory:write"}))


def a_person(**fields: Any) -> DirectoryPerson:
    return DirectoryPerson(**{"name": "Ann", "profession": "Nurse", **fields})


def an_entry(**fields: Any) -> directories.Entry:
    content = EntryContent(
        kind=EntryKind.USER, document="{}", user_name="Ann@Trust", external_id="7", person=a_person()
    )
    return directories.add(THING, TRUST, content, ANN, NOON).model_copy(update=fields)


def test_a_directory_speaks_for_its_own_organisation_only() -> None:
    directories.check_directory(DIRECTORY, TRUST)
    directories.check_directory(Caller(operator=True), TRUST)
    with pytest.raises(NotFound):
        directories.check_directory(DIRECTORY, COUNCIL)
    for caller in (
        Caller(organisation=TRUST),
        Caller(organisation=TRUST, member=ANN, scopes=DIRECTORY.scopes),
    ):
        with pytest.raises(NotAllowed):
            directories.check_directory(caller, TRUST)


def test_an_entry_is_there_for_its_own_directory_and_kind_until_it_is_removed() -> None:
    entry = an_entry()
    assert directories.check_entry(entry, TRUST, EntryKind.USER) is entry
    for there, organisation, kind in (
        (None, TRUST, EntryKind.USER),
        (entry, COUNCIL, EntryKind.USER),
        (entry, TRUST, EntryKind.GROUP),
        (directories.remove(entry, NOON), TRUST, EntryKind.USER),
    ):
        with pytest.raises(NotFound):
            directories.check_entry(there, organisation, kind)


def test_what_is_kept_of_a_removed_user_is_who_it_was_and_until_when() -> None:
    removed = directories.remove(an_entry(), NOON)
    assert (removed.document, removed.person, removed.user_key) == ("", None, None)
    assert (removed.member, removed.external_id) == (ANN, "7")
    assert removed.forgotten_at == NOON + timedelta(days=180)


def test_who_is_not_active_any_more_is_barred_and_stays_the_organisations() -> None:
    barred, facts = directories.follow(a_member(communities=3), a_person(), a_person(active=False), NOON)
    assert (barred.active, barred.organisation, barred.communities, barred.revision) == (False, TRUST, 0, 2)
    assert [(fact.active, fact.organisation, fact.revision) for fact in facts] == [(False, TRUST, 2)]
    back, facts = directories.follow(barred, a_person(active=False), a_person(), NOON)
    assert (back.active, back.communities, [fact.active for fact in facts]) == (True, 0, [True])
    assert directories.suspend(barred) == (barred, [])


def test_what_the_directory_does_not_change_stays_as_the_member_made_it() -> None:
    own = a_member(name="Annie", profession="Ward nurse")
    assert directories.follow(own, a_person(), a_person(), NOON) == (own, [])
    changed, facts = directories.follow(own, a_person(), a_person(profession="Matron"), NOON)
    assert (changed.name, changed.profession, len(facts)) == ("Annie", "Matron", 1)
    without, _ = directories.follow(own, a_person(), a_person(profession=None), NOON)
    assert without.profession == "not stated"


def test_nothing_is_told_of_an_address_but_it_is_kept() -> None:
    changed, _ = directories.follow(a_member(), a_person(), a_person(email="ann@trust.example"), NOON)
    assert changed.email == "ann@trust.example"


def test_an_address_that_is_theirs_no_longer_is_remembered_with_its_end() -> None:
    first, second = a_person(email="ann@trust.example"), a_person(email="ann.jones@trust.example")
    member = a_member(email="ann@trust.example")
    changed, _ = directories.follow(member, first, second, NOON)
    without, _ = directories.follow(changed, second, a_person(), NOON + timedelta(days=1))
    assert [(one.email, one.until) for one in without.former_addresses] == [
        ("ann@trust.example", NOON),
        ("ann.jones@trust.example", NOON + timedelta(days=1)),
    ]
    assert directories.follow(changed, second, second, NOON) == (changed, [])


@pytest.mark.parametrize(
    "user_name", ["ann@trust.example", "Ärzte@x", "@", "\u202e", "x" * 200, "_.-", "a b c"]
)
def test_every_user_name_gives_handles_that_are_handles(user_name: str) -> None:
    handles = directories.handles_for(user_name, BOB)
    assert len(set(handles)) == len(handles) > 2
    for handle in handles:
        assert NewMember(name="Ann", handle=handle, profession="Nurse").handle == handle


def test_an_organisation_has_two_tokens_and_a_place_is_free_again_when_one_ends() -> None:
    call = IssueDirectoryToken(caller=Caller(operator=True), organisation=TRUST, name="Entra")
    tokens: list[DirectoryToken] = []
    for id in (ANN, BOB):
        tokens.append(directory_tokens.issue(id, "0" * 64, call, tokens, NOON))
    assert [token.slot for token in tokens] == [0, 1]
    with pytest.raises(Conflict) as refusal:
        directory_tokens.issue(THING, "0" * 64, call, tokens, NOON)
    assert refusal.value.code == "two-tokens-already"
    assert directory_tokens.issue(THING, "0" * 64, call, tokens[1:], NOON).slot == 0


def test_a_token_is_its_directorys_until_it_expires() -> None:
    call = IssueDirectoryToken(caller=Caller(operator=True), organisation=TRUST, name="Entra")
    token = directory_tokens.issue(ANN, "0" * 64, call, [], NOON)
    last = token.expires_at - timedelta(milliseconds=1)
    assert directory_tokens.identify(token, last).organisation == TRUST
    for there, at in ((token, token.expires_at), (None, NOON)):
        with pytest.raises(NotFound):
            directory_tokens.identify(there, at)
