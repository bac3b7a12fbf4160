"""Inbox rows: once per person and thing, reasons merged, in an order that grows with time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.inbox import first_position, last_position, moment_of, position_of
from services.notifications.domain.notification import Row, merged, nudge_for, rows_for, shown
from services.notifications.domain.preference import is_heard_at, level_for
from shared.contracts.vocabulary import Level, NotificationKind, Reason
from tests.unit.notifications.test_audience import ASKER, MENTIONED, NOON, SOMEBODY, deed

MOMENTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2199, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def row(*reasons: Reason, unread: bool = True) -> Row:
    (one,) = rows_for(deed(), [SOMEBODY], reasons, position_of("post.x", NOON))
    return {**one, "unread": unread} | ({} if unread else {"read_at": NOON})


def test_a_row_is_the_same_whenever_and_wherever_it_is_made() -> None:
    first = rows_for(deed(), [SOMEBODY, MENTIONED], [Reason.YOU_FOLLOW], 1)
    again = rows_for(deed(), [MENTIONED, SOMEBODY], [Reason.YOU_FOLLOW], 2)
    assert {one["_id"] for one in first} == {one["_id"] for one in again}
    assert len({one["_id"] for one in first}) == 2


def test_reasons_come_together_in_the_row_that_is_there() -> None:
    result = merged(row(Reason.YOU_FOLLOW), row(Reason.YOU_ASKED), NotificationKind.POST_ADDED)
    assert result is not None
    assert result["reasons"] == ["you asked", "you follow"]
    assert result["unread"]


def test_the_same_reasons_again_change_nothing() -> None:
    both = row(Reason.YOU_FOLLOW, Reason.YOU_ASKED)
    assert merged(both, row(Reason.YOU_ASKED), NotificationKind.POST_ADDED) is None


def test_a_late_mention_is_news_to_who_has_read_and_other_reasons_are_not() -> None:
    was = row(Reason.YOU_FOLLOW, unread=False)
    mention = {**row(Reason.YOU_WERE_MENTIONED), "position": was["position"] + 1, "deed": "mention.x"}
    news = merged(was, mention, NotificationKind.MENTIONED)
    assert news is not None
    assert news["unread"]
    assert "read_at" not in news
    assert (news["position"], news["deed"]) == (mention["position"], "mention.x")
    assert merged(news, mention, NotificationKind.MENTIONED) is None
    quiet = merged(was, row(Reason.YOU_ASKED), NotificationKind.POST_ADDED)
    assert quiet is not None
    assert not quiet["unread"]


def test_a_row_is_shown_with_what_was_done() -> None:
    notification = shown(row(Reason.YOU_FOLLOW, unread=False), deed(), "Falls")
    assert notification.by == "Ana"
    assert notification.community_title == "Falls"
    assert notification.at == NOON
    assert notification.read_at == NOON


def test_a_nudge_says_the_common_part_once() -> None:
    position = position_of("post.x", NOON)
    nudge = nudge_for(deed(), "Falls", position, {(Reason.YOU_FOLLOW,): [SOMEBODY, MENTIONED], (): [ASKER]})
    assert nudge.at == NOON
    assert nudge.reached[0].members == (SOMEBODY, MENTIONED)


@given(MOMENTS, st.text(), st.text())
def test_positions_grow_with_time_and_stay_within_their_millisecond(
    moment: datetime, one: str, other: str
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    position = position_of(one, moment)
    assert first_position(moment) <= position <= last_position(moment) < 2**63
    assert position < position_of(other, moment + timedelta(milliseconds=1))
    assert moment_of(position) == moment
    assert position_of(one, moment) == position


def test_a_level_lets_through_what_needs_no_more() -> None:
    assert is_heard_at(Level.ALL, Level.MENTIONS_AND_ANSWERS)
    assert not is_heard_at(Level.NOTHING, Level.MENTIONS_AND_ANSWERS)
    assert level_for(Level.ALL, Level.NOTHING) is Level.NOTHING
    assert level_for(Level.ALL, None) is Level.ALL
