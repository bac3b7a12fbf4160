"""What a case does to its post and thread, and how that is undone."""

import pytest

from services.discussion.domain import withheld as withheld_rules
from services.discussion.domain.post import INSTEAD
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    AcceptedAnswer,
    EditPost,
    GetCase,
    ListPostVersions,
    NewPost,
    NewReport,
    React,
    ReopenThread,
    ReportPost,
    Search,
    WithholdPost,
)
from shared.contracts.discussion import (
    PostVisibilityChanged,
    ThreadTitleChanged,
)
from shared.contracts.grant import WITHHELD_TITLE
from shared.contracts.vocabulary import (
    CaseOutcome,
    Reaction,
    ReportReason,
)
from shared.errors import Conflict, NotFound
from shared.wiring.store import new_id
from tests.services.cases_place import WORDS, Place, ask, place, refused
from tests.services.discussion_room import Room, room

__all__ = ["place", "room"]


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
