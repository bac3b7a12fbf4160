"""What to do with a body that nobody has read, because the request was refused before.

A server that leaves it unread closes the connection, and a caller who sends the next request on it
gets no answer at all. So a caller who is known is heard out, within bounds; for a stranger, who could hold a
thread by speaking slowly, the answer says that the connection ends.
"""

from collections.abc import Callable

from flask import Response, g, request

from services.gateway.door.bodies import Bodies, has_body, sender
from services.gateway.door.late_headers import say
from services.gateway.problems import Problem

MOST = 1 << 20
"""How many bytes are read and dropped."""

PART = 65_536


def hear_out(response: Response, bodies: Bodies) -> None:
    """Leave the connection such that the caller can tell whether it may be used again."""
    environ = request.environ
    if not has_body(request):
        return
    if "caller" in g:
        try:
            with bodies.reading(sender(g.caller)):
                is_heard_out = _read_to_the_end(environ["wsgi.input"].read)
        except Problem:
            is_heard_out = False  # too many are being read
        if not is_heard_out:
            say(environ, "Connection", "close")
    elif response.status_code >= 400:
        say(environ, "Connection", "close")


def _read_to_the_end(read: Callable[[int], bytes]) -> bool:
    heard = 0
    while part := read(PART):
        heard += len(part)
        if heard > MOST:
            return False
    return True
