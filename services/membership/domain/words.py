"""Words as far as comparing goes: cut to their stems, the empty ones left out, a slip of the pen forgiven.

Made for titles and charters, which are short and written by hand: "physiotherapists" and "physiotherapy"
are one word here. It knows English endings; words of other languages are compared as they stand.
"""

import re
import unicodedata
from functools import lru_cache

SHORTEST_STEM = 4
SHORTEST_WITH_SLIP = 6

# Words that say nothing about what a community of practice is about.
EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a about across all also an and another any are as at be been better between but by can communities
        community could each everyone everybody for forum from get group groups had has have help how i if in
        into is it its knowledge learn learning make more most network networks no not of on one or other our
        out over people practice share sharing so some than that the their them there these they this those
        through to together up us very was we what when where which who why will with within work working
        would you your
        """,
    )
)
# The longest that fits is cut off, so they stand by length where one ends in another.
ENDINGS = (
    *("ational", "ations", "ators", "ation", "ities", "ments", "ings", "isms", "ists", "ator", "ment"),
    *("ness", "ions", "ical", "ance", "ence", "ity", "ies", "ing", "ism", "ist", "ers", "ion"),
    *("ed", "er", "es", "al", "ic", "ly", "y", "e", "s"),
)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Cut a word's ending off, so that its forms meet; what remains is for comparing, not for reading."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def words_of(text: str) -> list[str]:
    """The words of a text in lower case and without accents, in their order."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def terms_of(text: str) -> frozenset[str]:
    """The stems of a text's telling words; of all its words when none of them tells anything."""
    words = words_of(text)
    return frozenset(stem(word) for word in words if word not in EMPTY_WORDS) or frozenset(map(stem, words))


def is_slip(word: str, other: str) -> bool:
    """Say whether two long words differ by one letter left out, put in or mistaken, or by two that changed places."""
    if min(len(word), len(other)) < SHORTEST_WITH_SLIP or abs(len(word) - len(other)) > 1:
        return False
    start = _same_letters(word, other)
    word, other = word[start:], other[start:]
    end = _same_letters(word[::-1], other[::-1])
    word, other = word[: len(word) - end], other[: len(other) - end]
    return max(len(word), len(other)) <= 1 or (len(word) == 2 and word == other[::-1])


def _same_letters(one: str, other: str) -> int:
    """How many letters two words have in common from the start."""
    for count, (letter, other_letter) in enumerate(zip(one, other, strict=False)):
        if letter != other_letter:
            return count
    return min(len(one), len(other))
