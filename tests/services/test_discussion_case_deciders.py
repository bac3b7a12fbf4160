"""Who decides, who appeals, and who is told what of a case."""

from datetime import timedelta

from services.discussion.domain.post import INSTEAD
from shared.contracts.calls.discussion import (
    AppealCase,
    AppealReport,
    DecideAppeal,
    DecideCase,
    GetReport,
    NewAppeal,
    NewCaseDecision,
    NewRuling,
)
from shared.contracts.discussion import (
    CaseDecided,
    CaseWaits,
    ReportDecided,
)
from shared.contracts.vocabulary import (
    CaseOutcome,
    Role,
)
from shared.errors import Conflict, NotAllowed, NotFound
from tests.services.cases_place import OPERATOR, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


def test_nobody_decides_their_own(room: Room, place: Place) -> None:
    place.reported(place.flo)
    case = place.case()
    party = place.case(place.flo, case.case)
    assert party.reports is None
    new = NewCaseDecision(outcome=CaseOutcome.KEEP, reason="So.")
    deciding = DecideCase(caller=place.flo, case=case.case, decision=new, revision=1)
    refused(room, NotAllowed, "party-to-case", deciding)
    for hidden in (place.author, place.rhys, room.member()):
        refused(room, NotFound, "not-found", deciding.model_copy(update={"caller": hidden}))
    refused(room, NotAllowed, "facilitators-decide", deciding.model_copy(update={"caller": OPERATOR}))
    decided = place.decided(CaseOutcome.MEND)
    own = deciding.model_copy(update={"caller": place.author})
    refused(room, NotAllowed, "party-to-case", own)
    appealed = place.appealed(decided)
    ruling = DecideAppeal(
        caller=place.fay,
        case=case.case,
        ruling=NewRuling(outcome=CaseOutcome.MEND, reason="So."),
        revision=appealed.revision,
    )
    for party_to_it in (place.fay, place.flo):
        refused(room, NotAllowed, "party-to-case", ruling.model_copy(update={"caller": party_to_it}))
    assert ask(room, ruling.model_copy(update={"caller": OPERATOR})).appeal.ruling.decided_as == "operator"


def test_a_facilitator_who_wrote_it_does_not_even_know_of_it(room: Room) -> None:
    place = Place(room)
    room.joins(place.author, place.community, Role.FACILITATOR)
    place.reported()
    assert place.waiting(place.author) == []
    assert len(place.waiting(place.flo)) == 1


def test_the_author_and_each_reporter_are_told_once(room: Room, place: Place) -> None:
    mine, theirs = place.reported(), place.reported(place.rhys)
    case = place.decided(CaseOutcome.WITHDRAW)
    (told,) = room.told(CaseDecided, case.case)
    assert (told.author, told.step) == (place.author.member, "decision")
    for report, by in ((mine, place.rose), (theirs, place.rhys)):
        (of,) = room.told(ReportDecided, report.report)
        assert (of.reporter, of.step) == (by.member, "decision")
        shown = ask(room, GetReport(caller=by, report=report.report))
        assert (shown.state, shown.outcome, shown.appeal_until) == ("decided", CaseOutcome.WITHDRAW, None)
    place.ruled(place.appealed(case), CaseOutcome.WITHDRAW)
    assert [each.step for each in room.told(CaseDecided, case.case)] == ["decision", "appeal"]
    assert [each.step for each in room.told(ReportDecided, mine.report)] == ["decision", "appeal"]
    assert [each.why for each in room.told(CaseWaits, case.case)] == ["reported", "appealed"]


def test_a_reporter_appeals_against_keeping_it(room: Room, place: Place) -> None:
    made = place.reported()
    appeal = AppealReport(caller=place.rose, report=made.report, new=NewAppeal(reason="Zoboomafoo!"))
    refused(room, Conflict, "nothing-to-appeal", appeal)
    case = place.decided(CaseOutcome.KEEP)
    refused(
        room,
        Conflict,
        "nothing-to-appeal",
        AppealCase(caller=place.author, case=case.case, new=NewAppeal(reason="x")),
    )
    refused(room, NotFound, "not-found", appeal.model_copy(update={"caller": place.rhys}))
    assert ask(room, GetReport(caller=place.rose, report=made.report)).appeal_until
    assert ask(room, appeal).state == "appealed"
    refused(room, Conflict, "appealed-before", appeal)
    author_sees = place.case(place.author, case.case)
    assert author_sees.appeal
    assert (author_sees.appeal.appealed_by, author_sees.appeal.reason) == ("reporter", None)
    whole = place.case(place.flo)
    assert whole.appeal
    assert whole.appeal.reason == "Zoboomafoo!"
    place.ruled(whole, CaseOutcome.WITHDRAW)
    assert place.text() == INSTEAD["withdrawn"]


def test_the_author_appeals_once_and_in_time(room: Room, place: Place) -> None:
    place.reported()
    case = place.decided(CaseOutcome.MEND)
    appeal = AppealCase(caller=place.author, case=case.case, new=NewAppeal(reason="x"))
    refused(room, NotAllowed, "not-yours", appeal.model_copy(update={"caller": place.fay}))
    refused(room, NotFound, "not-found", appeal.model_copy(update={"caller": place.rose}))
    row = room.store.database["cases"].find_one({"_id": case.case})
    assert row
    past = row["decision"]["at"] - timedelta(days=31)
    room.store.database["cases"].update_one({"_id": case.case}, {"$set": {"decision.at": past}})
    refused(room, Conflict, "appeal-too-late", appeal)
    recent = row["decision"]["at"] - timedelta(days=29)
    room.store.database["cases"].update_one({"_id": case.case}, {"$set": {"decision.at": recent}})
    assert ask(room, appeal).state == "appealed"
    refused(room, Conflict, "appealed-before", appeal)


def test_after_a_week_the_operator_may(room: Room, place: Place) -> None:
    place.reported()
    (case,) = place.waiting(OPERATOR)
    new = NewCaseDecision(outcome=CaseOutcome.KEEP, reason="So.")
    call = DecideCase(caller=OPERATOR, case=case.case, decision=new, revision=1)
    refused(room, NotAllowed, "facilitators-decide", call)
    week_ago = case.opened_at - timedelta(days=7)
    room.store.database["cases"].update_one({"_id": case.case}, {"$set": {"waits_since": week_ago}})
    assert ask(room, call).decision.decided_as == "operator"
