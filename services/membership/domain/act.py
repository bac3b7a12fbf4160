"""The audit log: every security-relevant act, in a chain that shows when somebody has touched it.

Each entry holds the hash of the one before. Whoever changes, removes or inserts an entry would have to
write all later ones anew; and whoever noted a hash elsewhere, as `commonplace audit head` prints it, would
still see it. The chain tells nothing about what was never recorded; that it is recorded in the same
transaction as the act itself is what the wiring is for.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import Act as ShownAct
from shared.contracts.calls.membership import SealedAct
from shared.errors import NotAllowed

BEFORE_THE_FIRST = "0" * 64
SHARED = frozenset(("agreement", "community", "member", "request"))
"""What an act concerned that an organisation is told when another has done it to it: where, and to whom of its own."""


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
    upon: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


class Entry(Act):
    """An act at its place in the log.

    Args:
        places: its place among those of each of its organisations.
    """

    number: int
    places: dict[str, int] = {}
    previous: str
    hash: str

    def shown(self) -> SealedAct:
        """The entry as the operator sees it."""
        return SealedAct(**dict(self))

    def shown_to(self, organisation: str) -> ShownAct:
        """The entry as an organisation sees it: at its place among its own, and without what is for the others to know.

        Who did something to an organisation's member, or signed for the other party, is for their own organisation to
        account for; and whom it was done to may be at home where the one who did it may not be told of.
        """
        own = self.organisations
        concerns = self.concerns
        withheld: set[str] = set()
        if organisation in self.upon or organisation in self.parties:
            withheld |= {name for name in ("member", "client") if getattr(self, name) is not None}
            own = (organisation,) if organisation in self.upon else tuple(sorted({*self.parties, *own}))
            concerns = {name: id for name, id in concerns.items() if name in SHARED or id == organisation}
        elif self.upon:
            own = tuple(one for one in own if one not in self.upon)
            if self.client is None and "member" in concerns:
                withheld.add(
                    "concerns.member"
                )  # a person knows whom they meet; their organisation's system may not
            concerns = {
                name: id
                for name, id in concerns.items()
                if id not in self.upon and f"concerns.{name}" not in withheld
            }
        return ShownAct(
            number=self.places.get(organisation, 0),
            id=self.id,
            act=self.act,
            at=self.at,
            member=None if "member" in withheld else self.member,
            client=None if "client" in withheld else self.client,
            operator=self.operator,
            organisations=own,
            concerns=concerns,
            withheld=tuple(sorted(withheld)),
        )


def sealed(acts: Sequence[Act], last: Entry | None, places: Mapping[str, int]) -> list[Entry]:
    """The entries that follow `last` (None at the beginning), in the order of `acts`.

    Args:
        places: the place of the last entry of each organisation, where there is one.
    """
    number, previous = (last.number, last.hash) if last else (0, BEFORE_THE_FIRST)
    own = dict(places)
    entries = []
    for act in acts:
        number += 1
        for organisation in act.organisations:
            own[organisation] = own.get(organisation, 0) + 1
        theirs = {organisation: own[organisation] for organisation in act.organisations}
        entry = Entry(**dict(act), number=number, places=theirs, previous=previous, hash="")
        previous = hash_of(entry)
        entries.append(entry.model_copy(update={"hash": previous}))
    return entries


def hash_of(entry: Entry | SealedAct) -> str:
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
        # What entries from before it was recorded have nothing of is not said, so that their hashes hold.
        **{name: list(said) for name in ("upon", "parties") if (said := getattr(entry, name))},
        **({"places": dict(entry.places)} if entry.places else {}),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def whose_acts(caller: Caller) -> str:
    """The organisation whose part of the log the caller may read.

    Raises:
        NotAllowed: a person asks; the log is for the operator, and for an organisation's own system.
    """
    if caller.client is None or caller.member is not None or caller.organisation is None:
        raise NotAllowed(
            "The audit log is read by an organisation's own system: use its client, and leave out"
            " `Commonplace-Member`.",
            "systems-only",
        )
    return caller.organisation
