"""Two cases about one post: it stays out while either holds it, and nobody has a part in both."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.discussion.domain.post import INSTEAD
from services.discussion.repositories.posts import Posts
from services.discussion.repositories.taken_out import TakenOut
from services.discussion.service.case_desk import CaseDesk
from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    AppealReport,
    Case,
    DecideCase,
    GetReport,
    NewAppeal,
    NewCaseDecision,
    WithholdPost,
)
from shared.contracts.discussion import CaseWaits, PostVisibilityChanged
from shared.contracts.vocabulary import CaseOutcome, Role
from shared.errors import NotAllowed
from tests.services.cases_place import WORDS, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


class Held:
    """Two cases about one post: the first was decided to keep it, and appealed, when it was reported again."""

    def __init__(self, room: Room, place: Place) -> None:
        self.room, self.place = room, place
        self.faith, self.fred = (room.newcomer(place.community, Role.FACILITATOR) for _ in range(2))
        report = place.reported()
        self.first = place.decided(CaseOutcome.KEEP).case
        ask(room, AppealReport(caller=place.rose, report=report.report, new=NewAppeal(reason="No.")))
        again = place.reported(place.rhys)
        (self.second,) = {each.case for each in place.waiting()} - {self.first}
        assert ask(room, GetReport(caller=place.rhys, report=again.report)).state == "open"

    def decided(self, outcome: CaseOutcome) -> Case:
        """The second case, decided by Flo."""
        new = NewCaseDecision(outcome=outcome, reason="So.")
        revision = self.place.case(self.place.flo, self.second).revision
        call = DecideCase(caller=self.place.flo, case=self.second, decision=new, revision=revision)
        case: Case = ask(self.room, call)
        return case

    def ruled(self, case: str, outcome: CaseOutcome, by: Caller) -> None:
        """A ruling on the appeal of either."""
        self.place.ruled(self.place.case(by, case), outcome, by)

    def holder(self) -> str | None:
        """The case that what the post said lies with."""
        row = self.room.store.database["taken_out"].find_one({"_id": self.place.post})
        return row["case"] if row else None


def test_a_post_stays_out_while_any_case_holds_it(room: Room, place: Place) -> None:
    held = Held(room, place)
    withdrawn = held.decided(CaseOutcome.WITHDRAW)
    assert held.holder() == held.second
    held.ruled(held.first, CaseOutcome.WITHDRAW, held.faith)
    place.appealed(withdrawn)
    held.ruled(held.second, CaseOutcome.KEEP, held.fred)
    assert place.text() == INSTEAD["withdrawn"]
    assert held.holder() == held.first
    assert [each.visible for each in room.told(PostVisibilityChanged, place.post)] == [False]


def test_a_post_that_one_case_has_put_back_is_taken_out_by_the_other_and_comes_back_whole(
    room: Room, place: Place
) -> None:
    held = Held(room, place)
    ask(room, WithholdPost(caller=place.flo, case=held.second, revision=1))
    held.ruled(held.first, CaseOutcome.WITHDRAW, held.faith)
    assert place.text() == INSTEAD["withdrawn"], "the stronger of two"
    held.decided(CaseOutcome.KEEP)
    assert place.text() == INSTEAD["withdrawn"]
    row = room.store.database["taken_out"].find_one({"_id": place.post})
    assert row
    assert (row["case"], row["text"]) == (held.first, WORDS)


def test_one_case_that_takes_it_out_while_the_other_puts_it_back_wins(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    held = Held(room, place)
    second = place.appealed(held.decided(CaseOutcome.WITHDRAW))
    first = place.case(held.faith, held.first)
    both_have_read, mine = threading.Barrier(2), threading.local()
    others = CaseDesk.others

    def together(desk: CaseDesk, case: Any) -> Any:
        found = others(desk, case)
        if not hasattr(mine, "has_read"):
            mine.has_read = True
            both_have_read.wait(5)
        return found

    monkeypatch.setattr(CaseDesk, "others", together)
    with ThreadPoolExecutor(2) as hands:
        ruling = [
            hands.submit(place.ruled, first, CaseOutcome.WITHDRAW, held.faith),
            hands.submit(place.ruled, second, CaseOutcome.KEEP, held.fred),
        ]
        assert {each.result().state for each in ruling} == {"settled"}
    assert place.text() == INSTEAD["withdrawn"]
    assert held.holder() == held.first


def test_whoever_decided_or_reported_one_case_does_not_decide_the_other(room: Room, place: Place) -> None:
    held = Held(room, place)
    new = NewCaseDecision(outcome=CaseOutcome.KEEP, reason="So.")
    deciding = DecideCase(caller=place.fay, case=held.second, decision=new, revision=1)
    refused(room, NotAllowed, "party-to-case", deciding)
    assert place.case(place.fay, held.second).reports is None
    told = room.told(CaseWaits, held.second)
    assert [place.fay.member in each.parties for each in told] == [True]
    assert place.case(place.flo, held.second).reports


@pytest.mark.parametrize("read", [(CaseDesk, "others"), (TakenOut, "find"), (Posts, "find")])
def test_one_case_that_takes_it_out_after_the_other_has_read_what_to_put_back_wins(
    room: Room, place: Place, monkeypatch: pytest.MonkeyPatch, read: tuple[type, str]
) -> None:
    monkeypatch.setattr(Turns, "run", lambda _, _thing, decide: decide())
    held = Held(room, place)
    second = place.appealed(held.decided(CaseOutcome.WITHDRAW))
    first = place.case(held.faith, held.first)
    whose, name = read
    reads, ruled = getattr(whose, name), []

    def before_it_is_ruled(*asked: Any) -> Any:
        found = reads(*asked)
        if not ruled:
            ruled.append(held.first)
            place.ruled(first, CaseOutcome.WITHDRAW, held.faith)
        return found

    monkeypatch.setattr(whose, name, before_it_is_ruled)
    assert place.ruled(second, CaseOutcome.KEEP, held.fred).state == "settled"
    assert place.text() == INSTEAD["withdrawn"]
    assert held.holder() == held.first
