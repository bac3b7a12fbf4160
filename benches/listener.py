"""A listener whose effect is one document, on the real wiring: what `events` measures."""

import os
import sys
from typing import ClassVar

from shared.contracts.envelope import Contract, Envelope
from shared.contracts.speakers import SPEAKERS
from shared.wiring.store import Store, StoreProvider, Work
from shared.wiring.subscribe import subscribe

SPEAKERS["bench"] = sys.modules[__name__]


class Happened(Contract):
    """Something of the size of a post's fact."""

    speaker: ClassVar[str] = "bench"
    word: ClassVar[str] = "happened"
    heard_by: ClassVar[tuple[str, ...]] = ("bench",)

    thing: str
    number: int
    text: str


class BenchService:
    """Hears and writes."""

    name = "bench"
    store: Store = StoreProvider({"effects": []})  # type: ignore[assignment]

    @subscribe(Happened, batch=int(os.environ.get("BATCH", "200")))
    def hear_happened(self, heard: list[Envelope[Happened]], work: Work) -> None:
        """Write one document for each."""
        work.insert(
            "effects",
            *({"_id": e.data.thing, "number": e.data.number, "text": e.data.text} for e in heard),
        )
