"""A service that only tells: what `relay` measures."""

import sys
from typing import ClassVar

from shared.contracts.envelope import Contract
from shared.contracts.speakers import SPEAKERS
from shared.wiring.store import Store, StoreProvider

SPEAKERS["speaker"] = sys.modules[__name__]


class Said(Contract):
    """Something of the size of a post's fact, for a listener that does not run."""

    speaker: ClassVar[str] = "speaker"
    word: ClassVar[str] = "said"
    heard_by: ClassVar[tuple[str, ...]] = ("nobody",)

    thing: str
    text: str


class SpeakerService:
    """Has an outbox."""

    name = "speaker"
    store: Store = StoreProvider({})  # type: ignore[assignment]
