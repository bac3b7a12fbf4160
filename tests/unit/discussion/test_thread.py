"""Threads, their answers and what is said of their posts."""

import pytest

from services.discussion.domain import answer, reaction
from services.discussion.domain import post as posts
from services.discussion.domain import thread as threads
from services.discussion.domain.access import Place
from services.discussion.domain.experience import text_of
from services.discussion.domain.mention import Mentions
from shared.contracts.calls.discussion import Experience, NewThread
from shared.contracts.discussion import ThreadShared
from shared.contracts.vocabulary import Reaction, Role, ThreadKind
from shared.errors import Conflict, NotAllowed, NotFound
from tests.unit.discussion.things import (
    ANA,
    BEN,
    CAI,
    COMMUNITY,
    EVENING,
    member,
    place,
    post,
    standing,
    stay,
    thread,
)

NEWS = "9" * 24


def test_opening_makes_a_thread_of_one_post_and_tells_whose_eyes_are_wanted() -> None:
    new = NewThread(
        kind=ThreadKind.QUESTION, title="T", text="x", professions=("Nurse",), interests=("falls",)
    )
    opened, news = threads.opened(
        new,
        by=member(),
        community=COMMUNITY,
        id="1" * 24,
        post="2" * 24,
        mentions=Mentions((BEN,), ("dee",)),
        at=EVENING,
    )
    assert (opened.posts, opened.state, opened.waiting, opened.revision) == (1, "open", True, 1)
    assert (news.professions, news.interests, news.mentions) == (("nurse",), ("falls",), (BEN,))
    assert news.unknown_handles == ("dee",)


@pytest.mark.parametrize(
    ("changes", "waiting"),
    [
        ({}, True),
        ({"answered": True}, False),
        ({"accepted_answer": "2" * 24}, False),
        ({"state": "closed"}, False),
        ({"kind": ThreadKind.DISCUSSION}, False),
        ({"posts": 9}, True),
    ],
)
def test_what_waits_for_an_answer(changes: dict[str, object], waiting: bool) -> None:
    assert thread(**changes).waiting is waiting


def test_closing_and_reopening_are_changes_of_the_thread() -> None:
    closed, told = threads.closed(thread(), standing(), reason="Done", seen=1, at=EVENING)
    assert (closed.state, closed.closed_reason, closed.revision, told.revision) == ("closed", "Done", 2, 2)
    opened, news = threads.reopened(closed, standing(), seen=2, at=EVENING)
    assert (opened.state, opened.closed_reason, opened.revision, news.revision) == ("open", None, 3, 3)
    with pytest.raises(Conflict) as refused:
        threads.reopened(opened, standing(), seen=3, at=EVENING)
    assert refused.value.code == "thread-open"


def test_sharing_twice_is_news_once_and_never_without_bound() -> None:
    before = thread(guests=(stay(BEN),))
    assert shared(before, BEN) == (before, None)
    after, news = shared(before, CAI)
    assert after.guests == (stay(BEN), stay(CAI))
    assert news is not None
    crowded = thread(guests=tuple(stay(f"{n:024x}") for n in range(threads.MOST_GUESTS)))
    with pytest.raises(Conflict) as refused:
        shared(crowded, CAI)
    assert refused.value.code == "too-many-guests"


def test_sharing_with_a_guest_who_came_back_is_news_and_takes_the_place_of_their_earlier_stay() -> None:
    crowd = tuple(stay(f"{n:024x}") for n in range(threads.MOST_GUESTS - 1))
    after, news = shared(thread(guests=(stay(BEN), *crowd)), BEN, revision=3)
    assert after.guests == (*crowd, stay(BEN, revision=3))
    assert news is not None
    assert news.guest == BEN
    assert shared(after, BEN, revision=3) == (after, None)


@pytest.mark.parametrize("where", [None, place(Role.MEMBER, BEN)])
def test_who_is_no_guest_as_far_as_heard_is_refused_by_the_community_it_was_heard_of(
    where: Place | None,
) -> None:
    with pytest.raises(Conflict) as refused:
        threads.shared(thread(), standing(), guest=BEN, place=where, at=EVENING)
    assert (refused.value.code, refused.value.community) == ("not-a-guest", COMMUNITY)


def shared(of: threads.Thread, guest: str, revision: int = 1) -> tuple[threads.Thread, ThreadShared | None]:
    where = place(Role.GUEST, guest, revision)
    return threads.shared(of, standing(), guest=guest, place=where, at=EVENING)


def test_an_answer_is_a_later_post_of_the_question() -> None:
    accepted, told = answer.accepted(thread(), post(), standing(), seen=1, at=EVENING)
    assert told is not None
    assert (accepted.accepted_answer, accepted.waiting, told.answered_by) == (post().id, False, BEN)
    for other in (None, post(thread="9" * 24)):
        with pytest.raises(NotFound):
            answer.accepted(thread(), other, standing(), seen=1, at=EVENING)
    with pytest.raises(Conflict):
        answer.accepted(thread(), post(title="Walking aids"), standing(), seen=1, at=EVENING)


def test_an_edit_names_anew_only_whom_no_version_named() -> None:
    before = post(mentions=(ANA,), once_mentioned=(ANA,))
    without, _ = posts.edited(
        thread(), before, by=member(BEN), text="t", html="h", mentions=Mentions(), at=EVENING
    )
    again, told = posts.edited(
        thread(), without, by=member(BEN), text="u", html="i", mentions=Mentions((CAI, ANA)), at=EVENING
    )
    assert told.newly_mentioned == (CAI,)
    assert (again.revision, again.mentions, again.once_mentioned) == (3, (CAI, ANA), (ANA, CAI))


def test_only_the_author_edits() -> None:
    assert posts.check_edits(post(author=ANA), standing(), seen=1).id == ANA
    with pytest.raises(NotAllowed):
        posts.check_edits(post(author=BEN), standing(Role.FACILITATOR), seen=1)
    with pytest.raises(Conflict):
        posts.check_edits(post(author=ANA), standing(), seen=2)


def test_a_reaction_counts_once_and_is_news_once() -> None:
    helped = Reaction.HELPED_ME
    after, told = reaction.reacted(thread(), post(), helped, "never", by=member(), at=EVENING, news=NEWS)
    assert after.reactions == {helped: 1}
    assert told is not None
    assert told.news == NEWS
    same, told = reaction.reacted(thread(), after, helped, "standing", by=member(), at=EVENING, news=NEWS)
    assert (same, told) == (after, None)
    _, told = reaction.reacted(thread(), post(), helped, "taken back", by=member(), at=EVENING, news=NEWS)
    assert told is None
    own, told = reaction.reacted(
        thread(), post(author=ANA), helped, "never", by=member(), at=EVENING, news=NEWS
    )
    assert (own.reactions, told) == ({helped: 1}, None)
    assert reaction.taken_back(after, helped, "standing").reactions == {helped: 0}
    assert reaction.taken_back(after, helped, "never") == after


def test_an_experience_leaves_out_what_was_not_told() -> None:
    told = Experience(context="A", what_we_did="B", what_happened="C", what_we_would_change="D")
    new = NewThread(kind=ThreadKind.EXPERIENCE, title="T", experience=told)
    assert text_of(new).count("## ") == 4
    new = new.model_copy(update={"experience": told.model_copy(update={"what_we_would_change": None})})
    assert text_of(new) == "## Context\n\nA\n\n## What we did\n\nB\n\n## What happened\n\nC"
