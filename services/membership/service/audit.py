"""Handlers for the audit log: what is heard of other services' acts, the sealing, and the reading."""

from services.membership.domain import act as acts
from services.membership.domain.operator import check_operator
from services.membership.repositories import Acts
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_id, cursor_invalid, cut_by_id
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import Act, ListActs, ListSealedActs, SealedAct
from shared.contracts.discussion import Acted
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import WebhookActed
from shared.contracts.paging import read_cursor, write_cursor
from shared.wiring import acts as recorded
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.store import Duplicate, Work
from shared.wiring.subscribe import subscribe

AT_ONCE = 500


class AuditHandlers(Handlers):
    """Acts are recorded by the store, in the transaction that does them; here they get their places."""

    @property
    def acts(self) -> Acts:
        return Acts(self.store)

    @subscribe(Acted)
    def hear_acted(self, heard: list[Envelope[Acted]], work: Work) -> None:
        for envelope in heard:
            self.acts.record(work, recorded.Act(**dict(envelope.data)))

    @subscribe(WebhookActed)
    def hear_webhook_acted(self, heard: list[Envelope[WebhookActed]], work: Work) -> None:
        for envelope in heard:
            self.acts.record(work, recorded.Act(**dict(envelope.data)))

    @every(1.0)
    def seal_acts(self) -> None:
        while waiting := self.acts.next(AT_ONCE):
            work = Work()
            organisations = {organisation for act in waiting for organisation in act.organisations}
            last = self.acts.last()
            self.acts.seal(work, acts.sealed(waiting, last, self.acts.places(organisations)))
            try:
                self.store.commit(work)
            except Duplicate:
                return  # another copy of the service is at it, and was quicker

    @rpc
    def list_acts(self, call: ListActs) -> Page[Act]:
        organisation = acts.whose_acts(call.caller)
        before = None
        # A cursor holds an act's id: the place in the whole log would tell how much others do.
        if (after := after_id(call)) is not None:
            before = self.acts.position(organisation, after)
            if before is None:
                raise cursor_invalid()
        found = self.acts.page(organisation, before, call.limit + 1)
        page, next = cut_by_id(call, found, lambda last: last.id)
        return Page[Act](items=tuple(entry.shown_to(organisation) for entry in page), next=next)

    @rpc
    def list_sealed_acts(self, call: ListSealedActs) -> Page[SealedAct]:
        check_operator(call.caller)
        found = self.acts.page(None, _before(call), call.limit + 1)
        page = found[: call.limit]
        return Page[SealedAct](
            items=tuple(entry.shown() for entry in page),
            next=write_cursor(call, [page[-1].number]) if len(found) > call.limit else None,
        )


def _before(call: ListSealedActs) -> int | None:
    match read_cursor(call):
        case None:
            return None
        case [int(number)]:
            return number
        case _:
            raise cursor_invalid()
