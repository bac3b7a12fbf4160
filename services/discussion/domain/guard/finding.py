"""A finding: a stretch of a text that looks like something of a person that should not be told."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from shared.contracts.vocabulary import Confidential


class Finding(NamedTuple):
    """Where something was found, and what it looks like; never the text itself.

    Args:
        kind: what it looks like.
        start, end: the characters from `start` up to, and without, `end` (code points, from 0).
        rule: the name of the organisation's rule that it follows; empty for what everybody is guarded from.
    """

    kind: Confidential
    start: int
    end: int
    rule: str = ""

    @property
    def in_words(self) -> str:
        """What it looks like, for the one who wrote it."""
        if self.rule:
            return f"looks like what your organisation guards as “{self.rule}”"
        return f"looks like {_ARTICLES.get(self.kind, 'a')} {self.kind.value}"


Found = dict[Confidential, int]
"""How many of which kind: all that is ever kept or logged of findings."""

_ARTICLES = {Confidential.NHS_NUMBER: "an", Confidential.EMAIL: "an"}
_STRENGTH = {kind: strength for strength, kind in enumerate(Confidential)}


def counted(findings: Iterable[Finding]) -> Found:
    """How many of which kind."""
    return dict(Counter(finding.kind for finding in findings))


def strongest(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the text; of two that share a character only the stronger kind is left."""
    kept: list[Finding] = []
    for finding in sorted(set(findings), key=lambda each: (each.start, _STRENGTH[each.kind], -each.end)):
        if not kept or kept[-1].end <= finding.start:
            kept.append(finding)
        elif _STRENGTH[finding.kind] < _STRENGTH[kept[-1].kind]:
            kept[-1] = finding
    return tuple(kept)
