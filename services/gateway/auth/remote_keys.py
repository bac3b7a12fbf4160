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


class _Place:
    """What is known of one address; only one thread at a time fetches from it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.keys: Sequence[Json] = ()
        self.fetched: float | None = None
        self.failed = ""

    def named(self, kid: str | None) -> list[Json]:
        return [key for key in self.keys if kid is None or key.get("kid") in (None, kid)]

    def is_older_than(self, seconds: float) -> bool:
        return self.fetched is None or time.monotonic() - self.fetched > seconds


class RemoteKeys:
    """JWK sets by address. Safe for threads; whoever is slow keeps nobody else waiting.

    Args:
        fetch: fetches one JSON document over HTTP, through the guarded client; raises `Unreachable`.
    """

    def __init__(self, fetch: Callable[[str], Json]) -> None:
        self._fetch = fetch
        self._places: Remembered[_Place] = Remembered(24 * 3_600.0, MOST_SETS)
        self._lock = threading.Lock()

    def keys(self, address: str, kid: str | None) -> Sequence[Json]:
        """The keys at an address that may be the one named `kid`; all when None.

        A key that is not there may be new: then the set is fetched again, but not more often than every
        twenty seconds, because anybody can name a key that nobody has.

        Raises:
            Unreachable: the set is not known and cannot be fetched, or is none.
        """
        place = self._place(address)
        with place.lock:
            found = place.named(kid)
            if place.is_older_than(KEPT if found else AGAIN_AT_MOST_EVERY):
                self._look(place, address)
                found = place.named(kid)
            if not found and place.failed:
                raise Unreachable(place.failed)
            return found

    def _place(self, address: str) -> _Place:
        with self._lock:
            return self._places.get(address) or self._places.put(address, _Place())

    def _look(self, place: _Place, address: str) -> None:
        """Fetch the set; when that fails, what was there is forgotten: keys may have been taken away there."""
        place.fetched, place.keys, place.failed = time.monotonic(), (), ""
        try:
            keys = self._fetch(address).get("keys")
        except Unreachable as reason:
            place.failed = str(reason)
            return
        if isinstance(keys, list) and len(keys) <= MOST_KEYS:
            place.keys = [key for key in keys if isinstance(key, dict)]
        else:
            place.failed = "what is there is no JWK set"
