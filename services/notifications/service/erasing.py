"""Erasing what notifications keeps of a member, and the receipt for it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.notifications.repositories.erasing import ERASED, SETTLING, steps
from services.notifications.service.parts import Parts
from shared.contracts.envelope import Envelope
from shared.contracts.membership import MemberErased
from shared.contracts.notifications import NoticesErased
from shared.wiring import erasing
from shared.wiring.due import every
from shared.wiring.store import Work, now
from shared.wiring.subscribe import subscribe

LOOK_AGAIN = 1.0


class ErasingHandlers(Parts):
    """Heard once, and gone on with until it is done, by whichever copy of the service."""

    @subscribe(MemberErased)
    def hear_member_erased(self, heard: list[Envelope[MemberErased]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            erasing.begin(
                work,
                told.member,
                SETTLING,
                erasure=told.erasure,
                remove_texts=told.remove_texts,
                revision=told.revision,
            )

    @every(LOOK_AGAIN)
    def erase_members(self) -> None:
        for row in erasing.due(self.store):
            erasing.erase(self.store, row, steps(self.store, row), partial(self._receipt, row))

    def _receipt(self, row: Mapping[str, Any], work: Work, erased: Mapping[str, int]) -> None:
        counts = {collection: erased.get(collection, 0) for collection in ERASED}
        work.tell(NoticesErased(erasure=row["erasure"], member=row["_id"], erased=counts, at=now()))
