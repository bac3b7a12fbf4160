"""How far a stream is, as text that a client gives back."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.stream.position import (
    LONGEST,
    MOST_SENT,
    REACH,
    NotAPosition,
    behind,
    place_of,
    read_position,
    write_position,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FLOOR = place_of(NOON - timedelta(seconds=5))


@given(st.sets(st.integers(1, 2**34), max_size=MOST_SENT))
def test_what_is_written_is_read(steps: set[int]) -> None:
    sent = {FLOOR + step for step in steps}
    text = write_position(FLOOR, sent)
    assert len(text) <= LONGEST
    assert read_position(text, NOON) == (FLOOR, sent)


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda junk: junk.decode("latin-1")))
def test_junk_is_refused_and_never_believed(text: str) -> None:
    try:
        floor, sent = read_position(text, NOON)
    except NotAPosition:
        return
    # A text that happens to be one says nothing that a stream could not have said.
    assert floor <= place_of(NOON + timedelta(minutes=1))
    assert all(place >= floor for place in sent)


@pytest.mark.parametrize("text", ["", "$x", "-1", "1" + "0" * 30, "A" * (LONGEST + 4), "\N{SNOWMAN}", "AQ"])
def test_what_no_stream_wrote(text: str) -> None:
    with pytest.raises(NotAPosition):
        read_position(text, NOON)


def test_a_position_in_the_future_was_never_given_out() -> None:
    with pytest.raises(NotAPosition):
        read_position(write_position(place_of(NOON + timedelta(minutes=2)), ()), NOON)


def test_a_very_old_position_is_brought_forward() -> None:
    old = place_of(NOON - timedelta(days=100))
    floor, sent = read_position(write_position(old, {old + 1}), NOON)
    assert floor == place_of(NOON - timedelta(days=7))
    assert sent == frozenset()


@pytest.mark.parametrize("sent", [range(FLOOR + 1, FLOOR + MOST_SENT + 2), [FLOOR], [FLOOR + REACH]])
def test_what_no_position_can_say_is_not_cut(sent: Collection[int]) -> None:
    with pytest.raises(ValueError, match="no position"):
        write_position(FLOOR, sent)


def test_behind_never_falls_below_nothing() -> None:
    assert behind(5) == 0
    assert behind(place_of(NOON)) == FLOOR
