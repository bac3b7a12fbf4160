"""Handlers for exports: asking, gathering membership's own parts, and the link by which it is fetched once."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import structlog

from services.membership.domain import erasure as erasures
from services.membership.domain import export as exports
from services.membership.domain.export import Export
from services.membership.repositories.gathering import sections
from services.membership.service.handlers import C, Handlers
from services.membership.service.secrets import FOR_EXPORTS, make_secret
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Done, check_is_member
from shared.contracts.calls.export_part import ExportPart
from shared.contracts.calls.membership import (
    AskForExport,
    ExportLink,
    FinishExport,
    GetExport,
    GetMembershipPart,
    MakeExportLink,
    OpenedExport,
    OpenExport,
)
from shared.contracts.discussion import WordsGathered
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import NoticesGathered
from shared.wiring import gathering, metrics
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.store import Stale, Work, new_id, now
from shared.wiring.subscribe import subscribe

log = structlog.get_logger()

LOOK_AGAIN = 1.0
EXPIRE_EVERY = 10.0


class ExportHandlers(Handlers):
    """A link's secret is shown in the answer that makes it and kept nowhere."""

    @rpc
    def ask_for_export(self, call: AskForExport) -> calls.Export:
        member = self.acting_member(call.caller)
        at = now()
        erasures.check_fresh(call.caller, at)
        was = self.exports.latest(member.id)
        if was is not None and was.is_open_at(at):
            return was.shown(at)
        work = Work()
        if was is not None and was.is_kept:
            self._end(work, was)
        export, fact = exports.ask(new_id(), member.id, at)
        self.exports.add(work, export)
        # Not when they are erased at the same moment: nobody would take away what is gathered.
        self.members.hold(work, member)
        gathering.begin(work, export.id, member.id, fact.until)
        work.tell(fact)
        work.afterwards(metrics.EXPORTS.labels("asked").inc)
        return self.commit(work, call, export.shown(at))

    @rpc
    def get_export(self, call: GetExport) -> calls.Export:
        found = self.exports.latest(check_is_member(call.caller))
        if found is None:
            raise exports.no_such_export()
        return found.shown(now())

    @rpc
    def make_export_link(self, call: MakeExportLink) -> ExportLink:
        member = check_is_member(call.caller)
        at = now()
        erasures.check_fresh(call.caller, at)
        was = self.exports.latest(member)
        secret = make_secret(FOR_EXPORTS)
        export = exports.link(was, secret.digest, at)
        work = Work()
        if was is not None:
            self.exports.put(work, was, export)
        link = ExportLink(export=export.id, ends_at=export.ends_at or at)
        self.commit(work, call, link)
        return link.model_copy(update={"secret": secret.text})

    @rpc
    def open_export(self, call: OpenExport) -> OpenedExport:
        was = self.exports.by_digest(call.digest)
        export = exports.open(was, now())
        work = Work()
        if was is not None:
            self.exports.put(work, was, export)
        answer = OpenedExport(export=export.id, member=export.member, parts=export.parts)
        return self.commit(work, self._by_its_member(call, export), answer)

    @rpc
    def get_membership_part(self, call: GetMembershipPart) -> ExportPart:
        found = gathering.part(self.store, call.export, call.number, call.caller.member)
        if found is None:
            raise exports.no_such_export()
        return ExportPart(file=found["file"], items=found["body"])

    @rpc
    def finish_export(self, call: FinishExport) -> Done:
        was = self.exports.by_digest(call.digest)
        if was is None:
            raise exports.no_such_export()
        export = exports.finish(was, now())
        work = Work()
        if export != was:
            self.exports.put(work, was, export)
            work.afterwards(metrics.EXPORTS.labels("fetched").inc)
        return self.commit(work, self._by_its_member(call, was), Done())

    def _by_its_member(self, call: C, export: Export) -> C:
        """A link's call, for the audit log: by whom it is about, wherever they are at home now."""
        member = self.members.get(export.member)
        return call if member is None else self.by_link(call, member)

    # What follows by itself

    @every(LOOK_AGAIN)
    def gather_own(self) -> None:
        for row in gathering.due(self.store):
            finish = partial(self._own_is_there, row)
            gathering.gather(self.store, row, sections(self.store, row["member"]), finish)

    def _own_is_there(self, row: Mapping[str, Any], work: Work, parts: int) -> None:
        self._are_there(work, row["_id"], "membership", parts)

    @subscribe(WordsGathered, batch=1)
    def hear_words_gathered(self, heard: list[Envelope[WordsGathered]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            self._are_there(work, told.export, "discussion", told.parts)

    @subscribe(NoticesGathered, batch=1)
    def hear_notices_gathered(self, heard: list[Envelope[NoticesGathered]], work: Work) -> None:
        for told in (envelope.data for envelope in heard):
            self._are_there(work, told.export, "notifications", told.parts)

    def _are_there(self, work: Work, id: str, service: str, parts: int) -> None:
        was = self.exports.get(id)
        if was is None:
            return
        export, facts = exports.receive(was, service, parts, now())
        if export != was:
            self.exports.put(work, was, export)
            work.tell(*facts)
            if facts:
                work.afterwards(metrics.EXPORTS.labels("ready").inc)

    @every(EXPIRE_EVERY)
    def expire_exports(self) -> None:
        """Let be taken away everywhere what was fetched, or was not gathered or fetched in time."""
        at = now()
        late = self.exports.gathering_since(at - exports.GATHERED_WITHIN)
        for one in late:
            lacking = sorted(set(exports.GATHERING) - one.parts.keys())
            log.warning("export.not_gathered", export=one.id, services=lacking)
        for was in (*self.exports.ended(at), *late):
            work = Work()
            self._end(work, was)
            try:
                self.store.commit(work)
            except Stale:
                continue

    def _end(self, work: Work, was: Export) -> None:
        export, fact = exports.end(was)
        self.exports.put(work, was, export)
        gathering.drop(work, export.id)
        work.tell(fact)
        if was.state != "fetched":
            outcome = "expired" if was.state == "ready" else "not gathered"
            work.afterwards(metrics.EXPORTS.labels(outcome).inc)
