"""A community in which a post is reported, decided about and appealed, for the tests of cases."""

from typing import Any

import pytest

from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import (
    AppealCase,
    Case,
    DecideAppeal,
    DecideCase,
    GetCase,
    GetPost,
    ListCases,
    NewAppeal,
    NewCaseDecision,
    NewReport,
    NewRuling,
    Report,
    ReportPost,
    Search,
    WholeCase,
)
from shared.contracts.vocabulary import (
    CaseOutcome,
    ReportReason,
    Role,
    Visibility,
)
from shared.errors import Refusal
from tests.services.discussion_room import Room, room

OPERATOR = Caller(operator=True)
WORDS = "Brontosaurus, ten times the dose."


def ask(room: Room, call: Call) -> Any:
    return getattr(room.service, call.method())(call)


def refused(room: Room, refusal: type[Refusal], code: str, call: Call) -> None:
    with pytest.raises(refusal) as caught:
        ask(room, call)
    assert caught.value.code == code


class Place:
    """A closed community with two facilitators, an author, two readers, and a post."""

    def __init__(self, room: Room, *, opening: bool = False) -> None:
        self.room = room
        self.community = room.community(Visibility.CLOSED)
        self.fay, self.flo = (
            room.newcomer(self.community, Role.FACILITATOR, name) for name in ("Fay", "Flo")
        )
        self.author = room.newcomer(self.community)
        self.rhys, self.rose = (room.newcomer(self.community, name=name) for name in ("Rhys", "Rose"))
        opened = room.open_thread(
            self.author if opening else self.rhys, self.community, WORDS if opening else "How?", "Diplodocus"
        )
        self.thread = opened.thread
        if opening:
            self.post = opened.first_posts[0].post
        else:
            self.post = room.add_post(self.author, self.thread, WORDS).post

    def reported(
        self, by: Caller | None = None, reason: ReportReason = ReportReason.UNSAFE_ADVICE, note: str = "Ten!"
    ) -> Report:
        new = NewReport(reason=reason, note=note)
        report: Report = ask(self.room, ReportPost(caller=by or self.rose, post=self.post, new=new))
        return report

    def waiting(self, by: Caller | None = None) -> list[Case]:
        return list(ask(self.room, ListCases(caller=by or self.fay, community=self.community)).items)

    def case(self, by: Caller | None = None, case: str | None = None) -> WholeCase:
        case = case or self.waiting()[0].case
        whole: WholeCase = ask(self.room, GetCase(caller=by or self.fay, case=case))
        return whole

    def decided(self, outcome: CaseOutcome, by: Caller | None = None, **more: Any) -> Case:
        was = self.waiting(self.fay)[0]
        new = NewCaseDecision(outcome=outcome, reason="It is ten times too much.", **more)
        call = DecideCase(caller=by or self.fay, case=was.case, decision=new, revision=was.revision)
        case: Case = ask(self.room, call)
        return case

    def appealed(self, case: Case) -> Case:
        new = NewAppeal(reason="It is right.")
        appealed: Case = ask(self.room, AppealCase(caller=self.author, case=case.case, new=new))
        return appealed

    def ruled(self, case: Case, outcome: CaseOutcome, by: Caller | None = None) -> Case:
        new = NewRuling(outcome=outcome, reason="On second thoughts.")
        ruling = DecideAppeal(caller=by or self.flo, case=case.case, ruling=new, revision=case.revision)
        ruled: Case = ask(self.room, ruling)
        return ruled

    def text(self, by: Caller | None = None) -> str:
        return str(ask(self.room, GetPost(caller=by or self.rhys, post=self.post)).text)

    def found(self, words: str = "brontosaurus") -> list[str]:
        call = Search(caller=self.rhys, words=words, community=self.community)
        return [hit.post for hit in ask(self.room, call).items]


@pytest.fixture
def place(room: Room) -> Place:
    return Place(room)


__all__ = ["OPERATOR", "WORDS", "Place", "ask", "place", "refused", "room"]
