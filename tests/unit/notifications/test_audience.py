"""Who should know, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.audience import (
    FULL_ROLES,
    REACH,
    Cohort,
    Crowd,
    Standing,
    may_know,
    reasons_for,
    reasons_for_crowd,
    strongest_first,
)
from services.notifications.domain.deed import Deed
from services.notifications.domain.tie import Tie
from shared.contracts.vocabulary import Level, NotificationKind, Reason, Role

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ASKER, MENTIONED, SOMEBODY = ("a" * 24, "b" * 24, "c" * 24)
THREAD = "d" * 24


def deed(kind: NotificationKind = NotificationKind.THREAD_OPENED, **more: object) -> Deed:
    return Deed.model_validate(
        {
            "id": "post." + "e" * 24,
            "thing": "post." + "e" * 24,
            "kind": kind,
            "community": "f" * 24,
            "thread": THREAD,
            "title": "Hip protectors?",
            "link": "/v1/threads/" + THREAD,
            "by": ASKER,
            "by_name": "Ana",
            "at": NOON,
            **more,
        }
    )


def standing(
    role: Role | None = Role.MEMBER,
    level: Level = Level.ALL,
    since: datetime = NOON - timedelta(days=1),
    profession: str = "nurse",
    interests: tuple[str, ...] = (),
) -> Standing:
    return Standing(role, since, level, profession, frozenset(interests))


def tie(follows_since: datetime | None = NOON - timedelta(hours=1), **more: object) -> Tie:
    return Tie.model_validate(
        {
            "thread": THREAD,
            "member": SOMEBODY,
            "community": "f" * 24,
            "follows_since": follows_since,
            **more,
        }
    )


def test_a_question_reaches_every_member_at_level_all() -> None:
    assert reasons_for(deed(), SOMEBODY, standing()) == (Reason.YOU_FOLLOW,)


def test_nobody_is_told_of_their_own_deed() -> None:
    own = deed(mentions=(ASKER,), professions=("nurse",))
    assert reasons_for(own, ASKER, standing(Role.FACILITATOR), tie(asked=True)) == ()


def test_at_mentions_and_answers_a_question_reaches_those_it_names_or_wants() -> None:
    less = Level.MENTIONS_AND_ANSWERS
    assert reasons_for(deed(), SOMEBODY, standing(level=less)) == ()
    assert reasons_for(deed(mentions=(SOMEBODY,)), SOMEBODY, standing(level=less)) == (
        Reason.YOU_WERE_MENTIONED,
    )
    wanted = deed(professions=("nurse",), interests=("falls",))
    assert reasons_for(wanted, SOMEBODY, standing(level=less, interests=("falls",))) == (
        Reason.YOUR_PROFESSION_IS_NEEDED,
        Reason.YOUR_INTEREST_IS_NEEDED,
    )


def test_at_nothing_only_a_decision_about_oneself_gets_through() -> None:
    quiet = standing(level=Level.NOTHING)
    assert reasons_for(deed(mentions=(SOMEBODY,)), SOMEBODY, quiet) == ()
    approved = deed(NotificationKind.JOIN_APPROVED, thread=None, subject=SOMEBODY)
    assert reasons_for(approved, SOMEBODY, quiet) == (Reason.IT_IS_ABOUT_YOU,)


def test_all_reasons_come_together_strongest_first() -> None:
    everything = deed(mentions=(SOMEBODY,), professions=("nurse",), interests=("falls",))
    assert reasons_for(everything, SOMEBODY, standing(Role.FACILITATOR, interests=("falls",))) == (
        Reason.YOU_WERE_MENTIONED,
        Reason.YOU_FACILITATE,
        Reason.YOU_FOLLOW,
        Reason.YOUR_PROFESSION_IS_NEEDED,
        Reason.YOUR_INTEREST_IS_NEEDED,
    )


def test_a_post_reaches_followers_and_the_asker_and_not_the_whole_community() -> None:
    post = deed(NotificationKind.POST_ADDED, by=MENTIONED, asker=ASKER)
    assert reasons_for(post, SOMEBODY, standing()) == ()
    assert reasons_for(post, SOMEBODY, standing(), tie()) == (Reason.YOU_FOLLOW,)
    assert reasons_for(post, ASKER, standing(level=Level.MENTIONS_AND_ANSWERS)) == (Reason.YOU_ASKED,)


def test_who_follows_only_later_is_not_told() -> None:
    post = deed(NotificationKind.POST_ADDED)
    assert reasons_for(post, SOMEBODY, standing(), tie(NOON + timedelta(seconds=1))) == ()


def test_a_threads_own_level_counts_instead_of_the_communitys() -> None:
    post = deed(NotificationKind.POST_ADDED, mentions=(SOMEBODY,))
    assert reasons_for(post, SOMEBODY, standing(), tie(level=Level.NOTHING)) == ()
    loud = tie(level=Level.ALL)
    assert reasons_for(post, SOMEBODY, standing(level=Level.NOTHING), loud) == (
        Reason.YOU_WERE_MENTIONED,
        Reason.YOU_FOLLOW,
    )


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_who_joined_later_or_is_out_is_told_of_nothing_but_a_decision_about_them(
    kind: NotificationKind,
) -> None:
    about = deed(kind, mentions=(SOMEBODY,), subject=SOMEBODY, asker=SOMEBODY)
    out = reasons_for(about, SOMEBODY, standing(role=None), tie())
    assert bool(out) == (kind is NotificationKind.JOIN_DECLINED)
    late = standing(since=NOON + timedelta(seconds=1))
    assert bool(reasons_for(about, SOMEBODY, late, tie())) == (kind is NotificationKind.JOIN_DECLINED)


def test_a_guest_is_told_of_shared_threads_from_the_sharing_on() -> None:
    guest = standing(Role.GUEST)
    post = deed(NotificationKind.POST_ADDED, mentions=(SOMEBODY,))
    assert reasons_for(deed(professions=("nurse",)), SOMEBODY, guest) == ()
    assert reasons_for(post, SOMEBODY, guest, tie()) == ()
    assert reasons_for(post, SOMEBODY, guest, tie(shared=True))[0] is Reason.YOU_WERE_MENTIONED
    assert reasons_for(post, SOMEBODY, guest, tie(NOON + timedelta(seconds=1), shared=True)) == ()


def test_only_facilitators_hear_of_a_request_to_join() -> None:
    request = deed(NotificationKind.JOIN_REQUESTED, thread=None)
    assert reasons_for(request, SOMEBODY, standing(Role.FACILITATOR, Level.MENTIONS_AND_ANSWERS)) == (
        Reason.YOU_FACILITATE,
    )
    for role in (Role.STEWARD, Role.MEMBER, Role.GUEST):
        assert reasons_for(request, SOMEBODY, standing(role)) == ()


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(FULL_ROLES),
        st.sampled_from(Level),
        st.sampled_from(["nurse", "lecturer"]),
        st.frozensets(st.sampled_from(["falls", "sleep"])),
        st.sampled_from([NOON - timedelta(days=1), NOON, NOON + timedelta(days=1)]),
    ),
    max_size=12,
)


@given(
    people=PEOPLE,
    kind=st.sampled_from([NotificationKind.THREAD_OPENED, NotificationKind.JOIN_REQUESTED]),
    professions=st.sampled_from([(), ("nurse",), ("nurse", "pilot")]),
    interests=st.sampled_from([(), ("falls",), ("falls", "sleep")]),
)
def test_judging_a_crowd_and_judging_each_of_it_is_the_same(
    people: list[tuple[Role, Level, str, frozenset[str], datetime]],
    kind: NotificationKind,
    professions: tuple[str, ...],
    interests: tuple[str, ...],
) -> None:
    some = deed(kind, professions=professions, interests=interests)
    standings = {
        f"{number:024x}": Standing(role, since, level, profession, interests)
        for number, (role, level, profession, interests, since) in enumerate(people)
    }
    apart = set(list(standings)[:2])
    expected = {
        member: reasons
        for member, one in standings.items()
        if member not in apart and (reasons := reasons_for(some, member, one))
    }
    told = [
        (member, reasons)
        for reasons, members in reasons_for_crowd(some, crowd_of(standings), apart)
        for member in members
    ]
    assert len(told) == len(dict(told))
    assert dict(told) == expected


def crowd_of(standings: dict[str, Standing]) -> Crowd:
    cohorts = []
    for role, level in {(one.role, one.level) for one in standings.values()}:
        alike = {member: one for member, one in standings.items() if (one.role, one.level) == (role, level)}
        sinces = tuple(one.since for one in alike.values())
        cohorts.append(Cohort(role or Role.MEMBER, level, tuple(alike), sinces, max(sinces)))
    words = {word for one in standings.values() for word in one.interests}
    return Crowd(
        tuple(cohorts),
        {
            name: frozenset(member for member, one in standings.items() if one.profession == name)
            for name in {one.profession for one in standings.values()}
        },
        {
            word: frozenset(member for member, one in standings.items() if word in one.interests)
            for word in words
        },
        dict.fromkeys(standings),
    )


def test_strength_is_the_order_of_the_words() -> None:
    assert strongest_first([*reversed(Reason), Reason.YOU_FOLLOW]) == tuple(Reason)


def test_a_declined_member_may_know_that_and_nobody_else() -> None:
    declined = deed(NotificationKind.JOIN_DECLINED, thread=None, subject=SOMEBODY)
    assert may_know(declined, SOMEBODY, standing(None), None)
    assert not may_know(declined, MENTIONED, standing(Role.FACILITATOR), None)


def test_the_table_in_the_documentation_is_the_policy() -> None:
    page = Path(__file__).parents[3] / "docs" / "notifications.md"
    lines = page.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| in the inbox"))
    header, rows = cells(lines[start]), []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(cells(line))
    reasons = [Reason(name) for name in header[1:]]
    table = {
        NotificationKind(kind): {
            reason: Level(level) if level != "always" else Level.NOTHING
            for reason, level in zip(reasons, levels, strict=True)
            if level
        }
        for kind, *levels in rows
    }
    assert table == REACH


def cells(line: str) -> list[str]:
    """What stands between the bars of a row."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
