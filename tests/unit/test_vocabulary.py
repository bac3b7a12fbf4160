"""The words of the field as types: what they take, and that they refuse the rest as a field that is not right."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.contracts.vocabulary import Email, Moment

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
MOMENT: TypeAdapter[object] = TypeAdapter(Moment)


@pytest.mark.parametrize("given", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_no_calendar_holds_in_utc_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="is outside the calendar"):
        MOMENT.validate_python(given)


def test_a_moment_is_brought_to_utc_at_the_millisecond() -> None:
    assert (
        str(MOMENT.validate_python("2026-11-23T10:00:00.123456+01:00")) == "2026-11-23 09:00:00.123000+00:00"
    )


@pytest.mark.parametrize("given", [" Carys@Example.org\n", "carys@example.org", "ⱥ@ⱥ.cymru"])
def test_an_address_is_kept_small_and_without_what_is_around_it(given: str) -> None:
    assert EMAIL.validate_python(given) == given.strip().lower()


@pytest.mark.parametrize("inside", ["\x00", "\t", "\n", "\x1d", " ", "\x7f", "\x85", "\xa0", "\u2003", "@"])
def test_an_address_holds_no_white_space_and_no_control_character(inside: str) -> None:
    for given in (f"ca{inside}rys@example.org", f"carys@exa{inside}mple.org", f"carys@example.o{inside}rg"):
        with pytest.raises(ValidationError):
            EMAIL.validate_python(given)
