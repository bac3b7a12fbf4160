"""Where a page of a listing begins and ends, in the listings' orders: by name, by time and by id."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from shared.contracts.calls.call import Listing
from shared.contracts.paging import read_cursor, write_cursor
from shared.errors import Invalid

T = TypeVar("T")


def after_name(call: Listing) -> tuple[str, str] | None:
    """The sort key and id after which a page by name begins, None for the first page.

    Raises:
        Invalid: `cursor-invalid`.
    """
    match read_cursor(call):
        case None:
            return None
        case [str(key), str(id)]:
            return key, id
        case _:
            raise cursor_invalid()


def after_time(call: Listing) -> tuple[datetime, str] | None:
    """The moment and id after which a page by time begins, None for the first page.

    Raises:
        Invalid: `cursor-invalid`.
    """
    match read_cursor(call):
        case None:
            return None
        case [str(moment), str(id)]:
            try:
                return datetime.fromisoformat(moment), id
            except ValueError:
                raise cursor_invalid() from None
        case _:
            raise cursor_invalid()


def after_id(call: Listing) -> str | None:
    """The id after which a page by id begins, None for the first page.

    Raises:
        Invalid: `cursor-invalid`.
    """
    match read_cursor(call):
        case None:
            return None
        case [str(id)]:
            return id
        case _:
            raise cursor_invalid()


def cut_by_id(call: Listing, found: list[T], id_of: Callable[[T], str]) -> tuple[list[T], str | None]:
    """As `cut_by_name`, in the order of ids."""
    page = found[: call.limit]
    return page, write_cursor(call, [id_of(page[-1])]) if len(found) > call.limit else None


def cut_by_name(
    call: Listing, found: list[T], key_and_id: Callable[[T], tuple[str, str]]
) -> tuple[list[T], str | None]:
    """Cut `found`, which holds one more than the page if there is more, to the page and the next page's cursor.

    Args:
        key_and_id: a row's sort key as it was when the rows were read in its order, and its id.
    """
    page = found[: call.limit]
    if len(found) <= call.limit:
        return page, None
    return page, write_cursor(call, [*key_and_id(page[-1])])


def cut_by_time(
    call: Listing, found: list[T], time_and_id: Callable[[T], tuple[datetime, str]]
) -> tuple[list[T], str | None]:
    """As `cut_by_name`, in the order of time."""
    page = found[: call.limit]
    if len(found) <= call.limit:
        return page, None
    moment, id = time_and_id(page[-1])
    return page, write_cursor(call, [moment.isoformat(), id])


def cursor_invalid() -> Invalid:
    """The refusal for a cursor that this listing has not given."""
    return Invalid(
        "This cursor was not given by this listing; start again without `after`.", "cursor-invalid", "after"
    )
