"""Handlers for erasures: asking, thinking better of it, beginning, and gathering the receipts."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from services.membership.domain import erasure as erasures
from services.membership.domain import export as exports
from services.membership.domain import member as members
from services.membership.domain.erasure import Erasure, Receipt
from services.membership.domain.member import Member
from services.membership.domain.operator import check_operator
from services.membership.repositories.erasing import ERASED, WORDS, steps
from services.membership.service.leaving import Leaving
from services.membership.service.pages import after_time, cut_by_time
from services.membership.service.secrets import FOR_ERASURES, make_secret
from services.membership.settings import MembershipSettings
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Page
from shared.contracts.calls.membership import (
    AskForErasure,
    CancelErasure,
    GetErasure,
    ListErasures,
    ReadErasureReceipts,
)
from shared.contracts.discussion import WordsErased
from shared.contracts.envelope import Envelope
from shared.contracts.notifications import NoticesErased
from shared.wiring import erasing, gathering, metrics
from shared.wiring.due import every
from shared.wiring.rpc import rpc
from shared.wiring.standing import standing
from shared.wiring.store import Duplicate, Stale, Work, new_id, now
from shared.wiring.subscribe import subscribe

log = structlog.get_logger()

LOOK_AGAIN = 1.0
"""Seconds between two looks for erasures that are due."""
MEASURE_EVERY = 15.0
AT_ONCE = timedelta(0)
"""Nothing is on its way to membership that names a member."""


class ErasureHandlers(Leaving):
    """The number of an erasure is shown once and kept as its digest; whoever has it reads the receipts."""

    erasure_settings = MembershipSettings()

    @rpc
    def ask_for_erasure(self, call: AskForErasure) -> calls.Erasure:
        whose = erasures.whose(call.caller, call.member)
        at = now()
        erasures.check_fresh(call.caller, at)
        secret = make_secret(FOR_ERASURES)
        wait = timedelta(days=self.erasure_settings.erasure_waits_days)
        erasure = erasures.ask(new_id(), secret.digest, self.members.get(whose), call.new, at, wait)
        work = Work()
        self.erasures.add(work, erasure)
        work.afterwards(metrics.ERASURES.labels("asked").inc)
        # What is remembered for a repetition must not hold the number: it is kept nowhere.
        self.commit(work, call, erasure.shown())
        return erasure.shown(secret.text)

    @rpc
    def cancel_erasure(self, call: CancelErasure) -> calls.Erasure:
        whose = erasures.whose(call.caller, call.member)
        erasures.check_is_no_system(call.caller)
        was = self.erasures.open_of(whose)
        erasure = erasures.cancel(was, now())
        work = Work()
        if was is not None:
            self.erasures.put(work, was, erasure)
        work.afterwards(metrics.ERASURES.labels("cancelled").inc)
        return self.commit(work, call, erasure.shown())

    @rpc
    def get_erasure(self, call: GetErasure) -> calls.Erasure:
        if call.caller.operator and call.erasure is not None:
            found = self.erasures.get(call.erasure)
        else:
            whose = erasures.whose(call.caller, None)
            erasures.check_is_no_system(call.caller)
            found = self.erasures.open_of(whose)
        if found is None:
            raise erasures.no_such_erasure()
        return found.shown()

    @rpc
    def read_erasure_receipts(self, call: ReadErasureReceipts) -> calls.Erasure:
        found = self.erasures.by_digest(call.digest)
        if found is None:
            raise erasures.no_such_erasure()
        return found.shown()

    @rpc
    def list_erasures(self, call: ListErasures) -> Page[calls.Erasure]:
        check_operator(call.caller)
        found = self.erasures.page(after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.asked_at, last.id))
        return Page[calls.Erasure](items=tuple(one.shown() for one in page), next=next)

    # What follows by itself

    @every(LOOK_AGAIN)
    def begin_erasures(self) -> None:
        """Begin what is due; what somebody else changes at this moment has its turn next time."""
        for erasure in self.erasures.due(now()):
            member = self.members.get(erasure.member)
            try:
                if member is not None:
                    self._begin(erasure, member)
            except Stale:
                continue
            except Duplicate as met:  # somebody is called as only a former member should be; the others go on
                log.error("erasure.name_taken", erasure=erasure.id, where=met.index)

    def _begin(self, was: Erasure, member: Member) -> None:
        """Take away everything by which they come in, and tell everybody: in one transaction, so at one moment."""
        forgotten = erasures.forget(member, was, now())
        accounts = self.members.that_became(member.id)
        counts = {
            "members": 1 + len(accounts),
            "tokens": self.tokens.count_of(member.id),
            "sign_ins": self.sign_ins.count_of(member.id),
            "passkeys": self.passkeys.count_of(member.id),
        }
        work = Work()
        self.members.put(work, member, forgotten.member)
        self.leave_everything(work, forgotten.member)
        for account in accounts:
            gone = erasures.nobody(account)
            self.members.put(work, account, gone)
            work.tell(members.told(gone))
        self._end_exports(work, member, accounts)
        self.erasures.put(work, was, erasures.begin(was))
        told = {
            "email": member.email,
            "addresses": [
                address.model_dump() for one in (member, *accounts) for address in one.former_addresses
            ],
            "accounts": [account.id for account in accounts],
        }
        erasing.begin(work, member.id, AT_ONCE, erasure=was.id, counts=counts, **told)
        work.tell(forgotten.changed, forgotten.erased)
        work.afterwards(metrics.ERASURES.labels("begun").inc)
        self.store.commit(work)

    def _end_exports(self, work: Work, member: Member, accounts: list[Member]) -> None:
        """Let no copy be fetched any more; what was gathered goes with the rest of whom it is about, or is told to go."""
        for whose in (member, *accounts):
            was = self.exports.latest(whose.id)
            if was is None or not was.is_kept:
                continue
            export, fact = exports.end(was)
            self.exports.put(work, was, export)
            if whose is not member:
                gathering.drop(work, export.id)
                work.tell(fact)

    @every(LOOK_AGAIN)
    def erase_own(self) -> None:
        """Erase what membership itself keeps, and give its own receipt."""
        if self.directory_entries.unread(1):
            return  # a group from before, of which it is not known yet whether it names them
        for row in erasing.due(self.store):
            receipt = partial(self._own_receipt, row)
            erasing.erase(self.store, row, steps(self.store, row), receipt, WORDS)

    def _own_receipt(self, row: Mapping[str, Any], work: Work, erased: Mapping[str, int]) -> None:
        counts = {collection: erased.get(collection, 0) for collection in ERASED}
        self._receive(work, row["erasure"], "membership", Receipt(at=now(), erased=counts))

    @subscribe(WordsErased, batch=1)
    def hear_words_erased(self, heard: list[Envelope[WordsErased]], work: Work) -> None:
        for receipt in (envelope.data for envelope in heard):
            self._receive(work, receipt.erasure, "discussion", Receipt(at=receipt.at, erased=receipt.erased))

    @subscribe(NoticesErased, batch=1)
    def hear_notices_erased(self, heard: list[Envelope[NoticesErased]], work: Work) -> None:
        for receipt in (envelope.data for envelope in heard):
            self._receive(
                work, receipt.erasure, "notifications", Receipt(at=receipt.at, erased=receipt.erased)
            )

    def _receive(self, work: Work, id: str, service: str, receipt: Receipt) -> None:
        was = self.erasures.get(id)
        if was is None:
            return
        erasure = erasures.receive(was, service, receipt)
        if erasure != was:
            self.erasures.put(work, was, erasure)
            if erasure.state == "complete":
                work.afterwards(metrics.ERASURES.labels("complete").inc)

    @standing
    def measure_erasures(self, stopping: threading.Event) -> None:
        """Say how long one has waited for a receipt: by every copy, so that none tells what was true when it last looked."""
        while not stopping.is_set():
            since = self.erasures.waits_since()
            metrics.ERASURE_OVERDUE.set(max(0.0, (now() - since).total_seconds()) if since else 0.0)
            stopping.wait(MEASURE_EVERY)
