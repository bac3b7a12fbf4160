"""Positions: they grow with time, and none is before the first."""

from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.domain.inbox import EPOCH, first_position, last_position, moment_of

LONG_AGO = [datetime(1, 1, 1, tzinfo=UTC), datetime(700, 1, 6, tzinfo=UTC), EPOCH - timedelta(milliseconds=1)]


@pytest.mark.parametrize("moment", LONG_AGO)
def test_what_was_before_everything_stands_before_everything(moment: datetime) -> None:
    assert first_position(moment) == first_position(EPOCH) == 0
    assert last_position(moment) == last_position(EPOCH) < first_position(EPOCH + timedelta(milliseconds=1))


def test_a_position_says_when() -> None:
    moment = datetime(2026, 11, 23, 9, 0, 0, 7_000, tzinfo=UTC)
    assert moment_of(first_position(moment)) == moment_of(last_position(moment)) == moment
