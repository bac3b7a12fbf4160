"""What a caller may not know of is refused, in every call, exactly like what does not exist."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from shared.contracts.calls.call import Call, Caller, Heard
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    AcceptedAnswer,
    AddPost,
    AppealCase,
    AppealReport,
    CloseThread,
    Closing,
    DecideAppeal,
    DecideCase,
    DecideHeldPost,
    EditPost,
    GetCase,
    GetHeldPost,
    GetPost,
    GetReport,
    GetThread,
    HeldDecision,
    HoldEdit,
    HoldPost,
    HoldThread,
    ListCases,
    ListHeldPosts,
    ListModerationLog,
    ListPosts,
    ListPostVersions,
    ListReports,
    ListThreads,
    ListUnanswered,
    NewAppeal,
    NewCaseDecision,
    NewPost,
    NewReport,
    NewRuling,
    NewShare,
    NewThread,
    OpenThread,
    React,
    ReopenThread,
    ReportPost,
    Search,
    ShareThread,
    TellThread,
    Unreact,
    WithdrawHeldPost,
    WithholdPost,
)
from shared.contracts.vocabulary import CaseOutcome, Reaction, ReportReason, Role, ThreadKind, Visibility
from shared.errors import NOWHERE, NotFound
from shared.wiring.store import new_id
from tests.services.discussion_room import Room, room

__all__ = ["room"]


class Place(NamedTuple):
    """Something that is there, or ids of what is not."""

    community: str
    thread: str
    post: str
    held_post: str
    report: str
    case: str


def closed_place(room: Room) -> Place:
    community = room.community(Visibility.CLOSED)
    author = room.newcomer(community)
    opened = room.open_thread(author, community, "The word is heffalump.")
    post = room.add_post(author, opened.thread, "Heffalump again.").post
    held = HoldPost(caller=author, thread=opened.thread, new=NewPost(text="Heffalump, LL57 2DG"))
    held_post = ask(room, held).held_post
    report = ReportPost(caller=room.newcomer(community), post=post, new=NewReport(reason=ReportReason.UNKIND))
    facilitator = room.newcomer(community, Role.FACILITATOR)
    made = ask(room, report).report
    (case,) = ask(room, ListCases(caller=facilitator, community=community)).items
    return Place(community, opened.thread, post, held_post, made, case.case)


def nowhere() -> Place:
    return Place(new_id(), new_id(), new_id(), new_id(), new_id(), new_id())


CALLS: dict[str, Callable[[Caller, Place], Call]] = {
    "open_thread": lambda caller, at: OpenThread(
        caller=caller,
        community=at.community,
        new=NewThread(kind=ThreadKind.QUESTION, title="T", text="x"),
    ),
    "get_thread": lambda caller, at: GetThread(caller=caller, thread=at.thread),
    "list_threads": lambda caller, at: ListThreads(caller=caller, community=at.community),
    "list_unanswered": lambda caller, at: ListUnanswered(caller=caller, community=at.community),
    "close_thread": lambda caller, at: CloseThread(
        caller=caller, thread=at.thread, closing=Closing(reason="r"), revision=9
    ),
    "reopen_thread": lambda caller, at: ReopenThread(caller=caller, thread=at.thread, revision=9),
    "accept_answer": lambda caller, at: AcceptAnswer(
        caller=caller, thread=at.thread, accepted=AcceptedAnswer(post=at.post), revision=9
    ),
    "share_thread": lambda caller, at: ShareThread(
        caller=caller, thread=at.thread, new=NewShare(guest=caller.member or "")
    ),
    "tell_thread": lambda caller, at: TellThread(caller=caller, thread=at.thread),
    "add_post": lambda caller, at: AddPost(caller=caller, thread=at.thread, new=NewPost(text="x")),
    "get_post": lambda caller, at: GetPost(caller=caller, post=at.post),
    "list_posts": lambda caller, at: ListPosts(caller=caller, thread=at.thread),
    "edit_post": lambda caller, at: EditPost(caller=caller, post=at.post, new=NewPost(text="x"), revision=9),
    "list_post_versions": lambda caller, at: ListPostVersions(caller=caller, post=at.post),
    "react": lambda caller, at: React(caller=caller, post=at.post, reaction=Reaction.SAME_HERE),
    "unreact": lambda caller, at: Unreact(caller=caller, post=at.post, reaction=Reaction.SAME_HERE),
    "hold_thread": lambda caller, at: HoldThread(
        caller=caller,
        community=at.community,
        new=NewThread(kind=ThreadKind.QUESTION, title="T", text="LL57 2DG"),
    ),
    "hold_post": lambda caller, at: HoldPost(caller=caller, thread=at.thread, new=NewPost(text="LL57 2DG")),
    "hold_edit": lambda caller, at: HoldEdit(
        caller=caller, post=at.post, new=NewPost(text="LL57 2DG"), revision=9
    ),
    "list_held_posts": lambda caller, at: ListHeldPosts(caller=caller, community=at.community),
    "get_held_post": lambda caller, at: GetHeldPost(caller=caller, held_post=at.held_post),
    "decide_held_post": lambda caller, at: DecideHeldPost(
        caller=caller, held_post=at.held_post, decision=HeldDecision(release=True), revision=1
    ),
    "withdraw_held_post": lambda caller, at: WithdrawHeldPost(
        caller=caller, held_post=at.held_post, revision=1
    ),
    "report_post": lambda caller, at: ReportPost(
        caller=caller, post=at.post, new=NewReport(reason=ReportReason.UNKIND)
    ),
    "get_report": lambda caller, at: GetReport(caller=caller, report=at.report),
    "list_reports": lambda caller, at: ListReports(caller=caller, community=at.community),
    "appeal_report": lambda caller, at: AppealReport(
        caller=caller, report=at.report, new=NewAppeal(reason="r")
    ),
    "list_cases": lambda caller, at: ListCases(caller=caller, community=at.community),
    "get_case": lambda caller, at: GetCase(caller=caller, case=at.case),
    "withhold_post": lambda caller, at: WithholdPost(caller=caller, case=at.case, revision=1),
    "decide_case": lambda caller, at: DecideCase(
        caller=caller,
        case=at.case,
        decision=NewCaseDecision(outcome=CaseOutcome.KEEP, reason="r"),
        revision=1,
    ),
    "appeal_case": lambda caller, at: AppealCase(caller=caller, case=at.case, new=NewAppeal(reason="r")),
    "decide_appeal": lambda caller, at: DecideAppeal(
        caller=caller, case=at.case, ruling=NewRuling(outcome=CaseOutcome.KEEP, reason="r"), revision=1
    ),
    "list_moderation_log": lambda caller, at: ListModerationLog(caller=caller, community=at.community),
    "search": lambda caller, at: Search(caller=caller, words="heffalump", community=at.community),
}


def ask(room: Room, call: Call) -> Any:
    return getattr(room.service, call.method())(call)


def outsiders(room: Room, place: Place) -> dict[str, Caller]:
    """Everybody who may not know of a closed community's threads."""
    removed = room.joins(room.newcomer(place.community), place.community, None)
    homeless = room.newcomer(place.community)
    assert homeless.member
    room.change_member(homeless.member, "Dan Lee", None)
    inactive = room.newcomer(place.community)
    assert inactive.member
    room.change_member(inactive.member, "Eva Rees", inactive.organisation, active=False)
    return {"stranger": room.member(), "removed": removed, "homeless": homeless, "inactive": inactive}


def test_every_call_of_the_service_is_tried_here(room: Room) -> None:
    answered = {
        name for name in dir(type(room.service)) if hasattr(getattr(room.service, name), "nameko_entrypoints")
    }
    listening = {name for name in answered if name.startswith("hear_")}
    assert answered - listening == {
        *CALLS,
        "get_guard_rules",
        "explain_crossing",
        "change_guard_rules",
        "import_threads",
        "remind_of_cases",
        "erase_members",
        "gather_words",
        "get_words_part",
        "list_organisation_cases",
        "get_organisation_case",
        "decide_for_member",
    }


@pytest.mark.parametrize("name", CALLS)
def test_a_hidden_place_is_refused_like_one_that_is_not_there(room: Room, name: str) -> None:
    place, none = closed_place(room), nowhere()
    before = room.store.database["threads"].find_one({"_id": place.thread})
    for who, caller in outsiders(room, place).items():
        with pytest.raises(NotFound) as hidden:
            ask(room, CALLS[name](caller, place))
        with pytest.raises(NotFound) as missing:
            ask(room, CALLS[name](caller, none))
        assert hidden.value.args[:3] == missing.value.args[:3], who
        assert hidden.value.community == place.community, "the copy was asked, and may not be up to date"
        assert missing.value.community in (NOWHERE, none.community)
    assert room.store.database["threads"].find_one({"_id": place.thread}) == before
    assert room.store.database["posts"].count_documents({"thread": place.thread}) == 2


@pytest.mark.parametrize(
    "name",
    sorted(
        set(CALLS)
        - {"list_threads", "list_unanswered", "search", "open_thread", "hold_thread", "list_held_posts"}
        - {"list_reports", "list_cases", "list_moderation_log"}
    ),
)
def test_a_guest_is_refused_what_is_not_shared_with_them(room: Room, name: str) -> None:
    place = closed_place(room)
    guest = room.newcomer(place.community, Role.GUEST)
    with pytest.raises(NotFound):
        ask(room, CALLS[name](guest, place))


@pytest.mark.parametrize("visibility", [Visibility.OPEN, Visibility.RESTRICTED])
def test_an_open_or_restricted_community_is_read_by_everybody_at_home_here(
    room: Room, visibility: Visibility
) -> None:
    community = room.community(visibility)
    thread = room.open_thread(room.newcomer(community), community).thread
    reader = room.member()
    assert room.thread(reader, thread).thread == thread
    not_heard_of_yet = Caller(member=new_id(), organisation=new_id())
    assert room.thread(not_heard_of_yet, thread).thread == thread
    assert reader.member
    room.change_member(reader.member, "Fay Moss", None)
    with pytest.raises(NotFound):
        room.thread(reader, thread)


def test_a_community_that_closes_is_hidden_at_once(room: Room) -> None:
    community = room.community(Visibility.OPEN)
    thread = room.open_thread(room.newcomer(community), community, "zyzzyva").thread
    reader = room.member()
    assert room.thread(reader, thread)
    room.community(Visibility.CLOSED, id=community)
    with pytest.raises(NotFound):
        room.thread(reader, thread)
    assert not room.service.search(Search(caller=reader, words="zyzzyva")).items


def test_what_is_heard_late_changes_nothing(room: Room) -> None:
    community = room.community(Visibility.CLOSED)
    member = room.newcomer(community)
    thread = room.open_thread(member, community).thread
    row = room.store.database["copies"].find_one({"_id": f"membership:{community}:{member.member}"})
    assert row
    room.joins(member, community, None)
    room.joins(member, community, Role.FACILITATOR, revision=row["revision"] - 1)
    with pytest.raises(NotFound):
        room.thread(member, thread)


def test_it_is_known_how_far_the_copies_are(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community)
    rows = {row["_id"]: row["revision"] for row in room.store.database["copies"].find()}
    place = f"{community}:{member.member}"
    far = Heard(
        community=community,
        community_revision=rows[f"community:{community}"],
        membership=place,
        membership_revision=rows[f"membership:{place}"],
    )
    assert room.service.has_heard(far)
    assert not room.service.has_heard(far.model_copy(update={"community_revision": 10**9}))
    assert not room.service.has_heard(far.model_copy(update={"membership_revision": 10**9}))
    assert room.service.has_heard(Heard(community=NOWHERE, community_revision=0))
    unheard = f"{community}:{new_id()}"
    assert not room.service.has_heard(far.model_copy(update={"membership": unheard}))
    nobody = far.model_copy(update={"membership": unheard, "membership_revision": 0})
    assert room.service.has_heard(nobody)
