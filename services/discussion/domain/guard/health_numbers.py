"""NHS numbers and CHI numbers: ten digits, of which the last is computed from the others, modulus 11.

Source: NHS Data Model and Dictionary, "NHS NUMBER"; Scottish Clinical Information, "CHI NUMBER": the
same check digit, and the first six digits are the date of birth as DDMMYY.
"""

import re
from collections.abc import Iterator

from services.discussion.domain.guard.finding import Finding
from shared.contracts.vocabulary import Confidential

_BETWEEN = r"[ \t./_*-]{0,3}"
# Looked for from every digit anew, because the numbers beside one may look like its beginning.
_TEN = re.compile(
    rf"(?<!\d)(?=(\d{{3}}{_BETWEEN}\d{{3}}{_BETWEEN}\d{{4}}(?!\d)|\d{{6}}{_BETWEEN}\d{{4}}(?!\d)))"
)
_NAME = re.compile(r"[A-Za-z0-9]{0,12}\Z")
_REST = re.compile(r"[A-Za-z0-9]{0,12}")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find(text: str) -> Iterator[Finding]:
    """Every number with a right check digit, written together or as 3-3-4 or 6-4 with what stands between."""
    for match in _TEN.finditer(text):
        start, end = match.span(1)
        digits = "".join(filter(str.isdigit, match[1]))
        if is_valid(digits) and not _is_part_of_a_name(text, start, end):
            kind = Confidential.CHI_NUMBER if begins_with_a_date(digits) else Confidential.NHS_NUMBER
            yield Finding(kind, start, end)


def is_valid(digits: str) -> bool:
    """Whether ten digits end with their check digit; ten zeros are nobody's number."""
    check = -sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check == int(digits[9]) and digits != "0000000000"


def begins_with_a_date(digits: str) -> bool:
    """Whether the first six digits are a day, a month and a year of two digits."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return False
    return (day, month) != (29, 2) or year % 4 == 0


def _is_part_of_a_name(text: str, start: int, end: int) -> bool:
    """Whether it goes on from one letter, or from letters and digits: a hash, a link; `NHS943…` is no such thing."""
    before = _NAME.search(text[max(0, start - 12) : start])
    after = _REST.match(text, end)
    name = before[0] if before else ""
    if len(name) == 1 or any(character.isdigit() for character in name + (after[0] if after else "")):
        return True
    return re.match(r"\d\.\Z", text[max(0, start - 2) : start]) is not None and text[start:end].isdigit()
