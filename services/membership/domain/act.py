"""The audit log: every security-relevant act, in a chain that shows when somebody has touched it.

Each entry holds the hash of the one before. Whoever changes, removes or inserts an entry would have to
write all later ones anew; and whoever noted a hash elsewhere, as `commonplace audit head` prints it, would
still see it. The chain tells nothing about what was never recorded; that it is recorded in the same
transaction as the act itself is what the wiring is for.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import Act as ShownAct
from shared.errors import NotAllowed

BEFORE_THE_FIRST = "0" * 64


class Act(BaseModel):
    """An act as it is recorded, before it has its place in the log."""

    model_config = ConfigDict(frozen=True)

    id: str
    act: str
    at: datetime
    member: str | None = None
    client: str | None = None
    operator: bool = False
    organisations: tuple[str, ...] = ()
    concerns: dict[str, str] = {}


class Entry(Act):
    """An act at its place in the log."""

    number: int
    previous: str
    hash: str

    def shown(self) -> ShownAct:
        """The entry as readers see it."""
        return ShownAct(**dict(self))


def sealed(acts: Sequence[Act], last: Entry | None) -> list[Entry]:
    """The entries that follow `last` (None at the beginning), in the order of `acts`."""
    number, previous = (last.number, last.hash) if last else (0, BEFORE_THE_FIRST)
    entries = []
    for act in acts:
        number += 1
        entry = Entry(**dict(act), number=number, previous=previous, hash="")
        previous = hash_of(entry)
        entries.append(entry.model_copy(update={"hash": previous}))
    return entries


def hash_of(entry: Entry | ShownAct) -> str:
    """SHA-256, in hex, over the canonical JSON of all but the hash itself.

    Only strings of printable ASCII, whole numbers, truth values and null are in it, for which sorted keys
    without spaces are the canonical form of RFC 8785.
    """
    said = {
        "number": entry.number,
        "id": entry.id,
        "act": entry.act,
        "at": round(entry.at.timestamp() * 1000),
        "member": entry.member,
        "client": entry.client,
        "operator": entry.operator,
        "organisations": list(entry.organisations),
        "concerns": dict(entry.concerns),
        "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def whose_acts(caller: Caller) -> str | None:
    """The organisation whose part of the log the caller may read; None for all of it.

    Raises:
        NotAllowed: a person asks; the log is for the operator, and for an organisation's own system.
    """
    if caller.operator:
        return None
    if caller.client is None or caller.member is not None or caller.organisation is None:
        raise NotAllowed(
            "The audit log is read by an organisation's own system: use its client, and leave out"
            " `Commonplace-Member`.",
            "systems-only",
        )
    return caller.organisation
