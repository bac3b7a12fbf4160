"""The rules that a text is looked at with: those for everybody, by their version, and an organisation's own."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from services.discussion.domain.guard.finding import Finding
from shared.contracts.calls.discussion import GuardRule
from shared.contracts.vocabulary import Confidential

VERSION = 1
"""Of the rules for everybody; higher with every change of what is found, so that old marks are seen to be old."""

_TEMPLATE = {"#": "[0-9]", "@": "[A-Za-z]", " ": r"[ \t-]?"}


class Rules(BaseModel):
    """An organisation's own rules as they are kept.

    Args:
        organisation: whose; what its members write is looked at with them.
        rules: templates and phrases by name.
        revision: how often they were changed; 0 when there are none.
    """

    model_config = ConfigDict(frozen=True)

    organisation: str = ""
    rules: tuple[GuardRule, ...] = ()
    revision: int = 0

    @property
    def version(self) -> str:
        """With which rules a text was looked at: everybody's, and the organisation's."""
        return f"{VERSION}.{self.revision}"


NONE = Rules()
"""The rules of an organisation that has none of its own."""


def find(text: str, rules: Rules) -> Iterator[Finding]:
    """Everything that follows one of an organisation's own rules."""
    for rule in rules.rules:
        for match in _pattern(rule).finditer(text):
            yield Finding(Confidential.ORGANISATION_RULE, *match.span(), rule=rule.name)


@lru_cache(maxsize=2_000)
def _pattern(rule: GuardRule) -> re.Pattern[str]:
    """The rule as a pattern without any freedom to go back and try again: its time is bounded by its length."""
    if rule.template is not None:
        inner = "".join(_TEMPLATE.get(character, re.escape(character)) for character in rule.template)
    else:
        inner = r"\s{1,4}".join(re.escape(word) for word in (rule.phrase or "").split())
    return re.compile(rf"(?<![^\W_]){inner}(?![^\W_])", re.IGNORECASE)
