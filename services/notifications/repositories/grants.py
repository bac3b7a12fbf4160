"""A copy of what membership tells of agreements: what each lets cross between its two parties."""

from collections.abc import Sequence
from datetime import datetime

from services.notifications.domain.crossing import Reach
from shared.contracts.grant import Grant
from shared.contracts.membership import GrantsChanged
from shared.wiring.store import Store, Work

GRANTS = "grants"


class Grants:
    """What the agreements heard of grant."""

    def __init__(self, store: Store) -> None:
        self.collection = store.database[GRANTS]

    def write(self, facts: Sequence[GrantsChanged]) -> None:
        """Keep what was heard, each unless something later is here already."""
        copying = Work()
        for fact in facts:
            copying.copy(
                GRANTS,
                {
                    "_id": fact.agreement,
                    "parties": list(fact.parties),
                    "state": fact.state.value,
                    "grants": [grant.model_dump() for grant in fact.grants],
                    "revision": fact.revision,
                },
            )
        self.collection.bulk_write([write.operation for write in copying.writes], ordered=True)

    def reach(self, receiver: str, at: datetime) -> Reach:
        """How far this organisation's systems see at a moment."""
        rows = self.collection.find({"parties": receiver}, {"grants": 1})
        grants = (Grant.model_validate(grant) for row in rows for grant in row["grants"])
        good = tuple(grant for grant in grants if grant.receiver == receiver and grant.is_read_at(at))
        return Reach(receiver, good, at)
