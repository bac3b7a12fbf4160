"""Gathering what discussion keeps of a member who wants a copy of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from services.discussion.repositories.gathering import sections
from services.discussion.service.desk import Desk
from shared.contracts.calls.discussion import GetWordsPart
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.discussion import WordsGathered
from shared.contracts.envelope import Envelope
from shared.contracts.membership import ExportAsked, ExportEnded
from shared.errors import NotFound
from shared.wiring import gathering
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now
from shared.wiring.subscribe import subscribe

LOOK_AGAIN = 1.0


class GatheringHandlers(Desk):
    """Gathered once, handed out part by part to the member alone, and taken away when it is fetched or over."""

    @subscribe(ExportAsked)
    def hear_export_asked(self, heard: list[Envelope[ExportAsked]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            gathering.begin(work, told.export, told.member, told.until)

    @every(LOOK_AGAIN)
    def gather_words(self) -> None:
        for row in gathering.due(self.store):
            finish = partial(self._are_there, row)
            gathering.gather(self.store, row, sections(self.store, row["member"]), finish)

    def _are_there(self, row: Mapping[str, Any], work: Work, parts: int) -> None:
        work.tell(WordsGathered(export=row["_id"], parts=parts, at=now()))

    @rpc
    def get_words_part(self, call: GetWordsPart) -> ExportPart:
        found = gathering.part(self.store, call.export, call.number, call.caller.member)
        if found is None:
            raise NotFound("There is no such export.", where="export")
        return ExportPart(file=found["file"], items=found["body"])

    @subscribe(ExportEnded)
    def hear_export_ended(self, heard: list[Envelope[ExportEnded]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            gathering.drop(work, told.export)
