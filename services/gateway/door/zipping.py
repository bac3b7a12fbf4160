"""A zip that is written while it is read: nothing of it is held but what has just been written."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


class _Written(RawIOBase):
    """Takes what is written until it is taken away; a stream that nobody can go back in."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, some: Any) -> int:
        self._held += some
        return len(some)

    def taken(self) -> bytes:
        """What was written since."""
        some = bytes(self._held)
        self._held.clear()
        return some


def zipped(files: Iterable[tuple[str, Iterable[str]]], at: datetime) -> Iterator[bytes]:
    """The bytes of a zip.

    Args:
        files: names and what is in them, piece by piece; each is read when its turn comes.
        at: when they were made, as the zip says.
    """
    written = _Written()
    with ZipFile(written, "w") as archive:
        for name, pieces in files:
            about = ZipInfo(name, at.timetuple()[:6])
            about.compress_type = ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as file:
                for piece in pieces:
                    file.write(piece.encode())
                    if some := written.taken():
                        yield some
    yield written.taken()
