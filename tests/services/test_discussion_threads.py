"""Threads: opened, listed, closed and opened again, answered, shared, by those who may."""

from typing import Any

import pytest

from shared.contracts.calls.call import Caller, Once
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    AcceptedAnswer,
    CloseThread,
    Closing,
    Experience,
    ListPosts,
    ListThreads,
    ListUnanswered,
    NewThread,
    OpenThread,
    ReopenThread,
    ThreadSummary,
)
from shared.contracts.discussion import (
    AnswerAccepted,
    ThreadClosed,
    ThreadOpened,
    ThreadReopened,
)
from shared.contracts.vocabulary import Role, Stage, ThreadKind
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from shared.wiring.store import new_id
from tests.services.discussion_room import Room, handle_of, room

__all__ = ["room"]


def close(room: Room, caller: Caller, thread: str, revision: int) -> ThreadSummary:
    closing = Closing(reason="Settled at the ward round.")
    answer: ThreadSummary = room.service.close_thread(
        CloseThread(caller=caller, thread=thread, closing=closing, revision=revision)
    )
    return answer


def reopen(room: Room, caller: Caller, thread: str, revision: int) -> ThreadSummary:
    answer: ThreadSummary = room.service.reopen_thread(
        ReopenThread(caller=caller, thread=thread, revision=revision)
    )
    return answer


def accept(room: Room, caller: Caller, thread: str, post: str, revision: int) -> ThreadSummary:
    answer: ThreadSummary = room.service.accept_answer(
        AcceptAnswer(caller=caller, thread=thread, accepted=AcceptedAnswer(post=post), revision=revision)
    )
    return answer


def unanswered(room: Room, caller: Caller, community: str | None = None) -> list[str]:
    page = room.service.list_unanswered(ListUnanswered(caller=caller, community=community))
    return [item.thread for item in page.items]


def test_an_opened_thread_is_read_with_its_first_post_and_told_once(room: Room) -> None:
    community = room.community()
    asker, colleague = room.newcomer(community, name="Ana Price"), room.newcomer(community)
    opened = room.open_thread(asker, community, f"Who knows? @{handle_of(colleague.member)}, perhaps.")

    read = room.thread(colleague, opened.thread)
    assert read == opened
    assert read.posts == 1
    assert read.author.name == "Ana Price"
    assert read.author.organisation_name == "Northern Trust"
    assert read.first_posts[0].html.startswith("<p>Who knows?")
    [news] = room.told(ThreadOpened, opened.thread)
    assert news.mentions == (colleague.member,)
    assert news.post == read.first_posts[0].post
    assert news.author_name == "Ana Price"


def test_an_experience_is_told_under_headings(room: Room) -> None:
    community = room.community()
    experience = Experience(
        context="A ward", what_we_did="A huddle", what_happened="Fewer falls", what_we_would_change=None
    )
    new = NewThread(kind=ThreadKind.EXPERIENCE, title="Huddles", experience=experience)
    opened = room.service.open_thread(
        OpenThread(caller=room.newcomer(community), community=community, new=new)
    )
    [post] = opened.first_posts
    assert "<h2>What we did</h2>\n<p>A huddle</p>" in post.html
    assert "change" not in post.html


def test_the_same_promise_opens_one_thread(room: Room) -> None:
    community = room.community()
    asker = room.newcomer(community)
    once = Once(key=f"{asker.member}:k1", fingerprint="f" * 64)
    first = room.open_thread(asker, community, once=once)
    again = room.service.open_thread  # a repetition that reaches the handler meets the remembered answer
    repeated = again(
        OpenThread(
            caller=asker,
            community=community,
            new=NewThread(kind=ThreadKind.QUESTION, title="Walking aids after discharge", text="x"),
            once=once,
        )
    )
    assert first.thread in repeated.answer
    assert len(room.told(ThreadOpened, community)) == 1


def test_threads_are_listed_latest_post_first_page_by_page(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community)
    threads = [room.open_thread(member, community, title=f"Thread {n}").thread for n in range(5)]
    room.add_post(member, threads[0])
    expected = [threads[0], *reversed(threads[1:])]

    found, after = [], None
    while True:
        page = room.service.list_threads(
            ListThreads(caller=member, community=community, limit=2, after=after)
        )
        found += [item.thread for item in page.items]
        after = page.next
        if after is None:
            break
    assert found == expected


def test_threads_are_listed_by_kind_and_state(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community)
    question = room.open_thread(member, community)
    talk = room.open_thread(member, community, kind=ThreadKind.DISCUSSION)
    close(room, member, talk.thread, 1)

    def listed(**which: Any) -> list[str]:
        page = room.service.list_threads(ListThreads(caller=member, community=community, **which))
        return [item.thread for item in page.items]

    assert listed(kind=ThreadKind.QUESTION) == [question.thread]
    assert listed(state="closed") == [talk.thread]
    assert listed(state="open", kind=ThreadKind.DISCUSSION) == []


def test_a_long_thread_goes_on_where_its_first_page_ended(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community)
    thread = room.open_thread(member, community, "0").thread
    for number in range(1, 55):
        room.add_post(member, thread, str(number))
    read = room.thread(member, thread)
    rest = room.service.list_posts(ListPosts(caller=member, thread=thread, after=read.next))
    assert [post.text for post in (*read.first_posts, *rest.items)] == [str(n) for n in range(55)]
    assert rest.next is None


def test_a_cursor_of_another_listing_is_refused(room: Room) -> None:
    community = room.community()
    member, other = room.newcomer(community), room.newcomer(community)
    for _ in range(2):
        room.open_thread(member, community)
    page = room.service.list_threads(ListThreads(caller=member, community=community, limit=1))
    for listing in (
        ListThreads(caller=other, community=community, after=page.next),
        ListThreads(caller=member, community=room.community(), after=page.next),
        ListThreads(caller=member, community=community, after='{"$ne": 1}'),
    ):
        with pytest.raises(Invalid) as refused:
            room.service.list_threads(listing)
        assert refused.value.code == "cursor-invalid"


# Closing


def test_a_closed_thread_says_why_and_takes_no_posts_until_it_is_opened_again(room: Room) -> None:
    community = room.community()
    asker, steward = room.newcomer(community), room.newcomer(community, Role.STEWARD)
    thread = room.open_thread(asker, community).thread
    closed = close(room, steward, thread, 1)
    assert (closed.state, closed.closed_reason, closed.revision) == (
        "closed",
        "Settled at the ward round.",
        2,
    )
    with pytest.raises(Conflict) as refused:
        room.add_post(asker, thread)
    assert refused.value.code == "thread-closed"
    with pytest.raises(Conflict) as refused:
        close(room, steward, thread, 2)
    assert refused.value.code == "thread-closed"

    assert reopen(room, asker, thread, 2).state == "open"
    room.add_post(asker, thread)
    assert room.thread(asker, thread).closed_reason is None
    [told] = room.told(ThreadClosed, thread)
    assert (told.opened_by, told.closed_by, told.revision) == (asker.member, steward.member, 2)
    assert [fact.revision for fact in room.told(ThreadReopened, thread)] == [3]


def test_only_its_author_a_steward_or_a_facilitator_closes_a_thread(room: Room) -> None:
    community = room.community()
    asker, member = room.newcomer(community), room.newcomer(community)
    thread = room.open_thread(asker, community).thread
    with pytest.raises(NotAllowed) as refused:
        close(room, member, thread, 1)
    assert refused.value.code == "not-yours"
    with pytest.raises(NotAllowed):
        close(room, room.member(), thread, 1)
    assert close(room, asker, thread, 1).state == "closed"
    with pytest.raises(NotAllowed):
        reopen(room, member, thread, 2)
    assert reopen(room, room.newcomer(community, Role.FACILITATOR), thread, 2).state == "open"


def test_a_change_decided_upon_an_old_revision_is_refused(room: Room) -> None:
    community = room.community()
    asker = room.newcomer(community)
    thread = room.open_thread(asker, community).thread
    room.add_post(asker, thread)  # a post is no change of the thread
    close(room, asker, thread, 1)
    with pytest.raises(Conflict) as refused:
        reopen(room, asker, thread, 1)
    assert refused.value.code == "stale-revision"


# The accepted answer


def test_the_asker_accepts_an_answer_and_may_change_their_mind(room: Room) -> None:
    community = room.community()
    asker, helper = room.newcomer(community), room.newcomer(community)
    thread = room.open_thread(asker, community).thread
    first, own = room.add_post(helper, thread), room.add_post(asker, thread)

    assert accept(room, asker, thread, first.post, 1).accepted_answer == first.post
    assert accept(room, asker, thread, first.post, 2).revision == 2, "the same again is no change"
    assert accept(room, asker, thread, own.post, 2).accepted_answer == own.post
    told = room.told(AnswerAccepted, thread)
    assert [(fact.post, fact.answered_by) for fact in told] == [
        (first.post, helper.member),
        (own.post, asker.member),
    ]


def test_a_facilitator_accepts_too_but_neither_a_steward_nor_a_member(room: Room) -> None:
    community = room.community()
    asker, helper = room.newcomer(community), room.newcomer(community)
    thread = room.open_thread(asker, community).thread
    post = room.add_post(helper, thread).post
    for caller in (helper, room.newcomer(community, Role.STEWARD)):
        with pytest.raises(NotAllowed):
            accept(room, caller, thread, post, 1)
    assert accept(room, room.newcomer(community, Role.FACILITATOR), thread, post, 1).accepted_answer == post


def test_only_a_post_that_follows_a_question_is_its_answer(room: Room) -> None:
    community = room.community()
    asker = room.newcomer(community)
    question = room.open_thread(asker, community)
    talk = room.open_thread(asker, community, kind=ThreadKind.DISCUSSION)
    elsewhere = room.add_post(asker, talk.thread).post
    with pytest.raises(Conflict) as refused:
        accept(room, asker, talk.thread, elsewhere, 1)
    assert refused.value.code == "not-a-question"
    for post in (elsewhere, new_id()):
        with pytest.raises(NotFound) as missing:
            accept(room, asker, question.thread, post, 1)
        assert missing.value.sentence == "There is no such post."
    with pytest.raises(Conflict) as refused:
        accept(room, asker, question.thread, question.first_posts[0].post, 1)
    assert refused.value.code == "not-an-answer"


# Unanswered questions


def test_a_question_waits_until_somebody_else_answers_or_it_is_settled_or_closed(room: Room) -> None:
    community = room.community()
    asker, helper = room.newcomer(community), room.newcomer(community)
    threads = [room.open_thread(asker, community).thread for _ in range(4)]
    room.open_thread(asker, community, kind=ThreadKind.DISCUSSION)
    assert unanswered(room, helper, community) == threads, "longest wait first"

    more = room.add_post(asker, threads[0], "More about it.")
    assert unanswered(room, helper, community) == threads, "the asker's own posts answer nothing"
    accept(room, asker, threads[0], more.post, 1)
    room.add_post(helper, threads[1])
    close(room, asker, threads[2], 1)
    assert unanswered(room, helper, community) == [threads[3]]
    reopen(room, asker, threads[2], 2)
    assert unanswered(room, helper, community) == [threads[2], threads[3]]
    close(room, asker, threads[1], 1)
    reopen(room, asker, threads[1], 2)
    assert threads[1] not in unanswered(room, helper, community)


def test_unanswered_questions_of_all_ones_communities_are_those_one_is_in(room: Room) -> None:
    mine, other, guesthouse = room.community(), room.community(), room.community()
    member = room.newcomer(mine)
    room.joins(member, guesthouse, Role.GUEST)
    asked = room.open_thread(room.newcomer(mine), mine).thread
    for community in (other, guesthouse):
        room.open_thread(room.newcomer(community), community)
    assert unanswered(room, member) == [asked]
    page = room.service.list_unanswered(ListUnanswered(caller=member, limit=1))
    assert page.next is None


# Archived communities


def test_nothing_changes_in_an_archived_community_and_everything_can_be_read(room: Room) -> None:
    community = room.community()
    member = room.newcomer(community, Role.FACILITATOR)
    thread = room.open_thread(member, community).thread
    room.community(stage=Stage.ARCHIVED, id=community)

    def attempts() -> list[Any]:
        return [
            lambda: room.open_thread(member, community),
            lambda: room.add_post(member, thread),
            lambda: close(room, member, thread, 1),
        ]

    for attempt in attempts():
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "community-archived"
    assert room.thread(member, thread).posts == 1
    room.community(stage=Stage.MATURING, id=community)
    for attempt in attempts():
        attempt()


@pytest.mark.parametrize("caller", [Caller(), Caller(organisation="a" * 24, client="b" * 24)])
def test_a_caller_without_a_member_is_told_to_act_for_one(room: Room, caller: Caller) -> None:
    with pytest.raises(Refusal) as refused:
        room.thread(caller, new_id())
    assert refused.value.code == "member-needed"
