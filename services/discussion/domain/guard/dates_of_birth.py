"""Dates of birth: a date beside a word that says so. A date alone is none: posts are full of them."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from services.discussion.domain.guard.finding import Finding
from shared.contracts.vocabulary import Confidential

BEFORE, AFTER = 40, 20
"""Characters that may stand between such a word and the date that follows it, or goes before it."""

_WORD = re.compile(
    r"(?<![a-z])(?:d\.? ?o\.? ?b\.?|born|birth ?(?:day|date)?|dyddiad geni|ganed|ganwyd)(?![a-z])",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:(?:18|19|20)\d\d|'?\d\d)"
_DATE = re.compile(
    rf"(?<![\d/])(?:"
    rf"{_DAY} ?[-/. ] ?{_DAY} ?[-/. ] ?{_YEAR}"  # 3/5/1950, and 5/3/50 of those who put the month first
    rf"|(?:18|19|20)\d\d ?[-/.] ?(?:0?[1-9]|1[0-2]) ?[-/.] ?{_DAY}"
    rf"|(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|{_DAY}(?:st|nd|rd|th)?(?: of)?[ -]{{0,2}}{_MONTH}[ ,.-]{{0,3}}{_YEAR}"
    rf"|{_MONTH}[ .-]{{1,2}}{_DAY}(?:st|nd|rd|th)?[ ,.-]{{1,3}}{_YEAR}"
    rf")(?!\d|/\d)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"\d+")


def find(text: str) -> Iterator[Finding]:
    """Every date that stands near a word for birth."""
    words = [match.span() for match in _WORD.finditer(text)]
    if not words:
        return
    begins = [begin for begin, _ in words]
    for match in _DATE.finditer(text):
        start, end = match.span()
        next_word = bisect_left(begins, start)
        is_after = next_word > 0 and start - words[next_word - 1][1] <= BEFORE
        is_before = next_word < len(words) and words[next_word][0] - end <= AFTER
        if (is_after or is_before) and _has_a_month(match[0]):
            yield Finding(Confidential.DATE_OF_BIRTH, start, end)


def _has_a_month(date: str) -> bool:
    """Whether one of the first two numbers can be a month, where the month is a number."""
    numbers = [int(number) for number in _NUMBERS.findall(date)]
    return len(numbers) != 3 or min(numbers[0], numbers[1]) <= 12 or numbers[0] > 31
