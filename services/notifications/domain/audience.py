"""Who should know of a deed, and why.

`REACH` is the whole policy; the table in docs/notifications.md is checked against it. The answer
depends only on the deed and on how a member stands to it, never on the order in which facts arrived.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import product
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
    NotificationKind.WEBHOOK_DISABLED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.EXPORT_READY: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.AGREEMENT_MOVED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.POST_HELD: {Reason.YOU_FACILITATE: ADDRESSED},
    NotificationKind.HELD_POST_RELEASED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.HELD_POST_DECLINED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.POST_REPORTED: {Reason.YOU_FACILITATE: ADDRESSED},
    NotificationKind.APPEAL_MADE: {Reason.YOU_FACILITATE: ADDRESSED},
    NotificationKind.CASE_WAITS: {Reason.YOU_FACILITATE: ADDRESSED},
    NotificationKind.CASE_DECIDED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
    NotificationKind.REPORT_DECIDED: {Reason.IT_IS_ABOUT_YOU: ALWAYS},
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
    """Members of a community with the same role and level; `sinces` lies beside `members`, `latest` is its last."""

    role: Role
    level: Level
    members: tuple[str, ...]
    sinces: tuple[datetime, ...]
    latest: datetime

    def members_at(self, moment: datetime) -> tuple[str, ...]:
        """Those who were in by `moment`."""
        if self.latest <= moment:
            return self.members
        return tuple(
            member for member, since in zip(self.members, self.sinces, strict=True) if since <= moment
        )


class Crowd(NamedTuple):
    """Everybody who sees the whole of a community, and who of them has which profession or interest."""

    cohorts: tuple[Cohort, ...]
    by_profession: Mapping[str, frozenset[str]]
    by_interest: Mapping[str, frozenset[str]]
    organisations: Mapping[str, str | None]


def strongest_first(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Each reason once, in the order in which `Reason` declares them."""
    return tuple(sorted(set(reasons), key=_STRENGTH.__getitem__))


def concerns_everybody(deed: Deed) -> bool:
    """Whether a deed may reach members whom neither it nor a tie names: by role, profile or presence."""
    return deed.kind in (
        NotificationKind.THREAD_OPENED,
        NotificationKind.JOIN_REQUESTED,
        NotificationKind.POST_HELD,
        NotificationKind.POST_REPORTED,
        NotificationKind.APPEAL_MADE,
        NotificationKind.CASE_WAITS,
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
    if member == deed.by or member in deed.parties or not may_know(deed, member, standing, tie):
        return ()
    level = level_for(standing.level, tie.level if tie else None)
    return _heard(deed, level, _reasons(deed, member, standing, tie))


def reasons_for_crowd(
    deed: Deed, crowd: Crowd, apart: AbstractSet[str]
) -> Iterator[tuple[tuple[Reason, ...], list[str]]]:
    """Why whom of a crowd should know of `deed`, the same as asking `reasons_for` of each, but for ten thousand.

    Args:
        deed: what was done; it concerns everybody.
        crowd: of its community.
        apart: members who are asked about singly, because it names them or they did it.

    Yields:
        reasons, strongest first, with those who have just these.
    """
    of_profession = _union(crowd.by_profession, deed.professions)
    of_interest = _union(crowd.by_interest, deed.interests)
    for cohort in crowd.cohorts:
        others = [member for member in cohort.members_at(deed.at) if member not in apart]
        for is_wanted, is_interested in product((False, True), repeat=2):
            reasons = _heard(deed, cohort.level, _reasons_of_all(cohort.role, is_wanted, is_interested))
            if not reasons:
                continue
            members = others
            if of_profession:
                members = [member for member in members if (member in of_profession) is is_wanted]
            elif is_wanted:
                continue
            if of_interest:
                members = [member for member in members if (member in of_interest) is is_interested]
            elif is_interested:
                continue
            if members:
                yield reasons, members


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
        is_wanted = standing.profession in deed.professions
        is_interested = not standing.interests.isdisjoint(deed.interests)
        yield from _reasons_of_all(standing.role, is_wanted, is_interested)


def _reasons_of_all(role: Role | None, is_wanted: bool, is_interested: bool) -> Iterator[Reason]:
    if role is Role.FACILITATOR:
        yield Reason.YOU_FACILITATE
    if role in FULL_ROLES:
        yield Reason.YOU_FOLLOW
    if is_wanted:
        yield Reason.YOUR_PROFESSION_IS_NEEDED
    if is_interested:
        yield Reason.YOUR_INTEREST_IS_NEEDED


def _union(groups: Mapping[str, frozenset[str]], wanted: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(groups.get(word, frozenset()) for word in wanted))
