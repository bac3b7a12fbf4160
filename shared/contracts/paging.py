"""Cursors: where a page ended, bound to the listing and the caller it was given to.

A cursor grants nothing: every page asks again what the caller may see. The digest in it only
keeps one listing's cursor from being used, by mistake or mischief, in another.
"""

import base64
import binascii
import hashlib
import json

from pydantic_core import from_json

from shared.contracts.calls.call import Listing
from shared.errors import Invalid

Position = list[str | int | float | None]
LONGEST = 600


def _listing_digest(call: Listing) -> str:
    question = json.dumps([call.method(), call.caller.member, call.question()], sort_keys=True)
    return hashlib.sha256(question.encode()).hexdigest()[:16]


def write_cursor(call: Listing, position: Position) -> str:
    """The cursor for what follows `position`, the sort values of the last item on this page."""
    text = json.dumps([_listing_digest(call), *position], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(call: Listing) -> Position | None:
    """The position after which this page begins, None for the first page.

    Raises:
        Invalid: `cursor-invalid`, when it was not given by this listing to this caller.
    """
    if call.after is None:
        return None
    try:
        if len(call.after) > LONGEST:
            raise ValueError
        padded = call.after + "=" * (-len(call.after) % 4)
        values = from_json(base64.b64decode(padded, altchars=b"-_", validate=True), allow_inf_nan=False)
        if not isinstance(values, list) or values[:1] != [_listing_digest(call)]:
            raise ValueError
        if not all(value is None or isinstance(value, str | int | float) for value in values):
            raise ValueError
    except (ValueError, binascii.Error):
        raise Invalid(
            "This cursor was not given by this listing; start again without `after`.",
            "cursor-invalid",
            "after",
        ) from None
    return values[1:]
