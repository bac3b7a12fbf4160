"""A text as a reader's eye takes it: full-width digits are digits, what cannot be seen is not there.

Somebody who pastes a number from a letter or a spreadsheet brings its characters with it: no-break
spaces, long dashes, zero-width joiners. They must not hide it, and the place told must be the place in
the text as written.
"""

import unicodedata
from bisect import bisect_right
from itertools import accumulate

_UNSEEN = {"Cf", "Mn", "Me"}


class _Plain(dict[int, str]):
    """From a character to what it stands for, looked up once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if code < 128:
            plain = character
        elif category in _UNSEEN or code in (0x115F, 0x1160, 0x3164, 0xFFA0):
            plain = ""
        elif category == "Nd":
            plain = str(unicodedata.decimal(character))
        elif category in ("Zs", "Zl", "Zp"):
            plain = " "
        elif category == "Pd" or character in "−⁃∙·•‧":
            plain = "-"
        else:
            plain = unicodedata.normalize("NFKC", character)
        self[code] = plain
        return plain


_PLAIN = _Plain()


class Plain:
    """A text made plain, and the way back.

    Args:
        text: as written.
    """

    def __init__(self, text: str) -> None:
        self._written = text
        self.text = text if text.isascii() else text.translate(_PLAIN)
        self._ends: list[int] | None = None

    def written(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the text as written that became those from `start` up to `end`."""
        if self.text is self._written:
            return start, end
        if self._ends is None:
            self._ends = list(accumulate(len(_PLAIN[ord(character)]) for character in self._written))
        return bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1
