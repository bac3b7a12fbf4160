"""A small service on the real wiring: it is asked to pay, tells that it paid, and hears itself."""

import os
import time

from shared.contracts.envelope import Envelope
from shared.contracts.speakers import SPEAKERS
from shared.errors import Conflict, NotFound
from shared.wiring.rpc import rpc
from shared.wiring.store import Store, StoreProvider, Work
from shared.wiring.subscribe import subscribe
from tests.integration.wiring import ledger_words
from tests.integration.wiring.ledger_words import Bump, Paid, Pay, Receipt

SPEAKERS["ledger"] = ledger_words  # only in the ledger's own process: its tests import the words alone


class LedgerService:
    name = "ledger"
    store: Store = StoreProvider({"payments": [], "sums": [], "accounts": []})  # type: ignore[assignment]

    @rpc
    def pay(self, call: Pay) -> Receipt:
        if call.amount < 0:
            raise NotFound("Nobody pays less than nothing.", where="amount")
        if self.store.database["payments"].find_one({"_id": call.payment}):
            raise Conflict("It was paid already.")
        if call.wait:
            time.sleep(call.wait)
        work = Work()
        work.insert("payments", {"_id": call.payment, "amount": call.amount})
        work.tell(Paid(payment=call.payment, amount=call.amount, fails=call.fails))
        return self.store.commit(work, call, Receipt(payment=call.payment, amount=call.amount))

    @rpc
    def bump(self, call: Bump) -> Receipt:
        account = self.store.database["accounts"].find_one({"_id": "one"})
        work = Work()
        if account is None:
            work.insert("accounts", {"_id": "one", "revision": 1})
            revision = 1
        else:
            revision = account["revision"] + 1
            work.replace("accounts", {"_id": "one", "revision": revision}, was=account["revision"])
        return self.store.commit(work, call, Receipt(payment="one", amount=0, revision=revision))

    @subscribe(Paid, batch=int(os.environ.get("LEDGER_BATCH", "50")))
    def hear_paid(self, heard: list[Envelope[Paid]], work: Work) -> None:
        time.sleep(float(os.environ.get("LEDGER_TAKES", "0")))
        for envelope in heard:
            fact = envelope.data
            if fact.fails:
                seen = self.store.database["attempts"].find_one_and_update(
                    {"_id": fact.payment}, {"$inc": {"n": 1}}, upsert=True, return_document=True
                )
                if seen["n"] <= fact.fails:
                    raise ValueError(f"{fact.payment} fails on purpose")
            work.update("sums", {"_id": "all"}, {"$inc": {"sum": fact.amount, "count": 1}}, upsert=True)
