"""What only this node's gateways can read: providers' secrets in the database, attempts to sign in at browsers.

Sealed with a key in the folder that the gateways share, by JWE with a direct AES-256-GCM key (RFC 7516); the
purpose is sealed too, so that what was made for one is never taken for another.
"""

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

NAME = "sealing.json"
ALGORITHMS = ["dir", "A256GCM"]
LONGEST = 8_192


class NotSealedHere(Exception):
    """This was not sealed by a gateway of this node, or for another purpose."""


class Sealing:
    """Seals texts and opens them; the key is made when there is none.

    Args:
        folder: where the gateways' keys are.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / NAME
        if not file.exists():
            with NamedTemporaryFile("w", dir=folder, prefix=".new-", delete=False) as draft:
                json.dump(OctKey.generate_key(256).as_dict(private=True), draft)
            try:
                os.link(draft.name, file)  # leaves the key of a gateway that was quicker
            except FileExistsError:
                pass
            finally:
                Path(draft.name).unlink()
        self._key = OctKey.import_key(json.loads(file.read_text()))

    def seal(self, purpose: str, text: str) -> str:
        """The text as nobody else can read or change it; ASCII that may stand in a cookie."""
        header = {"alg": "dir", "enc": "A256GCM", "typ": purpose}
        return jwe.encrypt_compact(header, text.encode(), self._key, algorithms=ALGORITHMS)

    def open(self, purpose: str, sealed: str) -> str:
        """The text again.

        Raises:
            NotSealedHere: it was sealed elsewhere, for another purpose, or changed.
        """
        try:
            if len(sealed) > LONGEST:
                raise NotSealedHere
            found = jwe.decrypt_compact(sealed, self._key, algorithms=ALGORITHMS)
            if found.protected.get("typ") != purpose or found.plaintext is None:
                raise NotSealedHere
            return found.plaintext.decode()
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotSealedHere from error
