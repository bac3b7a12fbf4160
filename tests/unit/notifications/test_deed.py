"""From facts to deeds and ties."""

import re
from datetime import UTC, datetime

import pytest

from services.notifications.domain.crossing import LETTING, Reach
from services.notifications.domain.deed import naming, post_of
from services.notifications.domain.fact import deed_of
from services.notifications.domain.tie import ties_of
from shared.contracts import discussion, membership
from shared.contracts.calls.notifications import MarkRead
from shared.contracts.envelope import Contract
from shared.contracts.vocabulary import NotificationKind, Reaction, ThreadKind

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MEMBER, OTHER = "a" * 24, "b" * 24
IN_THREAD = {"thread": "c" * 24, "community": "d" * 24, "title": "Hip protectors?", "at": NOON}
ASKED = {**IN_THREAD, "post": "e" * 24, "kind": ThreadKind.QUESTION, "opened_by": OTHER}
JOINING = {
    "request": "f" * 24,
    "community": "d" * 24,
    "member": MEMBER,
    "community_title": "Falls",
    "at": NOON,
}
OPENED = {**IN_THREAD, "post": "e" * 24, "author": MEMBER, "author_name": "Ana"}

CASE = {"case": "e" * 24, "community": "d" * 24, "at": NOON}
HELD = {"held_post": "e" * 24, "community": "d" * 24, "author": MEMBER, "at": NOON}

FACTS: list[Contract] = [
    discussion.ThreadOpened(kind=ThreadKind.QUESTION, **OPENED),
    discussion.PostAdded(author=MEMBER, author_name="Ana", **ASKED),
    discussion.PostEdited(editor=MEMBER, editor_name="Ana", newly_mentioned=(OTHER,), revision=2, **ASKED),
    discussion.AnswerAccepted(
        post="e" * 24,
        answered_by=MEMBER,
        opened_by=OTHER,
        accepted_by=OTHER,
        accepted_by_name="Ben",
        revision=3,
        **IN_THREAD,
    ),
    discussion.ThreadClosed(
        opened_by=OTHER, closed_by=MEMBER, closed_by_name="Ana", reason="Done.", revision=4, **IN_THREAD
    ),
    discussion.ThreadReopened(
        opened_by=OTHER, reopened_by=MEMBER, reopened_by_name="Ana", revision=5, **IN_THREAD
    ),
    discussion.ThreadShared(guest=OTHER, shared_by=MEMBER, shared_by_name="Ana", **IN_THREAD),
    discussion.PostReacted(
        post="e" * 24,
        author=OTHER,
        reaction=Reaction.HELPED_ME,
        reacted_by=MEMBER,
        reacted_by_name="Ana",
        news="9" * 24,
        **IN_THREAD,
    ),
    membership.JoinRequested(member_name="Ana", **JOINING),
    membership.JoinDecided(approved=True, decided_by=OTHER, **JOINING),
    membership.JoinDecided(approved=False, decided_by=OTHER, **JOINING),
    discussion.PostHeld(author_name="Ana", **HELD),
    discussion.HeldPostDecided(released=True, decided_by=OTHER, **HELD),
    discussion.HeldPostDecided(released=False, **HELD),
    *(discussion.CaseWaits(why=why, parties=(MEMBER,), **CASE) for why in ("reported", "appealed", "long")),
    discussion.CaseDecided(author=MEMBER, step="organisation", **CASE),
    discussion.ReportDecided(report="e" * 24, community="d" * 24, reporter=MEMBER, step="decision", at=NOON),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_every_notification_can_be_named_in_an_address(fact: Contract) -> None:
    pattern = MarkRead.model_fields["notification"].metadata[0].pattern
    assert re.fullmatch(pattern, f"{deed_of(fact).thing}.{OTHER}")


def test_every_kind_of_notification_comes_from_a_fact() -> None:
    # The one is found out by this service itself, the others are told in a community of its choice.
    own = {
        NotificationKind.WEBHOOK_DISABLED,
        NotificationKind.AGREEMENT_MOVED,
        NotificationKind.EXPORT_READY,
    }
    assert {deed_of(fact).kind for fact in FACTS} == set(NotificationKind) - own


def test_who_reacted_stands_in_no_id() -> None:
    deed = deed_of(next(fact for fact in FACTS if isinstance(fact, discussion.PostReacted)))
    assert MEMBER not in deed.id + deed.thing


def test_a_later_mention_concerns_the_same_thing_as_the_post() -> None:
    added, edited = deed_of(FACTS[1]), deed_of(FACTS[2])
    assert added.thing == edited.thing
    assert added.id != edited.id


def test_other_facts_are_no_deeds() -> None:
    fact = membership.OrganisationChanged(
        organisation=MEMBER, name="Trust", sector="health", geography="Leeds", revision=1
    )
    with pytest.raises(TypeError):
        deed_of(fact)
    assert ties_of(fact) == ()


def test_only_a_question_has_an_asker() -> None:
    post = discussion.PostAdded(author=MEMBER, author_name="Ana", **{**ASKED, "kind": ThreadKind.EXPERIENCE})
    assert deed_of(post).asker is None
    assert deed_of(FACTS[1]).asker == OTHER


def test_opening_and_writing_tie_to_the_thread() -> None:
    (opener,) = ties_of(FACTS[0])
    assert opener.asked
    assert opener.member == MEMBER
    (writer,) = ties_of(FACTS[1])
    assert not writer.asked
    assert writer.follows_since == NOON
    (guest,) = ties_of(FACTS[6])
    assert guest.shared
    assert guest.member == OTHER


def test_everybody_in_an_imported_thread_follows_it_once() -> None:
    history = discussion.HistoryImported(opened_by=MEMBER, participants=(OTHER, MEMBER), posts=3, **IN_THREAD)
    assert [tie.member for tie in ties_of(history)] == [MEMBER, OTHER]


def test_nothing_of_a_case_crosses_to_a_system_not_even_of_the_members_own_organisation() -> None:
    anybody = Reach(OTHER, (), NOON)
    for why in ("reported", "appealed", "long"):
        waits = discussion.CaseWaits(why=why, parties=(), **CASE)
        assert anybody.why(deed_of(waits)) not in LETTING
    decided = discussion.CaseDecided(author=MEMBER, step="decision", **CASE)
    reported = discussion.ReportDecided(
        report="e" * 24, community="d" * 24, reporter=MEMBER, step="decision", at=NOON
    )
    for fact in (decided, reported):
        assert anybody.why(deed_of(fact)) not in LETTING


@pytest.mark.parametrize(
    ("there", "named"),
    [
        ({"anna.": MEMBER, "anna": OTHER}, (MEMBER,)),
        ({"anna": OTHER}, (OTHER,)),
        ({"anna.": MEMBER}, (MEMBER,)),
        ({"anna": OTHER, "ben": MEMBER}, (OTHER, MEMBER)),
        ({"anna": OTHER, "anna.b": MEMBER}, (OTHER, MEMBER)),
        ({}, ()),
    ],
)
def test_a_handle_before_a_stop_means_one_person(there: dict[str, str], named: tuple[str, ...]) -> None:
    opened = discussion.ThreadOpened(
        kind=ThreadKind.QUESTION, unknown_handles=("anna.", "anna", "anna.b", "ben"), **OPENED
    )
    assert naming(deed_of(opened), there).mentions == named


def test_which_post_a_deed_is_about() -> None:
    about = {type(fact).__name__: post_of(deed_of(fact)) for fact in FACTS}
    of_posts = {"ThreadOpened", "PostAdded", "PostEdited", "AnswerAccepted", "PostReacted"}
    assert {name for name, post in about.items() if post is not None} == of_posts
    assert {post for post in about.values() if post is not None} == {"e" * 24}
