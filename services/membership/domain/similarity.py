"""How alike two communities are, so that people find the one that exists before they start another.

Titles and charters are short and written by hand, so a small measure does: words are cut to their stems
("physiotherapists" and "physiotherapy" are one), words that say nothing here are left out, and what two
sets share is counted (Dice's coefficient: twice the shared over the sum of both). In titles a long word
counts as shared with one slip of the pen in it. Two communities are as alike as their titles or what
they are about, whichever is more.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from os.path import commonprefix

from pydantic import BaseModel, ConfigDict

from services.membership.domain.community import Community
from shared.errors import Conflict

THRESHOLD = 0.6
MOST_SHOWN = 10
MOST_TERMS = 200
SHORTEST_STEM = 4
SHORTEST_WITH_SLIP = 6

EMPTY_WORDS = frozenset(
    [
        "a",
        "about",
        "across",
        "all",
        "also",
        "an",
        "and",
        "another",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "better",
        "between",
        "but",
        "by",
        "can",
        "communities",
        "community",
        "could",
        "each",
        "everyone",
        "everybody",
        "for",
        "forum",
        "from",
        "get",
        "group",
        "groups",
        "had",
        "has",
        "have",
        "help",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "knowledge",
        "learn",
        "learning",
        "make",
        "more",
        "most",
        "network",
        "networks",
        "no",
        "not",
        "of",
        "on",
        "one",
        "or",
        "other",
        "our",
        "out",
        "over",
        "people",
        "practice",
        "share",
        "sharing",
        "so",
        "some",
        "than",
        "that",
        "the",
        "their",
        "them",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "together",
        "up",
        "us",
        "very",
        "was",
        "we",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "within",
        "work",
        "working",
        "would",
        "you",
        "your",
    ]
)
ENDINGS = [
    "ational",
    "ations",
    "ators",
    "ation",
    "ities",
    "ments",
    "ings",
    "isms",
    "ists",
    "ator",
    "ment",
    "ness",
    "ions",
    "ical",
    "ance",
    "ence",
    "ity",
    "ies",
    "ing",
    "ism",
    "ist",
    "ers",
    "ion",
    "ed",
    "er",
    "es",
    "al",
    "ic",
    "ly",
    "y",
    "e",
    "s",
]


class Described(BaseModel):
    """A community, or the idea of one, as far as likeness goes."""

    model_config = ConfigDict(frozen=True)

    title: str
    domain: str | None = None
    purpose: str | None = None


def described(community: Community) -> Described:
    """A community as far as likeness goes."""
    return Described(
        title=community.title, domain=community.charter.domain, purpose=community.charter.purpose
    )


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Cut a word's ending off, so that its forms meet; what remains is for comparing only, not for reading."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def words_of(text: str) -> list[str]:
    """The words of a text in lower case and without accents, in their order."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return re.findall(r"\w+", plain)


def terms_of(text: str) -> frozenset[str]:
    """The stems of a text's telling words; of all its words when none of them tells anything."""
    words = words_of(text)
    return frozenset(stem(word) for word in words if word not in EMPTY_WORDS) or frozenset(map(stem, words))


def findable_terms(thing: Described) -> list[str]:
    """What a community is found by: stems of all its title's words, then of what it is about; `MOST_TERMS` at most."""
    title = {stem(word) for word in words_of(thing.title)}
    return [*sorted(title), *sorted(terms_of(_about(thing)) - title)][:MOST_TERMS]


def telling_terms(idea: Described) -> frozenset[str]:
    """What likely candidates share with an idea: stems of its title's telling words and of what it is about."""
    return terms_of(idea.title) | terms_of(_about(idea))


def likeness(one: Described, other: Described) -> float:
    """How alike two communities are, from 0 to 1; the order of the two does not matter."""
    titles = _shared(*_without_slips(terms_of(one.title), terms_of(other.title)))
    about = _shared(terms_of(_about(one)), terms_of(_about(other)))
    return round(max(titles, about), 3)


def most_alike(idea: Described, candidates: Iterable[Community]) -> list[tuple[Community, float]]:
    """The candidates at least `THRESHOLD` alike, most alike first, `MOST_SHOWN` at most."""
    scored = [(community, likeness(idea, described(community))) for community in candidates]
    alike = [pair for pair in scored if pair[1] >= THRESHOLD]
    return sorted(alike, key=lambda pair: (-pair[1], pair[0].title, pair[0].id))[:MOST_SHOWN]


def similar_exist() -> Conflict:
    """The refusal for a community that would double others, of which the founder has not been told."""
    return Conflict(
        "Similar communities exist; look at them, then say `similar_seen` if you still want this one.",
        "similar-communities",
        "similar_seen",
    )


def _about(thing: Described) -> str:
    return f"{thing.domain or ''} {thing.purpose or ''}"


def _without_slips(one: frozenset[str], other: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Both sets, with each word of the second that is but a slip away from one of the first replaced by it."""
    unmatched = one - other
    mended = {next((word for word in unmatched if is_slip(word, term)), term) for term in other}
    return one, frozenset(mended)


def is_slip(word: str, other: str) -> bool:
    """Say whether two long words differ by one letter left out, put in, mistaken, or two that changed places."""
    if min(len(word), len(other)) < SHORTEST_WITH_SLIP or abs(len(word) - len(other)) > 1:
        return False
    start = len(commonprefix([word, other]))
    rest, other_rest = word[start:], other[start:]
    end = len(commonprefix([rest[::-1], other_rest[::-1]]))
    rest, other_rest = rest[: len(rest) - end], other_rest[: len(other_rest) - end]
    return max(len(rest), len(other_rest)) <= 1 or (len(rest) == 2 and rest == other_rest[::-1])


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
