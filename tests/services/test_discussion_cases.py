"""Reports, cases, decisions and appeals over a real database: what they do, and who is told."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.discussion.domain import withheld as withheld_rules
from services.discussion.domain.case import LONG, MOST_REPORTS
from services.discussion.domain.post import INSTEAD
from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Call, Caller
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    AcceptedAnswer,
    AppealCase,
    AppealReport,
    Case,
    DecideAppeal,
    DecideCase,
    DecideForMember,
    EditPost,
    GetCase,
    GetOrganisationCase,
    GetPost,
    GetReport,
    ListCases,
    ListModerationLog,
    ListOrganisationCases,
    ListPostVersions,
    ListReports,
    NewAppeal,
    NewCaseDecision,
    NewMemberDecision,
    NewPost,
    NewReport,
    NewRuling,
    React,
    ReopenThread,
    Report,
    ReportPost,
    Search,
    WholeCase,
    WithholdPost,
)
from shared.contracts.discussion import (
    CaseDecided,
    CaseWaits,
    PostVisibilityChanged,
    ReportDecided,
    ThreadTitleChanged,
)
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import (
    CaseOutcome,
    MemberOutcome,
    Reaction,
    ReportReason,
    Role,
    Visibility,
)
from shared.errors import Conflict, NotAllowed, NotFound, Refusal, Unavailable
from shared.wiring.store import new_id
from tests.services.discussion_room import Room, room

__all__ = ["room"]

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


# Reporting


def test_reports_join_one_case_and_twice_is_once(room: Room, place: Place) -> None:
    first = place.reported()
    assert place.reported(reason=ReportReason.OTHER).report == first.report
    place.reported(place.rhys, ReportReason.UNKIND)
    (case,) = place.waiting()
    assert case.reasons == (ReportReason.UNSAFE_ADVICE, ReportReason.UNKIND)
    reports = place.case().reports
    assert reports
    assert [(each.reporter.name, each.note) for each in reports] == [("Rose", "Ten!"), ("Rhys", "Ten!")]
    assert len(room.told(CaseWaits, case.case)) == 1
    (told,) = room.told(CaseWaits, case.case)
    assert told.parties == tuple(sorted(str(one.member) for one in (place.author, place.rose)))


def test_who_reported_is_known_to_those_who_decide_only(room: Room, place: Place) -> None:
    place.reported(note="Zoboomafoo")
    case = place.decided(CaseOutcome.MEND)
    secrets = (str(place.rose.member), "Rose", "Zoboomafoo")
    seen_by_author = ask(room, GetCase(caller=place.author, case=case.case)).model_dump_json()
    system = Caller(client=new_id(), organisation=place.author.organisation)
    assert place.author.organisation
    seen_by_organisation = ask(
        room, GetOrganisationCase(caller=system, organisation=place.author.organisation, case=case.case)
    ).model_dump_json()
    log = ask(room, ListModerationLog(caller=place.rhys, community=place.community)).model_dump_json()
    for seen in (seen_by_author, seen_by_organisation, log):
        assert not any(secret in seen for secret in secrets)
        assert "Fay" not in seen
        assert str(place.fay.member) not in seen
    assert WORDS in seen_by_author
    assert WORDS in seen_by_organisation
    assert all(secret in place.case(case=case.case).model_dump_json() for secret in (*secrets, "Fay"))
    assert WORDS not in log


def test_a_reader_who_is_no_member_reports_what_they_read(room: Room) -> None:
    community = room.community(Visibility.OPEN)
    author, reader = room.newcomer(community), room.member()
    post = room.open_thread(author, community).first_posts[0].post
    new = NewReport(reason=ReportReason.ADVERTISING)
    made = ask(room, ReportPost(caller=reader, post=post, new=new))
    assert ask(room, GetReport(caller=reader, report=made.report)).state == "open"


def test_who_may_not_report(room: Room, place: Place) -> None:
    new = NewReport(reason=ReportReason.OTHER)
    own = ReportPost(caller=place.author, post=place.post, new=new)
    refused(room, NotAllowed, "own-post", own)
    refused(room, NotFound, "not-found", own.model_copy(update={"caller": room.member()}))
    system = place.rose.model_copy(update={"client": new_id()})
    refused(room, NotAllowed, "people-only", own.model_copy(update={"caller": system}))
    assert place.waiting() == []


def test_a_report_is_its_maker_s(room: Room, place: Place) -> None:
    made = place.reported()
    assert ask(room, GetReport(caller=place.rose, report=made.report)) == made
    for other in (place.rhys, place.fay, place.author):
        refused(room, NotFound, "not-found", GetReport(caller=other, report=made.report))
    own = ListReports(caller=place.rose, community=place.community)
    assert [each.report for each in ask(room, own).items] == [made.report]
    assert ask(room, own.model_copy(update={"caller": place.fay})).items == ()
    room.joins(place.rose, place.community, None)
    refused(room, NotFound, "not-found", GetReport(caller=place.rose, report=made.report))


def test_a_kept_post_is_reported_again_by_another_or_when_it_says_something_else(
    room: Room, place: Place
) -> None:
    first = place.reported()
    case = place.decided(CaseOutcome.KEEP)
    assert place.reported().report == first.report, "the same words were judged"
    assert place.waiting() == []
    ask(room, EditPost(caller=place.author, post=place.post, new=NewPost(text="Worse."), revision=1))
    second = place.reported()
    assert second.report != first.report
    assert place.waiting()[0].case != case.case


def test_very_many_reports_are_enough(room: Room, place: Place) -> None:
    place.reported()
    many = [new_id() for _ in range(MOST_REPORTS)]
    room.store.database["cases"].update_one({"post": place.post}, {"$set": {"reporters": many}})
    new = NewReport(reason=ReportReason.OTHER)
    refused(room, Conflict, "too-many-reports", ReportPost(caller=place.rhys, post=place.post, new=new))


# Deciding


def test_withdrawn_it_is_nowhere_and_reversed_it_is_back(room: Room) -> None:
    place = Place(room, opening=True)
    ask(room, EditPost(caller=place.author, post=place.post, new=NewPost(text=WORDS + "!"), revision=1))
    answer = room.add_post(place.rhys, place.thread, "No.").post
    place.reported()
    case = place.decided(CaseOutcome.WITHDRAW)
    for by in (place.rhys, place.author, place.fay):
        assert place.text(by) == INSTEAD["withdrawn"]
    whole = room.thread(place.rhys, place.thread)
    assert whole.title == "Withdrawn by moderation"
    assert (whole.posts, [each.moderation for each in whole.first_posts]) == (2, ["withdrawn", None])
    assert place.found() == place.found("diplodocus") == place.found("withdrawn moderation") == []
    versions = ask(room, ListPostVersions(caller=place.rhys, post=place.post)).items
    assert [version.text for version in versions] == [INSTEAD["withdrawn"]]
    everywhere = [
        name
        for name in room.store.database.list_collection_names()
        for row in room.store.database[name].find()
        if "Brontosaurus" in str(row) and place.post in str(row) and name not in ("answers", "outbox")
    ]
    assert set(everywhere) == {"taken_out", "post_versions"}
    assert place.case(place.author, case.case).text == WORDS + "!"

    for call in (
        EditPost(caller=place.author, post=place.post, new=NewPost(text="x"), revision=3),
        React(caller=place.rhys, post=place.post, reaction=Reaction.SAME_HERE),
        ReportPost(caller=place.rhys, post=place.post, new=NewReport(reason=ReportReason.OTHER)),
    ):
        refused(room, Conflict, "post-taken-out", call)
    assert room.add_post(place.rhys, place.thread, "It goes on.")

    settled = place.ruled(place.appealed(case), CaseOutcome.KEEP)
    assert (settled.state, settled.outcome) == ("settled", CaseOutcome.KEEP)
    assert place.text() == WORDS + "!"
    assert room.thread(place.rhys, place.thread).title == "Diplodocus"
    assert place.found() == [place.post]
    assert set(place.found("diplodocus")) == {place.post}
    versions = ask(room, ListPostVersions(caller=place.rhys, post=place.post)).items
    assert [version.text for version in versions] == [WORDS + "!", WORDS]
    assert [each.visible for each in room.told(PostVisibilityChanged, place.post)] == [False, True]
    assert [(each.title, each.revision) for each in room.told(ThreadTitleChanged, place.thread)] == [
        ("Withdrawn by moderation", 1),
        ("Diplodocus", 2),
    ]
    assert answer


def test_an_answer_that_was_withdrawn_is_accepted_by_nobody(room: Room, place: Place) -> None:
    place.reported()
    place.decided(CaseOutcome.WITHDRAW)
    accepting = AcceptAnswer(
        caller=place.rhys, thread=place.thread, accepted=AcceptedAnswer(post=place.post), revision=1
    )
    refused(room, Conflict, "post-taken-out", accepting)


def test_withheld_while_the_case_is_open(room: Room, place: Place) -> None:
    place.reported(reason=ReportReason.CONFIDENTIAL)
    case = place.case()
    refused(room, NotFound, "not-found", GetCase(caller=place.author, case=case.case))
    withholding = WithholdPost(caller=place.fay, case=case.case, revision=case.revision)
    assert ask(room, withholding).withheld
    refused(room, Conflict, "post-taken-out", withholding.model_copy(update={"revision": 2}))
    assert place.text() == INSTEAD["withheld"]
    assert place.found() == []
    assert place.case().text == WORDS
    assert place.case(place.author, case.case).withheld
    place.decided(CaseOutcome.MEND)
    assert place.text() == WORDS
    assert place.found() == [place.post]


def test_what_is_reported_as_confidential_is_withheld_from_other_organisations_systems_meanwhile(
    room: Room,
) -> None:
    place = Place(room, opening=True)
    partner = room.newcomer(place.community)
    room.agree(place.author.organisation, partner.organisation, place.community)
    system = partner.model_copy(update={"client": new_id()})
    own = place.author.model_copy(update={"client": new_id()})

    def read(by: Caller) -> tuple[str, str, bool, list[str]]:
        thread = room.thread(by, place.thread)
        found = Search(caller=by, words="brontosaurus", community=place.community)
        versions = ListPostVersions(caller=by, post=place.post)
        return (
            thread.title,
            thread.first_posts[0].text,
            bool(ask(room, found).items),
            [version.text for version in ask(room, versions).items],
        )

    whole = ("Diplodocus", WORDS, True, [WORDS])
    withheld = (WITHHELD_TITLE, withheld_rules.TEXT, False, [withheld_rules.TEXT])
    place.reported()
    assert read(system) == whole
    place.reported(place.rhys, ReportReason.CONFIDENTIAL)
    assert read(system) == withheld
    assert read(own) == read(place.rhys) == whole
    before = room.thread(place.rhys, place.thread).revision
    ask(room, WithholdPost(caller=place.fay, case=place.case().case, revision=place.case().revision))
    place.decided(CaseOutcome.KEEP)
    assert read(system) == whole
    assert room.thread(place.rhys, place.thread).revision == before + 2, "taken out, put back, and no more"
    told = room.told(ThreadTitleChanged, place.thread)
    assert [(each.withheld, each.title, each.revision) for each in told] == [
        (True, "Diplodocus", 1),
        (True, "Withheld by moderation", 2),
        (False, "Diplodocus", 3),
    ]


def test_withheld_and_then_withdrawn_and_then_restored(room: Room, place: Place) -> None:
    place.reported()
    case = place.case()
    ask(room, WithholdPost(caller=place.fay, case=case.case, revision=1))
    decided = place.decided(CaseOutcome.WITHDRAW)
    assert place.text() == INSTEAD["withdrawn"]
    place.ruled(place.appealed(decided), CaseOutcome.MEND)
    assert place.text() == WORDS


def test_locked_and_unlocked(room: Room, place: Place) -> None:
    place.reported()
    case = place.decided(CaseOutcome.LOCK)
    thread = room.thread(place.rhys, place.thread)
    assert (thread.state, thread.locked, thread.closed_reason) == ("closed", True, "Locked by moderation.")
    assert place.text() == WORDS
    for opener in (place.rhys, place.fay):
        reopening = ReopenThread(caller=opener, thread=place.thread, revision=thread.revision)
        refused(room, Conflict, "thread-locked", reopening)
    with pytest.raises(Conflict):
        room.add_post(place.rhys, place.thread)
    place.ruled(place.appealed(case), CaseOutcome.KEEP)
    thread = room.thread(place.rhys, place.thread)
    assert (thread.state, thread.locked, thread.closed_reason) == ("open", False, None)
    assert room.add_post(place.rhys, place.thread)


def test_what_another_case_holds_stays(room: Room, place: Place) -> None:
    first = place.reported()
    kept = place.decided(CaseOutcome.KEEP)
    place.reported(place.rhys)
    withdrawn = place.decided(CaseOutcome.WITHDRAW)
    ask(room, AppealReport(caller=place.rose, report=first.report, new=NewAppeal(reason="No.")))
    place.ruled(place.case(case=kept.case), CaseOutcome.WITHDRAW)
    place.ruled(place.appealed(withdrawn), CaseOutcome.KEEP)
    assert place.text() == WORDS, "the case that took it out put it back"


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


# Appeals


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


# The log, the organisation


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


# At the same moment


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
    assert place.text() == INSTEAD["withdrawn"]
    place.ruled(place.appealed(decided), CaseOutcome.KEEP)
    assert place.text() == (WORDS if isinstance(edited, Refusal) else "Edited.")


# Time


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


def test_after_a_week_the_operator_may(room: Room, place: Place) -> None:
    place.reported()
    (case,) = place.waiting(OPERATOR)
    new = NewCaseDecision(outcome=CaseOutcome.KEEP, reason="So.")
    call = DecideCase(caller=OPERATOR, case=case.case, decision=new, revision=1)
    refused(room, NotAllowed, "facilitators-decide", call)
    week_ago = case.opened_at - timedelta(days=7)
    room.store.database["cases"].update_one({"_id": case.case}, {"$set": {"waits_since": week_ago}})
    assert ask(room, call).decision.decided_as == "operator"


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
