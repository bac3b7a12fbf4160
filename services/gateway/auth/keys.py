"""The keys that sign access tokens: files in a folder that all gateways of a node share.

Each file holds one private key and the moment from which it signs. A new key is published before it signs,
so that whoever keeps a copy of `/oauth/jwks.json` has it in time; an old one is published, and believed,
until the last token that it signed has ended. Every gateway looks at the folder again every few seconds.
"""

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from joserfc.jwk import ECKey

ALGORITHM = "ES256"
LOOK_AGAIN = 5.0
LIFETIME = 900
"""Seconds that an access token lasts."""
PUBLISHED_BEFORE = 600
"""Seconds that a new key is published before it signs: twice as long as others may keep the JWK set."""
MARGIN = 60
"""Seconds for clocks that differ and gateways that have not looked yet."""


class NoSuchKey(Exception):
    """There is no key of that id."""


class StillNeeded(Exception):
    """The key cannot go: it signs, it will sign, or tokens that it signed are still good."""


@dataclass(frozen=True)
class SigningKey:
    """One key of the folder.

    Args:
        number: its place in the order of keys.
        key: the private key.
        signs_from: seconds since 1970 from which it signs.
        ends: seconds since 1970 at which its last token has ended; None while no other key follows it.
    """

    number: int
    key: ECKey
    signs_from: float
    ends: float | None = None

    @property
    def kid(self) -> str:
        """Its id in tokens and in the JWK set: the thumbprint of the public half (RFC 7638)."""
        return str(self.key.kid)

    def state(self, at: float) -> str:
        """Whether it is `coming`, `signing`, `ending` (its tokens are still good) or `ended`."""
        if self.ends is not None and at >= self.ends - LIFETIME - MARGIN:
            return "ending" if at < self.ends else "ended"
        return "coming" if at < self.signs_from else "signing"


class SigningKeys:
    """The keys of a folder; the first key is made when there is none. Safe for threads.

    Args:
        folder: made with mode 0700 when it is not there; key files have mode 0600.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._keys: Sequence[SigningKey] = ()
        self._by_kid: dict[str, SigningKey] = {}
        self._looked = 0.0
        self._as_it_was = 0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._files():
            self._lay_down(1, ECKey.generate_key("P-256"), 0)
        self._look()

    def all(self) -> Sequence[SigningKey]:
        """Every key of the folder, the oldest first."""
        self._look_now_and_then()
        return self._keys

    def signing(self) -> ECKey:
        """The key that signs now."""
        keys, now = self.all(), time.time()
        return next((one for one in reversed(keys) if one.signs_from <= now), keys[0]).key

    def find(self, kid: str) -> ECKey | None:
        """The key of that id, unless it has ended; the folder is read again for one that another gateway made."""
        self._look_now_and_then()
        if kid not in self._by_kid and self._has_changed():
            self._look()
        found = self._by_kid.get(kid)
        return None if found is None or found.state(time.time()) == "ended" else found.key

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves of all keys that have not ended, as the JWK set of `/oauth/jwks.json`."""
        now = time.time()
        keys = [one.key.as_dict(private=False) for one in self.all() if one.state(now) != "ended"]
        return {"keys": [{**key, "use": "sig", "alg": ALGORITHM} for key in keys]}

    def add(self, at_once: bool = False) -> SigningKey:
        """Lay down a new key.

        Args:
            at_once: let it sign now, and not only when everybody has had time to fetch it; for when the
                present key is no longer one's own.
        """
        number = int(self._files()[-1].stem.rpartition("-")[2]) + 1
        self._lay_down(
            number, ECKey.generate_key("P-256"), time.time() + (0 if at_once else PUBLISHED_BEFORE)
        )
        self._look()
        return self._keys[-1]

    def retire(self, kid: str, at_once: bool = False) -> None:
        """Take a key away for good.

        Args:
            kid: its id.
            at_once: also when tokens that it signed are still good; they end with it.

        Raises:
            NoSuchKey: it is not there.
            StillNeeded: it has not ended; with `at_once`, when no other key signs.
        """
        self._look()
        now = time.time()
        key = self._by_kid.get(kid)
        if key is None:
            raise NoSuchKey(kid)
        state = key.state(now)
        if state in ("coming", "signing") or (state == "ending" and not at_once):
            raise StillNeeded(state)
        (self.folder / _name(key.number)).unlink(missing_ok=True)
        self._look()

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("access-tokens-*.json"))

    def _lay_down(self, number: int, key: ECKey, signs_from: float) -> None:
        key.ensure_kid()
        with NamedTemporaryFile("w", dir=self.folder, prefix=".new-", delete=False) as file:
            json.dump({"key": key.as_dict(private=True), "signs_from": signs_from}, file)
        try:
            # A link, unlike a rename, leaves the key of a gateway that was quicker.
            os.link(file.name, self.folder / _name(number))
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()

    def _look_now_and_then(self) -> None:
        if time.monotonic() - self._looked > LOOK_AGAIN:
            self._look()

    def _has_changed(self) -> bool:
        return self.folder.stat().st_mtime_ns != self._as_it_was

    def _look(self) -> None:
        with self._lock:
            self._as_it_was = self.folder.stat().st_mtime_ns
            read = [_read(file) for file in self._files()]
            self._keys = [_ending(one, read[place + 1 :]) for place, one in enumerate(read)]
            self._by_kid = {one.kid: one for one in self._keys}
            self._looked = time.monotonic()


def _name(number: int) -> str:
    return f"access-tokens-{number:04}.json"


def _read(file: Path) -> SigningKey:
    content = json.loads(file.read_text())
    # The first keys were written bare, and sign from the beginning.
    key = ECKey.import_key(content.get("key", content))
    key.ensure_kid()
    return SigningKey(int(file.stem.rpartition("-")[2]), key, content.get("signs_from", 0))


def _ending(key: SigningKey, later: Sequence[SigningKey]) -> SigningKey:
    """The key with its end, which follows from when the first of the later keys begins to sign."""
    if not later:
        return key
    return replace(key, ends=min(one.signs_from for one in later) + LIFETIME + MARGIN)
