"""A small service that does something now and then: it chimes, and strikes, and fails at its second stroke."""

import os
from datetime import timedelta

from shared.wiring.due import every
from shared.wiring.store import Store, StoreProvider


class ClockService:
    name = "clock"
    store: Store = StoreProvider({"strokes": [], "chimes": []})  # type: ignore[assignment]

    @every(2.5, lasts=timedelta(seconds=1.5))
    def chime(self) -> None:
        self.store.database["chimes"].insert_one({"by": os.getpid()})

    @every(0.1, lasts=timedelta(seconds=1.5))
    def strike(self) -> None:
        strokes = self.store.database["strokes"]
        strokes.insert_one({"by": os.getpid()})
        if strokes.estimated_document_count() == 2:
            raise ValueError("it fails once, on purpose")
