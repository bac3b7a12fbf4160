"""The words of the field as types: what they take, and that they refuse the rest as a field that is not right."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.vocabulary import Moment

MOMENT: TypeAdapter[object] = TypeAdapter(Moment)


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_no_calendar_holds_in_utc_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="is outside the calendar"):
        MOMENT.validate_python(given)


def test_a_moment_is_brought_to_utc_at_the_millisecond() -> None:
    assert (
        str(MOMENT.validate_python("2026-11-23T10:00:00.123456+01:00")) == "2026-11-23 09:00:00.123000+00:00"
    )
