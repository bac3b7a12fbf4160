"""Phone numbers, by the library that knows every country's plan, for those who dial from Britain."""

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

from services.discussion.domain.guard.finding import Finding
from shared.contracts.vocabulary import Confidential

REGION = "GB"

# What the library is asked about: a nought or a plus, and groups of digits. It is thorough, and would
# take a second or two for a text that is nothing but single digits and strokes.
_LIKELY = re.compile(r"(?<![\dA-Za-z])(?:\+ ?\(?\d|\(?0)\d*(?:\)?[ ().\t/-]{0,3}(?:0\) ?)?\d{2,})*")
_FEWEST_DIGITS = 9
# Mobiles by their shape alone, and the area that films use: the library knows only what is given out.
_SHAPES = re.compile(
    r"(?<![\dA-Za-z+])(?:(?:\+|00)44[ .-]?(?:\(0\))?[ .-]?|\(?0)(?:7\d|1632)\)?(?:[ .-]{0,2}\d){6,8}(?!\d)"
)


def find(text: str) -> Iterator[Finding]:
    """Every number that could be dialled."""
    for likely in _LIKELY.finditer(text):
        if sum(map(str.isdigit, likely[0])) < _FEWEST_DIGITS:
            continue
        start = max(0, likely.start() - 2)
        region = text[start : likely.end() + 2]
        for number in PhoneNumberMatcher(region, REGION, Leniency.VALID):
            yield Finding(Confidential.PHONE_NUMBER, start + number.start, start + number.end)
    for match in _SHAPES.finditer(text):
        digits = sum(map(str.isdigit, match[0].replace("(0)", "")))
        if digits == {"0": 11, "+": 12}.get(match[0].lstrip("(")[0], 0) or digits == 14:
            yield Finding(Confidential.PHONE_NUMBER, *match.span())
