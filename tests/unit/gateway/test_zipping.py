"""A zip is written while it is read, and holds no more of it than a piece."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

from services.gateway.door.zipping import zipped

AT = datetime(2026, 5, 4, 12, 30, 2, tzinfo=UTC)


def test_what_goes_in_comes_out() -> None:
    files = [("a.txt", ["one ", "two"]), ("b/c.json", ["[]"]), ("empty.txt", [])]
    whole = b"".join(zipped(files, AT))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "a.txt": b"one two", "b/c.json": b"[]", "empty.txt": b"",
        }  # fmt: skip
        assert archive.getinfo("a.txt").date_time == (2026, 5, 4, 12, 30, 2)


def test_pieces_are_read_one_by_one_and_leave_at_once() -> None:
    read = 0

    def pieces() -> Iterator[str]:
        nonlocal read
        for number in range(200):
            read += 1
            yield "".join(chr(33 + (number * 7919 + place * 104729) % 90) for place in range(20_000))

    largest = 0
    seen_at_first = None
    for some in zipped([("large.txt", pieces())], AT):
        seen_at_first = seen_at_first or read
        largest = max(largest, len(some))
    assert seen_at_first is not None and seen_at_first < 10, "the first bytes leave before the rest is read"
    assert largest < 200_000
