"""The public keys of others, fetched from where they publish them and kept for some minutes."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.gateway.auth.remembered import Remembered

KEPT = 300.0
AGAIN_AT_MOST_EVERY = 20.0
"""Seconds between two fetches for keys that are not there, which anybody can make up."""
MOST_SETS = 1_000
MOST_KEYS = 50

Json = Mapping[str, Any]


class Unreachable(Exception):
    """What is elsewhere cannot be had just now; the text says why, for whoever runs that place."""


class RemoteKeys:
    """JWK sets by address. Safe for threads.

    Args:
        fetch: fetches one JSON document over HTTP, through the guarded client; raises `Unreachable`.
    """

    def __init__(self, fetch: Callable[[str], Json]) -> None:
        self._fetch = fetch
        self._sets: Remembered[Sequence[Json]] = Remembered(KEPT, MOST_SETS)
        self._fetched: Remembered[float] = Remembered(KEPT, MOST_SETS)
        self._lock = threading.Lock()

    def keys(self, address: str, kid: str | None) -> Sequence[Json]:
        """The keys at an address that may be the one named `kid`; all when None.

        A key that is not there may be new: then the set is fetched again, but not more often than every
        twenty seconds, because anybody can name a key that nobody has.

        Raises:
            Unreachable: the set is not known and cannot be fetched, or is none.
        """
        found = self._named(self._sets.get(address), kid)
        if found:
            return found
        with self._lock:
            found = self._named(self._sets.get(address), kid)
            last = self._fetched.get(address)
            if found or (last is not None and time.monotonic() - last < AGAIN_AT_MOST_EVERY):
                return found
            self._fetched.put(address, time.monotonic())
            keys = self._fetch(address).get("keys")
            if not isinstance(keys, list) or len(keys) > MOST_KEYS:
                raise Unreachable("what is there is no JWK set")
            known = self._sets.put(address, [key for key in keys if isinstance(key, dict)])
        return self._named(known, kid)

    @staticmethod
    def _named(keys: Sequence[Json] | None, kid: str | None) -> list[Json]:
        return [key for key in keys or () if kid is None or key.get("kid") in (None, kid)]
