"""What to do with a body that nobody has read, because the request was refused before.

A server that leaves it unread closes the connection, and a caller who sends the next request on it
gets no answer at all. So a caller who is known is heard out, within bounds; for a stranger, who could hold a
thread by speaking slowly, the answer says that the connection ends.
"""

from collections.abc import Callable

from flask import Response, g, request

from services.gateway.door.late_headers import say

MOST = 1 << 20
"""How many bytes are read and dropped."""

PART = 65_536


def hear_out(response: Response) -> None:
    """Leave the connection such that the caller can tell whether it may be used again."""
    environ = request.environ
    if environ.get("CONTENT_LENGTH") in {None, "", "0"} and "HTTP_TRANSFER_ENCODING" not in environ:
        return
    if "caller" in g:
        if not _read_to_the_end(environ["wsgi.input"].read):
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
