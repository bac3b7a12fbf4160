"""What an author, and nobody before them, learns of a case: by reading, in a copy of what is theirs, and after they are erased."""

import json
from datetime import timedelta
from typing import Any

from services.discussion.domain.post import INSTEAD
from shared.contracts import former
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    DecideForMember,
    EditPost,
    GetCase,
    GetWordsPart,
    NewMemberDecision,
    NewPost,
)
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.membership import ExportAsked, MemberErased
from shared.contracts.vocabulary import CaseOutcome, MemberOutcome
from shared.errors import NotFound
from shared.wiring import erasing
from shared.wiring.store import new_id, now
from tests.services.cases_place import WORDS, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


def told(fact: Contract) -> Envelope[Any]:
    return Envelope.wrap(fact, id=new_id(), source="membership", time=now())


def copy_of(room: Room, member: Caller) -> dict[str, list[dict[str, Any]]]:
    """What the service gathers of a member who asks for a copy, by file."""
    assert member.member
    export = new_id()
    asked = ExportAsked(export=export, member=member.member, until=now() + timedelta(days=1))
    room.service.hear_export_asked([told(asked)])
    room.service.gather_words()
    found: dict[str, list[dict[str, Any]]] = {}
    for number in range(
        room.store.database["export_parts"].count_documents({"_id": {"$regex": f"^{export}:"}})
    ):
        part = ask(room, GetWordsPart(caller=member, export=export, number=number))
        found.setdefault(part.file, []).extend(json.loads(f"[{part.items}]"))
    return found


def ruled_by_organisation(room: Room, place: Place, case: str) -> None:
    organisation = str(place.author.organisation)
    new = NewMemberDecision(outcome=MemberOutcome.WORD, reason="Come and see me.")
    ours = Caller(client=new_id(), organisation=organisation)
    call = DecideForMember(caller=ours, organisation=organisation, case=case, decision=new, revision=1)
    ask(room, call)


def test_an_open_case_is_in_no_copy_and_a_decided_one_is(room: Room, place: Place) -> None:
    place.reported()
    files = copy_of(room, place.author)
    assert files["posts"]
    assert files.get("cases", []) == []
    assert "Ten!" not in str(files)
    case = place.decided(CaseOutcome.MEND)
    (shown,) = copy_of(room, place.author)["cases"]
    assert (shown["id"], shown["state"]) == (case.case, "decided")


def test_the_author_sees_a_case_once_their_organisation_has_ruled(room: Room, place: Place) -> None:
    place.reported()
    case = place.waiting()[0].case
    with_it = {"caller": place.author, "case": case}
    refused(room, NotFound, "not-found", GetCase(**with_it))
    ruled_by_organisation(room, place, case)
    seen = place.case(place.author, case)
    assert (seen.state, seen.decision, seen.reports) == ("open", None, None)
    assert seen.member_decision
    assert seen.member_decision.reason == "Come and see me."
    assert place.case(place.fay, case).member_decision is None
    assert [each["id"] for each in copy_of(room, place.author)["cases"]] == [case]


def test_the_versions_of_a_post_that_was_taken_out_are_erased_with_its_author(
    room: Room, place: Place
) -> None:
    edit = EditPost(caller=place.author, post=place.post, new=NewPost(text=f"{WORDS} Twice."), revision=1)
    ask(room, edit)
    place.reported()
    case = place.decided(CaseOutcome.WITHDRAW)
    assert place.text() == INSTEAD["withdrawn"]
    versions = room.store.database["post_versions"]
    assert versions.count_documents({"text": WORDS, "_id": f"{place.post}:1"}) == 1
    assert place.author.member
    gone = MemberErased(
        member=place.author.member, erasure=new_id(), remove_texts=True, at=now(), revision=10**6
    )
    room.service.hear_member_erased([told(gone)])
    begins = {"$set": {"begins": now()}}
    room.store.database[erasing.ERASING].update_one({"_id": place.author.member}, begins)
    before = place.case(case=case.case).revision
    room.service.erase_members()
    assert versions.count_documents({"_id": {"$regex": f"^{place.post}:"}}) == 0
    assert room.store.database["taken_out"].find_one({"_id": place.post}) is None
    assert place.text() == former.TEXT
    after = place.case(case=case.case)
    assert (after.text, after.revision) == (former.TEXT, before + 1)
