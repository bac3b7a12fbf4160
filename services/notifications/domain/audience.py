"""Who should know of a deed, and why.

`REACH` is the whole policy; the table in docs/notifications.md is checked against it. The answer
depends only on the deed and on how a member stands to it, never on the order in which facts arrived.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from services.notifications.domain.deed import Deed
from services.notifications.domain.preference import is_heard_at, level_for
from services.notifications.domain.tie import Tie
from shared.contracts.vocabulary import Level, NotificationKind, Reason, Role

ALL, ADDRESSED, ALWAYS = Level.ALL, Level.MENTIONS_AND_ANSWERS, Level.NOTHING

REACH: dict[NotificationKind, dict[Reason, Level]] = {
    NotificationKind.THREAD_OPENED: {
        Reason.YOU_WERE_MENTIONED: ADDRESSED,
        Reason.YOU_FACILITATE: ALL,
        Reason.YOU_FOLLOW: ALL,
        Reason.YOUR_PROFESSION_IS_NEEDED: ADDRESSED,
        Reason.YOUR_INTEREST_IS_NEEDED: ADDRESSED,
    },
    NotificationKind.POST_ADDED: {
        Reason.YOU_WERE_MENTIONED: ADDRESSED,
        Reason.YOU_ASKED: ADDRESSED,
        Reason.YOU_FOLLOW: ALL,
    },
    NotificationKind.MENTIONED: {Reason.YOU_WERE_MENTIONED: ADDRESSED},
    NotificationKind.ANSWER_ACCEPTED: {
        Reason.YOU_ASKED: ADDRESSED,
        Reason.YOU_FOLLOW: ADDRESSED,
        Reason.IT_IS_ABOUT_YOU: ADDRESSED,
    },
    NotificationKind.THREAD_CLOSED: {
        Reason.YOU_ASKED: ADDRESSED,
        Reason.YOU_FOLLOW: ALL,
    },
    NotificationKind.THREAD_REOPENED: {
        Reason.YOU_ASKED: ADDRESSED,
        Reason.YOU_FOLLOW: ALL,
    },
    NotificationKind.THREAD_SHARED: {Reason.IT_IS_ABOUT_YOU: ADDRESSED},
    NotificationKind.POST_REACTED: {Reason.IT_IS_ABOUT_YOU: ALL},
    NotificationKind.JOIN_REQUESTED: {Reason.YOU_FACILITATE: ADDRESSED},
    NotificationKind.JOIN_APPROVED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.JOIN_DECLINED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
}
"""For each kind of deed: the reasons it has to reach somebody, and the level each of them needs."""

FULL_ROLES = (Role.FACILITATOR, Role.STEWARD, Role.MEMBER)
"""The roles that see the whole community."""

_STRENGTH = {reason: strength for strength, reason in enumerate(Reason)}


class Standing(NamedTuple):
    """How a member stands in a community: their role (None when out), since when, their level and profile."""

    role: Role | None
    since: datetime
    level: Level
    profession: str = ""
    interests: frozenset[str] = frozenset()
    organisation: str | None = None
    is_active: bool = True


class Cohort(NamedTuple):
    """Members who stand alike in a community but for the day they came; `sinces` lies beside `members`."""

    standing: Standing
    members: tuple[str, ...]
    sinces: tuple[datetime, ...]

    def members_at(self, moment: datetime) -> tuple[str, ...]:
        """Those who were in by `moment`; `standing.since` is the latest of them all."""
        if self.standing.since <= moment:
            return self.members
        return tuple(
            member for member, since in zip(self.members, self.sinces, strict=True) if since <= moment
        )


def strongest_first(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Each reason once, in the order in which `Reason` declares them."""
    return tuple(sorted(set(reasons), key=_STRENGTH.__getitem__))


def concerns_everybody(deed: Deed) -> bool:
    """Whether a deed may reach members whom neither it nor a tie names: by role, profile or presence."""
    return deed.kind in (
        NotificationKind.THREAD_OPENED,
        NotificationKind.JOIN_REQUESTED,
    )


def named(deed: Deed) -> frozenset[str]:
    """The members whom a deed itself names."""
    singles = (member for member in (deed.asker, deed.subject) if member is not None)
    return frozenset((*deed.mentions, *singles))


def reasons_for(deed: Deed, member: str, standing: Standing, tie: Tie | None = None) -> tuple[Reason, ...]:
    """Why `member` should know of `deed`, strongest first; empty when they should not, or may not.

    Args:
        deed: what was done.
        member: whom it may concern; never told of their own deed.
        standing: how they stand in its community.
        tie: how they are bound to its thread, None when they are not.
    """
    if member == deed.by or not may_know(deed, member, standing, tie):
        return ()
    level = level_for(standing.level, tie.level if tie else None)
    return _heard(deed, level, _reasons(deed, member, standing, tie))


def judge_of_all(deed: Deed) -> Callable[[Standing], tuple[Reason, ...]]:
    """A function that tells why members of a standing should know of a deed that neither names nor ties them.

    It remembers what it has judged: among ten thousand members there are few different answers.
    """
    professions, interests = frozenset(deed.professions), frozenset(deed.interests)
    judged: dict[tuple[Role | None, Level, bool, bool], tuple[Reason, ...]] = {}

    def judge(standing: Standing) -> tuple[Reason, ...]:
        alike = (
            standing.role,
            standing.level,
            standing.profession in professions,
            not interests.isdisjoint(standing.interests),
        )
        if alike not in judged:
            judged[alike] = _heard(deed, standing.level, _reasons_of_all(deed, standing))
        return judged[alike]

    return judge


def may_know(deed: Deed, member: str, standing: Standing, tie: Tie | None) -> bool:
    """Whether a member may be told at all: in the community by then; a guest, of what was shared with them."""
    if deed.kind is NotificationKind.JOIN_DECLINED:
        return member == deed.subject
    if standing.role is None or not standing.is_active:
        return False
    if member == deed.subject and deed.thread is None:
        return True
    if standing.role is Role.GUEST and not (tie is not None and tie.shared and tie.follows_at(deed.at)):
        return False
    return standing.since <= deed.at


def _heard(deed: Deed, level: Level, reasons: Iterator[Reason]) -> tuple[Reason, ...]:
    needed = REACH[deed.kind]
    return strongest_first(
        [reason for reason in reasons if reason in needed and is_heard_at(level, needed[reason])]
    )


def _reasons(deed: Deed, member: str, standing: Standing, tie: Tie | None) -> Iterator[Reason]:
    if member in deed.mentions:
        yield Reason.YOU_WERE_MENTIONED
    if member == deed.asker or (tie is not None and tie.asked):
        yield Reason.YOU_ASKED
    if tie is not None and tie.follows_at(deed.at):
        yield Reason.YOU_FOLLOW
    if member == deed.subject:
        yield Reason.IT_IS_ABOUT_YOU
    if concerns_everybody(deed):
        yield from _reasons_of_all(deed, standing)


def _reasons_of_all(deed: Deed, standing: Standing) -> Iterator[Reason]:
    if standing.role is Role.FACILITATOR:
        yield Reason.YOU_FACILITATE
    if standing.role in FULL_ROLES:
        yield Reason.YOU_FOLLOW
    if standing.profession in deed.professions:
        yield Reason.YOUR_PROFESSION_IS_NEEDED
    if not standing.interests.isdisjoint(deed.interests):
        yield Reason.YOUR_INTEREST_IS_NEEDED
