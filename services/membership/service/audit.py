"""Handlers for the audit log: what is heard of other services' acts, the sealing, and the reading."""

from services.membership.domain import act as acts
from services.membership.repositories import Acts
from services.membership.service.handlers import Handlers
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import Act, ListActs
from shared.contracts.discussion import Acted
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import WebhookActed
from shared.contracts.paging import read_cursor, write_cursor
from shared.errors import Invalid
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
            self.acts.seal(work, acts.sealed(waiting, self.acts.last()))
            try:
                self.store.commit(work)
            except Duplicate:
                return  # another copy of the service is at it, and was quicker

    @rpc
    def list_acts(self, call: ListActs) -> Page[Act]:
        organisation = acts.whose_acts(call.caller)
        found = self.acts.page(organisation, _before(call), call.limit + 1)
        page = found[: call.limit]
        return Page[Act](
            items=tuple(entry.shown() for entry in page),
            next=write_cursor(call, [page[-1].number]) if len(found) > call.limit else None,
        )


def _before(call: ListActs) -> int | None:
    match read_cursor(call):
        case None:
            return None
        case [int(number)]:
            return number
        case _:
            raise Invalid(
                "This cursor was not given by this listing; start again without `after`.",
                "cursor-invalid",
                "after",
            )
