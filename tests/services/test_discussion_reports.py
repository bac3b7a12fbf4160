"""Reports over a real database: who may make them, who learns of them, and what they make."""

from services.discussion.domain.case import MOST_REPORTS
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    EditPost,
    GetCase,
    GetOrganisationCase,
    GetReport,
    ListModerationLog,
    ListReports,
    NewPost,
    NewReport,
    ReportPost,
)
from shared.contracts.discussion import (
    CaseWaits,
)
from shared.contracts.vocabulary import (
    CaseOutcome,
    ReportReason,
    Visibility,
)
from shared.errors import Conflict, NotAllowed, NotFound
from shared.wiring.store import new_id
from tests.services.cases_place import WORDS, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


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
