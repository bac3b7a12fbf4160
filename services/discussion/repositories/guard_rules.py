"""Organisations' own rules of the guard.

Their rows lie among the copies, though nobody told them: so they come with the one query that every
post makes anyway, and hold from the moment they are changed.
"""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.discussion.domain.guard import NONE, Rules
from shared.contracts.calls.discussion import GuardRule
from shared.wiring.store import Work

COLLECTION = "copies"


class GuardRules:
    """The rules of all organisations that have any.

    Args:
        database: the service's own.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._rows = database[COLLECTION]

    def of(self, organisation: str) -> Rules:
        """An organisation's rules; at revision 0 when it never had any."""
        found = self._rows.find_one({"_id": id_of(organisation)})
        return rules_of(found) if found else Rules(organisation=organisation)

    def among(self, organisations: set[str | None]) -> dict[str, Rules]:
        """The rules of those of `organisations` that have any."""
        rows = self._rows.find({"_id": {"$in": [id_of(each) for each in organisations if each]}})
        return {row["guarded"]: rules_of(row) for row in rows}

    @staticmethod
    def put(work: Work, before: Rules, after: Rules) -> None:
        """Keep changed rules, unless they were changed meanwhile."""
        document = {
            "_id": id_of(after.organisation),
            "guarded": after.organisation,
            "rules": [rule.model_dump(exclude_none=True) for rule in after.rules],
            "revision": after.revision,
        }
        if before.revision:
            work.replace(COLLECTION, document, was=before.revision)
        else:
            work.insert(COLLECTION, document)


def id_of(organisation: str | None) -> str:
    """The id of an organisation's row."""
    return f"guard-rules:{organisation}"


def rules_of(row: Mapping[str, Any] | None) -> Rules:
    """The rules in a row; none without one."""
    if row is None:
        return NONE
    rules = tuple(GuardRule.model_validate(rule) for rule in row["rules"])
    return Rules(organisation=row["guarded"], rules=rules, revision=row["revision"])
