"""Search: what a member may type, taken literally, and what of a post is shown for it."""

import re
from collections.abc import Mapping, Set
from typing import NamedTuple

from services.discussion.domain.access import Place
from shared.contracts.vocabulary import Role

EXCERPT = 240
_TERM = re.compile(r"\w+")
_LEADING_HYPHENS = re.compile(r"(^|\s)-+")


class Visible(NamedTuple):
    """Where a member may search: whole communities, and single threads shared in their stays as a guest."""

    communities: frozenset[str]
    stays: frozenset[str]


def visible(places: Mapping[str, Place], unhidden: Set[str]) -> Visible:
    """What a member may search of everything there is.

    Args:
        places: theirs, by community.
        unhidden: the communities that are open to every reader.
    """
    as_guest = {community: place.stay for community, place in places.items() if place.role is Role.GUEST}
    return Visible(frozenset(unhidden | places.keys()) - as_guest.keys(), frozenset(as_guest.values()))


def literal(words: str) -> str:
    """What MongoDB is to look for: words and "whole phrases"; nothing excludes, nothing is a pattern."""
    if words.count('"') % 2:
        words = words.replace('"', " ")
    return _LEADING_HYPHENS.sub(r"\1", words).strip()


def excerpt(text: str, words: str) -> str:
    """About 240 characters of `text`, from a little before the first of `words` in it."""
    flat = " ".join(text.split())
    if len(flat) <= EXCERPT:
        return flat
    terms = _TERM.findall(words.lower())
    low = flat.lower()
    places = [place for term in terms if (place := low.find(term)) >= 0]
    begin = max(0, min(places, default=0) - EXCERPT // 4)
    begin = 0 if begin == 0 else flat.find(" ", begin) + 1
    end = begin + EXCERPT
    return ("… " if begin else "") + flat[begin:end].rstrip() + (" …" if end < len(flat) else "")
