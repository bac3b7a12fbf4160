"""Somebody is to be forgotten, without the days of waiting; what membership itself has to do with it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.wiring.store import Store, now
from tests.services.test_membership.cast import OPERATOR, Cast

PATIENCE = 20.0


def eventually(what: Callable[[], Any]) -> Any:
    """What comes to be, within some seconds."""
    until = time.monotonic() + PATIENCE
    while not (value := what()):
        assert time.monotonic() < until, "never"
        time.sleep(0.1)
    return value


def ask(cast: Cast, member: str) -> str:
    """Ask the operator that a member be forgotten; the erasure's id."""
    who = cast.ask(calls.GetMember(caller=OPERATOR, member=member), calls.Member)
    call = calls.AskForErasure(caller=OPERATOR, member=member, new=calls.NewErasure(handle=who.handle))
    return cast.ask(call, calls.Erasure).erasure


def let_begin(store: Store, *erasures: str) -> None:
    """Let the days go by in which they can be cancelled."""
    due = {"$set": {"due_at": now() - timedelta(seconds=1)}}
    store.database.erasures.update_many({"_id": {"$in": list(erasures)}}, due)


def receipt(store: Store, erasure: str) -> dict[str, int]:
    """What membership has erased, once it says so."""
    which = {"_id": erasure, "receipts.membership": {"$exists": True}}
    found = eventually(lambda: store.database.erasures.find_one(which))
    erased: dict[str, int] = found["receipts"]["membership"]["erased"]
    return erased


def forget(cast: Cast, store: Store, member: str) -> dict[str, int]:
    """Forget a member; what membership has erased."""
    erasure = ask(cast, member)
    let_begin(store, erasure)
    return receipt(store, erasure)


def directory(organisation: str) -> Caller:
    """An organisation's directory."""
    return Caller(organisation=organisation, scopes=frozenset({"directory:write"}))
