"""What the discussion service may be asked about what should not be told: an organisation's own rules."""

import re
from typing import Self

from pydantic import Field, field_validator, model_validator

from shared.contracts.calls.call import Answer, Body
from shared.contracts.calls.discussion.call import DiscussionCall
from shared.contracts.vocabulary import Id, Line

MOST_RULES = 40
FEWEST = 4
"""Characters that a rule must hold, blanks not counted: less is found in everything."""

_TELLING = re.compile(r"[^\W_]|#|@")


class GuardRule(Body):
    """One rule: `template` (`#` a digit, `@` a letter, anything else itself) or a literal `phrase`."""

    name: Line = Field(max_length=60, description="What it guards, as its writer will read it.")
    template: Line | None = Field(
        None,
        max_length=40,
        description="Such as `RXA ######`: `#` is a digit, `@` a letter, a blank perhaps none, the rest itself.",
    )
    phrase: Line | None = Field(
        None, max_length=100, description="Words as they stand, in capitals or not, also over a line's end."
    )

    @model_validator(mode="after")
    def template_or_phrase(self) -> Self:
        if (self.template is None) == (self.phrase is None):
            raise ValueError("give `template` or `phrase`, and not both")
        return self

    @field_validator("template", "phrase")
    @classmethod
    def tells_enough(cls, text: str | None) -> str | None:
        if text is not None and len(_TELLING.findall(text)) < FEWEST:
            raise ValueError(f"must hold at least {FEWEST} letters or digits, or it is found everywhere")
        return text


class NewGuardRules(Body):
    """All of an organisation's rules, in the place of those there were."""

    rules: tuple[GuardRule, ...] = Field(max_length=MOST_RULES, description="Each with a name of its own.")

    @field_validator("rules")
    @classmethod
    def names_once(cls, rules: tuple[GuardRule, ...]) -> tuple[GuardRule, ...]:
        if len({rule.name for rule in rules}) < len(rules):
            raise ValueError("every rule needs a name of its own")
        return rules


class GuardRules(Answer):
    """An organisation's rules; `revision` is 0 while it has none."""

    organisation: Id
    rules: tuple[GuardRule, ...]
    revision: int


class GetGuardRules(DiscussionCall):
    """By the organisation's own client, or the operator."""

    answer = GuardRules
    organisation: Id


class ChangeGuardRules(DiscussionCall):
    """By the organisation's own client, or the operator."""

    answer = GuardRules
    audited = True
    organisation: Id
    new: NewGuardRules
    revision: int
