"""Gathering what notifications keeps of a member who wants a copy of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.notifications.domain.export import ready_deed
from services.notifications.repositories.gathering import sections
from services.notifications.service.audience import Telling
from services.notifications.service.parts import Parts
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.calls.notifications import GetNoticesPart
from shared.contracts.envelope import Envelope
from shared.contracts.membership import ExportAsked, ExportEnded, ExportReady
from shared.contracts.notifications import NoticesGathered
from shared.errors import NotFound
from shared.wiring import gathering
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now
from shared.wiring.subscribe import subscribe

LOOK_AGAIN = 1.0


class GatheringHandlers(Parts):
    """Gathered once, handed out part by part to the member alone, and taken away when it is fetched or over."""

    @subscribe(ExportAsked)
    def hear_export_asked(self, heard: list[Envelope[ExportAsked]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            gathering.begin(work, told.export, told.member, told.until)

    @every(LOOK_AGAIN)
    def gather_notices(self) -> None:
        for row in gathering.due(self.store):
            finish = partial(self._are_there, row)
            gathering.gather(self.store, row, sections(self.store, row["member"]), finish)

    def _are_there(self, row: Mapping[str, Any], work: Work, parts: int) -> None:
        work.tell(NoticesGathered(export=row["_id"], parts=parts, at=now()))

    @rpc
    def get_notices_part(self, call: GetNoticesPart) -> ExportPart:
        found = gathering.part(self.store, call.export, call.number, call.caller.member)
        if found is None:
            raise NotFound("There is no such export.", where="export")
        return ExportPart(file=found["file"], items=found["body"])

    @subscribe(ExportEnded)
    def hear_export_ended(self, heard: list[Envelope[ExportEnded]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            gathering.drop(work, told.export)

    @subscribe(ExportReady)
    def hear_export_ready(self, heard: list[Envelope[ExportReady]], work: Work) -> None:
        """Tell its member in a community that they are in, because that is what an inbox shows."""
        del work  # what is written is the same when it is written twice
        for told in (envelope.data for envelope in heard):
            places = [place for place in self.repositories.places.of_member(told.member) if place.is_in]
            if places:
                deed = ready_deed(told, places[0].community)
                self.repositories.deeds.add([deed])
                self.teller.tell([Telling(deed, frozenset((told.member,)))])
