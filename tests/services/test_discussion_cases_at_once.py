"""Cases that several people, or a clock, touch at the same moment."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.discussion.domain import case as rules
from services.discussion.domain import withheld
from services.discussion.domain.case import LONG
from services.discussion.domain.post import INSTEAD
from services.discussion.repositories.cases import Cases
from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    Case,
    DecideCase,
    EditPost,
    GetReport,
    ListModerationLog,
    NewCaseDecision,
    NewPost,
    NewReport,
    Report,
    ReportPost,
)
from shared.contracts.discussion import (
    CaseDecided,
    CaseWaits,
)
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import (
    CaseOutcome,
    ReportReason,
)
from shared.errors import Conflict, Refusal, Unavailable
from shared.wiring.store import Stale, Work, new_id
from tests.services.cases_place import WORDS, Place, ask, place
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What came of these, begun together: answers and refusals."""
    begin = threading.Barrier(len(acts))

    def act(what: Callable[[], Any]) -> Any:
        begin.wait()
        try:
            return what()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as hands:
        return list(hands.map(act, acts))


def test_reports_at_the_same_moment_make_one_case(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    new = NewReport(reason=ReportReason.UNKIND)
    readers = [room.newcomer(place.community) for _ in range(4)]

    def reporting(by: Caller) -> Callable[[], Any]:
        return lambda: ask(room, ReportPost(caller=by, post=place.post, new=new))

    made = at_once(*(reporting(by) for by in readers for _ in range(2)))
    reports = {each.report for each in made if isinstance(each, Report)}
    busy = [each for each in made if isinstance(each, Refusal)]
    assert all(isinstance(each, Unavailable) for each in busy)
    for by in readers:
        reports.add(reporting(by)().report)
    assert len(reports) == len(readers)
    assert len(place.waiting()) == 1
    whole = place.case()
    assert whole.reports
    assert {each.reporter.member for each in whole.reports} == {by.member for by in readers}
    assert len(whole.reports) == len(readers)
    assert len(room.told(CaseWaits, whole.case)) == 1


def test_two_deciders_at_the_same_moment_decide_once(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    place.reported()
    (case,) = place.waiting()

    def deciding(by: Caller, outcome: CaseOutcome) -> Callable[[], Any]:
        new = NewCaseDecision(outcome=outcome, reason="So.")
        call = DecideCase(caller=by, case=case.case, decision=new, revision=case.revision)
        return lambda: ask(room, call)

    came = at_once(deciding(place.fay, CaseOutcome.WITHDRAW), deciding(place.flo, CaseOutcome.LOCK))
    (decided,) = [each for each in came if isinstance(each, Case)]
    (late,) = [each for each in came if isinstance(each, Conflict)]
    assert late.code in ("case-decided", "stale-revision")
    is_withdrawn = decided.outcome is CaseOutcome.WITHDRAW
    assert (place.text() == INSTEAD["withdrawn"]) is is_withdrawn
    assert room.thread(place.rhys, place.thread).locked is not is_withdrawn
    assert len(room.told(CaseDecided, case.case)) == 1
    log = ask(room, ListModerationLog(caller=place.rhys, community=place.community))
    assert [each.outcome for each in log.items] == [decided.outcome]


def test_an_edit_at_the_same_moment_is_not_lost(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    place.reported()
    edit = EditPost(caller=place.author, post=place.post, new=NewPost(text="Edited."), revision=1)
    edited, decided = at_once(lambda: ask(room, edit), lambda: place.decided(CaseOutcome.WITHDRAW))
    if isinstance(decided, Conflict):
        assert decided.code == "stale-revision", "nobody decides about what they have not read"
        decided = place.decided(CaseOutcome.WITHDRAW)
    assert place.text() == INSTEAD["withdrawn"]
    place.ruled(place.appealed(decided), CaseOutcome.KEEP)
    assert place.text() == (WORDS if isinstance(edited, Refusal) else "Edited.")


def test_what_is_reported_as_confidential_while_an_earlier_case_about_it_is_decided_is_withheld(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    place = Place(room, opening=True)
    partner = room.newcomer(place.community)
    room.agree(place.author.organisation, partner.organisation, place.community)
    system = partner.model_copy(update={"client": new_id()})
    place.reported(reason=ReportReason.CONFIDENTIAL)
    first, about, decided = place.case(), Cases.about, []

    def once_it_is_decided(cases: Cases, posts: Iterable[str]) -> list[Any]:
        if not decided:
            decided.append(first.case)
            place.decided(CaseOutcome.KEEP)
        return about(cases, posts)

    monkeypatch.setattr(Cases, "about", once_it_is_decided)
    again = place.reported(place.rhys, ReportReason.CONFIDENTIAL)
    assert ask(room, GetReport(caller=place.rhys, report=again.report)).state == "open"
    thread = room.thread(system, place.thread)
    assert (thread.title, thread.first_posts[0].text) == (WITHHELD_TITLE, withheld.TEXT)
    place.decided(CaseOutcome.KEEP, place.flo)
    assert room.thread(system, place.thread).first_posts[0].text == WORDS


def test_a_case_that_waits_for_long_is_brought_to_mind_once(room: Room, place: Place) -> None:
    place.reported()
    case = place.waiting()[0].case

    def told() -> list[str]:
        room.service.remind_of_cases()
        return [each.why for each in room.told(CaseWaits, case)]

    def since(ago: timedelta) -> None:
        row = room.store.database["cases"].find_one({"_id": case})
        assert row
        when = {"waits_since": row["waits_since"] - ago}
        room.store.database["cases"].update_one({"_id": case}, {"$set": when})

    since(LONG - timedelta(minutes=1))
    assert told() == ["reported"]
    since(timedelta(minutes=2))
    assert told() == told() == ["reported", "long"]
    decided = place.decided(CaseOutcome.MEND)
    assert decided.revision == 2, "being reminded is no change that a decision has to know of"
    place.appealed(decided)
    since(LONG)
    assert told() == told() == ["reported", "long", "appealed", "long"]


def test_who_was_reminded_is_not_reminded_again_because_of_a_report_at_the_same_moment(
    room: Room, place: Place
) -> None:
    place.reported()
    before = room.service.cases.find(place.waiting()[0].case)
    late = {"$set": {"waits_since": before.waits_since - LONG}}
    room.store.database["cases"].update_one({"_id": before.id}, late)
    room.service.remind_of_cases()
    work = Work()
    room.service.cases.put(work, before, rules.joined(before, str(place.rhys.member), ReportReason.OTHER))
    room.store.commit(work)
    room.service.remind_of_cases()
    assert [each.why for each in room.told(CaseWaits, before.id)] == ["reported", "long"]
    reminding = Work()
    room.service.cases.remind(reminding, before)
    with pytest.raises(Stale):
        room.store.commit(reminding)
