"""How many threads may be reading bodies at once, so that slow bodies cannot hold them all.

The server waits for a body as long as its sender likes. Whoever sends slowly holds a thread each time, and
there are few; so only some of them read, and a body for which none is free is turned away at once.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from services.gateway.problems import Problem
from shared.contracts.calls.call import Caller

STRANGERS = "strangers"
"""Who reads before a credential has been checked: all strangers together are one."""

COME_BACK = "2"


class Bodies:
    """Reads bodies, each within bounds. Safe for threads.

    Args:
        threads: how many the server has. Three quarters of them may read at once, a quarter for one known
            caller, an eighth for all strangers together.
    """

    def __init__(self, threads: int) -> None:
        self.most = max(1, threads * 3 // 4)
        self.most_each = max(1, threads // 4)
        self.most_strangers = max(1, threads // 8)
        self._lock = threading.Lock()
        self._reading: Counter[Hashable] = Counter()

    @contextmanager
    def reading(self, who: Hashable) -> Iterator[None]:
        """Hold a place among those who read.

        Args:
            who: the sender, or STRANGERS.

        Raises:
            Problem: 503 when there is no place.
        """
        if not self._take(who):
            raise Problem(
                "unavailable",
                "Too many requests are being read; try again.",
                headers={"Retry-After": COME_BACK},
            )
        try:
            yield
        finally:
            self._give_back(who)

    def whole(self, request: Request, who: Hashable) -> bytes:
        """The body, from now on kept with the request; raises 413 when it is too large, and as `reading` does."""
        if not has_body(request):
            return b""
        with self.reading(who):
            body = request.get_data()
            # Werkzeug ends a body that has no length at the limit, and says nothing.
            at_limit = request.content_length is None and len(body) == request.max_content_length
            if at_limit and request.environ["wsgi.input"].read(1):
                raise RequestEntityTooLarge
        return body

    def is_empty(self, request: Request, who: Hashable) -> bool:
        """Whether no body came; one that says its length is not read to find out. Raises as `reading` does."""
        if not has_body(request):
            return True
        if "HTTP_TRANSFER_ENCODING" not in request.environ:
            return False
        with self.reading(who):
            return not request.environ["wsgi.input"].read(1)

    def _take(self, who: Hashable) -> bool:
        most = self.most_strangers if who == STRANGERS else self.most_each
        with self._lock:
            if self._reading[who] >= most or self._reading.total() >= self.most:
                return False
            self._reading[who] += 1
            return True

    def _give_back(self, who: Hashable) -> None:
        with self._lock:
            self._reading[who] -= 1
            if not self._reading[who]:
                del self._reading[who]


def sender(caller: Caller) -> Hashable:
    """As whom a known caller reads."""
    return caller.client, caller.member


def has_body(request: Request) -> bool:
    """Whether something follows the headers, or may follow; its reading could take as long as its sender likes."""
    environ = request.environ
    return environ.get("CONTENT_LENGTH") not in {None, "", "0"} or "HTTP_TRANSFER_ENCODING" in environ
