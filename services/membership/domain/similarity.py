"""How alike two communities are, so that people find the one that exists before they start another.

A small measure does: of two sets of words, what they share is counted (Dice's coefficient: twice the
shared over the sum of both). Two communities are as alike as their titles or what they are about,
whichever is more; in titles a long word counts as shared with one slip of the pen in it.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from services.membership.domain.community import Community
from services.membership.domain.words import is_slip, stem, terms_of, words_of
from shared.errors import Conflict

THRESHOLD = 0.6
"""From here on two communities are called similar: of two titles of three words each, two are shared."""
MOST_SHOWN = 10
MOST_TERMS = 200


class Described(BaseModel):
    """A community, or the idea of one, as far as likeness goes."""

    model_config = ConfigDict(frozen=True)

    title: str
    domain: str | None = None
    purpose: str | None = None

    @property
    def about(self) -> str:
        """What it is about, as one text; empty when nobody has said yet."""
        return f"{self.domain or ''} {self.purpose or ''}"


def described(community: Community) -> Described:
    """A community as far as likeness goes."""
    return Described(
        title=community.title, domain=community.charter.domain, purpose=community.charter.purpose
    )


def findable_terms(thing: Described) -> list[str]:
    """What a community is found by: stems of all its title's words, then of what it is about; `MOST_TERMS` at most."""
    title = {stem(word) for word in words_of(thing.title)}
    return [*sorted(title), *sorted(terms_of(thing.about) - title)][:MOST_TERMS]


def telling_terms(idea: Described) -> frozenset[str]:
    """What likely candidates share with an idea: stems of its title's telling words and of what it is about."""
    return terms_of(idea.title) | terms_of(idea.about)


def likeness(one: Described, other: Described) -> float:
    """How alike two communities are, from 0 to 1; the order of the two does not matter."""
    title, other_title = terms_of(one.title), terms_of(other.title)
    slips = _slips(title - other_title, other_title - title)
    titles = _shared(len(title & other_title) + slips, len(title), len(other_title))
    about, other_about = terms_of(one.about), terms_of(other.about)
    return round(max(titles, _shared(len(about & other_about), len(about), len(other_about))), 3)


def most_alike(idea: Described, candidates: Iterable[Community]) -> list[tuple[Community, float]]:
    """The candidates at least `THRESHOLD` alike with their likeness, most alike first, `MOST_SHOWN` at most."""
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


def _slips(one: frozenset[str], other: frozenset[str]) -> int:
    """How many words of one set are but a slip away from words of the other, counted the same both ways."""
    there = sum(any(is_slip(word, term) for term in other) for word in one)
    back = sum(any(is_slip(word, term) for word in one) for term in other)
    return min(there, back)


def _shared(both: int, one: int, other: int) -> float:
    return 2 * both / (one + other) if one and other else 0.0
