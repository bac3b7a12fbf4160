"""Where a page ended, in the words of each listing; a cursor that was tampered with is refused."""

import math
from datetime import datetime

from services.discussion.repositories.found import Hit
from services.discussion.repositories.posts import Position
from shared.contracts.calls.call import Listing
from shared.contracts.paging import read_cursor, write_cursor
from shared.errors import Invalid


def _invalid() -> Invalid:
    return Invalid(
        "This cursor was not given by this listing; start again without `after`.", "cursor-invalid", "after"
    )


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise _invalid() from None
    if moment.tzinfo is None:
        raise _invalid()
    return moment


def after_moment(call: Listing) -> tuple[datetime, str] | None:
    """The moment and id after which a page of threads begins."""
    match read_cursor(call):
        case None:
            return None
        case [str(moment), str(id)]:
            return _moment(moment), id
    raise _invalid()


def moment_cursor(call: Listing, moment: datetime, id: str) -> str:
    """The cursor for what follows a page of threads that ends here."""
    return write_cursor(call, [moment.isoformat(), id])


def after_post(call: Listing) -> Position | None:
    """The place in a thread after which a page of posts begins."""
    match read_cursor(call):
        case None:
            return None
        case [str(moment), int(place), str(id)] if abs(place) < 2**31:
            return _moment(moment), place, id
    raise _invalid()


def post_cursor(call: Listing, position: Position) -> str:
    """The cursor for what follows a page of posts that ends here."""
    moment, place, id = position
    return write_cursor(call, [moment.isoformat(), place, id])


def before_revision(call: Listing) -> int | None:
    """The revision below which a page of versions begins."""
    match read_cursor(call):
        case None:
            return None
        case [int(revision)] if abs(revision) < 2**31:
            return revision
    raise _invalid()


def revision_cursor(call: Listing, revision: int) -> str:
    """The cursor for what follows a page of versions that ends here."""
    return write_cursor(call, [revision])


def after_hit(call: Listing) -> Hit | None:
    """The hit after which a page of a search begins."""
    match read_cursor(call):
        case None:
            return None
        case [str(post), float(score) | int(score)] if math.isfinite(score):
            return Hit(post, float(score))
    raise _invalid()


def hit_cursor(call: Listing, hit: Hit) -> str:
    """The cursor for what follows a page of a search that ends here."""
    return write_cursor(call, [hit.post, hit.score])
