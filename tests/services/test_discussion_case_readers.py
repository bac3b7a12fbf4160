"""What is read of cases: the log, what the organisation sees, pages."""

from collections.abc import Callable

import pytest

from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import (
    DecideForMember,
    ListCases,
    ListModerationLog,
    ListOrganisationCases,
    ListReports,
    NewMemberDecision,
)
from shared.contracts.discussion import (
    CaseDecided,
)
from shared.contracts.vocabulary import (
    CaseOutcome,
    MemberOutcome,
    Role,
    Visibility,
)
from shared.errors import Conflict, NotAllowed, NotFound, Refusal
from shared.wiring.store import new_id
from tests.services.cases_place import WORDS, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


def test_the_log_is_for_members(room: Room, place: Place) -> None:
    place.reported()
    case = place.decided(CaseOutcome.WITHDRAW)
    place.ruled(place.appealed(case), CaseOutcome.KEEP)
    first = ListModerationLog(caller=place.rhys, community=place.community, limit=1)
    page = ask(room, first)
    rest = ask(room, first.model_copy(update={"after": page.next}))
    assert [(each.step, each.outcome) for each in (*page.items, *rest.items)] == [
        ("appeal", CaseOutcome.KEEP),
        ("decision", CaseOutcome.WITHDRAW),
    ]
    assert rest.next is None
    guest = room.newcomer(place.community, Role.GUEST)
    refused(room, NotAllowed, "guest", first.model_copy(update={"caller": guest}))
    refused(room, NotFound, "not-found", first.model_copy(update={"caller": room.member()}))
    room.community(Visibility.OPEN, id=place.community)
    refused(room, NotAllowed, "not-a-member", first.model_copy(update={"caller": room.member()}))


def test_the_organisation_decides_for_its_member_and_for_nobody_else(room: Room, place: Place) -> None:
    place.reported()
    case = place.decided(CaseOutcome.MEND, ask_organisation=True)
    organisation = place.author.organisation
    assert organisation
    ours = Caller(client=new_id(), organisation=organisation)
    listing = ListOrganisationCases(caller=ours, organisation=organisation)
    (listed,) = ask(room, listing).items
    assert (listed.case, listed.asks_organisation, listed.member_decided) == (case.case, True, False)
    new = NewMemberDecision(outcome=MemberOutcome.WORD, reason="Come and see me.")
    call = DecideForMember(
        caller=ours, organisation=organisation, case=case.case, decision=new, revision=listed.revision
    )
    theirs = Caller(client=new_id(), organisation=place.rose.organisation)
    refused(room, NotFound, "not-found", call.model_copy(update={"caller": theirs}))
    assert place.rose.organisation
    foreign = {"caller": theirs, "organisation": place.rose.organisation}
    refused(room, NotFound, "not-found", call.model_copy(update=foreign))
    refused(room, NotAllowed, "client-only", call.model_copy(update={"caller": place.author}))
    assert ask(room, listing.model_copy(update=foreign)).items == ()
    assert ask(room, call).member_decision.outcome is MemberOutcome.WORD
    again = call.model_copy(update={"revision": listed.revision + 1})
    refused(room, Conflict, "case-decided", again)
    assert place.text() == WORDS, "what becomes of the post is the community's"
    told = place.case(place.author, case.case)
    assert told.member_decision
    assert told.member_decision.reason == "Come and see me."
    facilitators = place.case(case=case.case)
    assert (facilitators.member_decided, facilitators.member_decision) == (True, None)
    assert [each.step for each in room.told(CaseDecided, case.case)] == ["decision", "organisation"]


CURSORS: list[Callable[[Place], Call]] = [
    lambda place: ListCases(caller=place.fay, community=place.community, after="e30"),
    lambda place: ListReports(caller=place.rose, community=place.community, after="e30"),
    lambda place: ListModerationLog(caller=place.rose, community=place.community, after="e30"),
]


@pytest.mark.parametrize("call", CURSORS)
def test_a_damaged_cursor_is_refused(room: Room, place: Place, call: Callable[[Place], Call]) -> None:
    with pytest.raises(Refusal) as caught:
        ask(room, call(place))
    assert caught.value.code == "cursor-invalid"


def test_cases_come_in_pages_longest_wait_first(room: Room, place: Place) -> None:
    cases = []
    for _ in range(3):
        place.post = room.add_post(place.author, place.thread).post
        place.reported()
    call = ListCases(caller=place.fay, community=place.community, limit=2)
    page = ask(room, call)
    cases = [*page.items, *ask(room, call.model_copy(update={"after": page.next})).items]
    assert len({each.case for each in cases}) == 3
    assert [each.opened_at for each in cases] == sorted(each.opened_at for each in cases)
    organisation = str(place.author.organisation)
    system = Caller(client=new_id(), organisation=organisation)
    own = ListOrganisationCases(caller=system, organisation=organisation, limit=2)
    page = ask(room, own)
    newest = [*page.items, *ask(room, own.model_copy(update={"after": page.next})).items]
    assert [each.case for each in newest] == [each.case for each in reversed(cases)]
