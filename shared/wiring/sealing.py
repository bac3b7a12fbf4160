"""Secrets that must be read again, sealed where they are kept: who holds the database holds none of them.

AES-256-GCM with a key from the node's key folder, and bound to what the secret belongs to, so that a
sealed secret is of no use in the place of another. Source: NIST SP 800-38D.
"""

import base64
import binascii
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class NotSealedHere(Exception):
    """It was sealed with a key that is not in the folder, or for something else, or was changed."""


class Seal:
    """Seals with the newest key of a folder, and opens with any of them.

    Each file holds one key of 32 bytes, `sealing-0001.key` and on; the one with the highest number seals, so
    that a new key can be laid beside the old one.

    Args:
        folder: made with mode 0700 when it is not there; all processes of a node share it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._files():
            self._lay_down()

    def seal(self, secret: str, owner: str) -> str:
        """The secret as it may be kept: `<key>.<nonce and ciphertext in base64>`."""
        file = self._files()[-1]
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(file.read_bytes()).encrypt(nonce, secret.encode(), owner.encode())
        return f"{_number(file)}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, owner: str) -> str:
        """The secret again.

        Raises:
            NotSealedHere: it can't be opened.
        """
        number, _, text = sealed.partition(".")
        for file in self._files():
            if _number(file) == number:
                try:
                    raw = base64.b64decode(text, validate=True)
                    opened = AESGCM(file.read_bytes()).decrypt(raw[:NONCE], raw[NONCE:], owner.encode())
                except (InvalidTag, binascii.Error, ValueError) as error:
                    raise NotSealedHere(number) from error
                return opened.decode()
        raise NotSealedHere(number)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("sealing-*.key"))

    def _lay_down(self) -> None:
        with NamedTemporaryFile("wb", dir=self._folder, prefix=".new-", delete=False) as file:
            file.write(AESGCM.generate_key(256))
        try:
            # A link, unlike a rename, leaves the key of a process that was quicker.
            os.link(file.name, self._folder / "sealing-0001.key")
        except FileExistsError:
            pass
        finally:
            Path(file.name).unlink()


def _number(file: Path) -> str:
    return file.stem.rpartition("-")[2]
