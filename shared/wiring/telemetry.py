"""One trace from the door to the inbox: the W3C trace context of the work in hand.

A trace begins at the gateway (or continues a partner's), rides in the headers of every call and in
the `traceparent` of every fact, and stands in every log line. Source: W3C Trace Context, level 1.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TRACEPARENT = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def current() -> str | None:
    """The trace context of the work in hand, as a `traceparent` value; None outside any."""
    return _current.get()


def trace_id() -> str | None:
    """The 32 hex digits by which an operator finds everything that one request caused."""
    traceparent = _current.get()
    return traceparent[3:35] if traceparent else None


def onward(traceparent: str | None) -> str:
    """A `traceparent` for a new span of the given trace, or of a new trace when there is none or it is malformed."""
    if traceparent and _TRACEPARENT.match(traceparent):
        return f"{traceparent[:36]}{secrets.token_hex(8)}{traceparent[52:]}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


@contextmanager
def begin(traceparent: str | None) -> Iterator[str]:
    """Do the work inside under a new span of `traceparent`; yields the new value."""
    mine = onward(traceparent)
    token = _current.set(mine)
    try:
        yield mine
    finally:
        _current.reset(token)
