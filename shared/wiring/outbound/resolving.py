"""Asking once which addresses a name has, for no longer than there is time."""

import socket
import threading
from collections.abc import Callable

from shared.wiring.outbound.failures import OutboundFailed

Resolve = Callable[[str, int, float], list[str]]
"""(host, port, seconds) → every address of it, in the order to be tried."""


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """Every address of a host, by the system's resolver (eventlet's, where that is in place).

    `getaddrinfo` knows no timeout, so it is asked in a thread of its own that is left behind when it takes
    too long; the resolver ends it by and by.

    Raises:
        OutboundFailed: there is no such name, or no answer in time.
    """
    found: list[str] = []
    done = threading.Event()

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except (OSError, UnicodeError):
            pass  # no such name; there is nothing more to say
        finally:
            done.set()

    threading.Thread(target=ask, name="outbound-resolving", daemon=True).start()
    if not done.wait(seconds):
        raise OutboundFailed("timeout", "The host's name was not resolved in time.")
    if not found:
        raise OutboundFailed("unresolved", "The host's name has no address.")
    return list(found)
