"""The keys that sign access tokens: files in a folder that all gateways of a node share.

Each file holds one private key as a JWK. The one with the highest number signs; all of them verify, so
that a new key can be laid beside the old one and the old one taken away once its last token has ended.
"""

import json
import os
import threading
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from joserfc.jwk import ECKey

ALGORITHM = "ES256"
LOOK_AGAIN = 5.0


class SigningKeys:
    """The keys of a folder; the first key is made when there is none.

    Args:
        folder: made with mode 0700 when it is not there; key files have mode 0600.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._by_kid: dict[str, ECKey] = {}
        self._looked = 0.0
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._files():
            self._lay_down(1, ECKey.generate_key("P-256"))
        self._look()

    def signing(self) -> ECKey:
        """The key that signs now."""
        return list(self._by_kid.values())[-1]

    def find(self, kid: str) -> ECKey | None:
        """The key of that id; now and then the folder is read again for one that another gateway made."""
        if kid not in self._by_kid and time.monotonic() - self._looked > LOOK_AGAIN:
            self._look()
        return self._by_kid.get(kid)

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """The public halves, as the JWK set of `/oauth/jwks.json`."""
        keys = [key.as_dict(private=False) for key in self._by_kid.values()]
        return {"keys": [{**key, "use": "sig", "alg": ALGORITHM} for key in keys]}

    def add(self) -> str:
        """Lay down a new key, which signs from now on; returns its id."""
        number = int(self._files()[-1].stem.rpartition("-")[2]) + 1
        self._lay_down(number, ECKey.generate_key("P-256"))
        self._look()
        return str(self.signing().kid)

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("access-tokens-*.json"))

    def _lay_down(self, number: int, key: ECKey) -> None:
        key.ensure_kid()
        with NamedTemporaryFile("w", dir=self.folder, prefix=".new-", delete=False) as file:
            json.dump(key.as_dict(private=True), file)
        try:
            # A link, unlike a rename, leaves the key of a gateway that was quicker.
            os.link(file.name, self.folder / f"access-tokens-{number:04}.json")
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()

    def _look(self) -> None:
        with self._lock:
            keys = [ECKey.import_key(json.loads(file.read_text())) for file in self._files()]
            for key in keys:
                key.ensure_kid()
            self._by_kid = {str(key.kid): key for key in keys}
            self._looked = time.monotonic()
