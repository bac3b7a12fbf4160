"""What membership tells of agreements, as it is kept among the copies."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from services.discussion.domain.crossing import Known, Reach
from shared.contracts.grant import Grant
from shared.contracts.membership import GrantsChanged

Row = Mapping[str, Any]


def which(organisation: str) -> dict[str, Any]:
    """The condition for the agreements of an organisation."""
    return {"parties": organisation}


def reach_of(organisation: str, rows: Iterable[Row], at: datetime) -> Reach:
    """How far an organisation's systems see at a moment, by the rows of its agreements."""
    agreements = (
        Known(tuple(row["parties"]), tuple(Grant.model_validate(grant) for grant in row["grants"]))
        for row in rows
    )
    return Reach(organisation, tuple(agreements), at)


def document(told: GrantsChanged) -> dict[str, Any]:
    """What is kept of what was told."""
    return {
        "_id": f"grants:{told.agreement}",
        "parties": list(told.parties),
        "state": told.state.value,
        "grants": [grant.model_dump() for grant in told.grants],
        "revision": told.revision,
    }
