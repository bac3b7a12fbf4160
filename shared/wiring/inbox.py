"""Hearing once: a fact's effect and the memory of having heard it are one transaction.

The broker may deliver a fact any number of times, to any replica. The first one to commit wins;
for the others the memory is already there, and nothing changes. Many facts are taken together,
because a transaction costs nearly the same for two hundred as for one.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.contracts.envelope import Contract, Envelope
from shared.wiring import metrics
from shared.wiring.store import HEARD, Store
from shared.wiring.work import Duplicate, Stale, Work

ATTEMPTS = 5

Handler = Callable[[Any, list[Envelope[Any]], Work], None]


def hear(
    store: Store,
    service: object,
    handler: Handler,
    contract: type[Contract],
    envelopes: Sequence[Envelope[Any]],
) -> int:
    """Let `handler` have its effect for those envelopes that were never heard before.

    Args:
        store: the listening service's database.
        service: the instance whose method `handler` is.
        handler: `(service, heard, work)`; it may run several times, and only the last run's work is kept.
        contract: what they are all of.
        envelopes: in the order of arrival; the same one may be there twice.

    Returns:
        how many were new.

    Raises:
        Stale: other replicas were quicker each time; try the same again later.
    """
    by_memory = {_memory_of(contract, envelope): envelope for envelope in envelopes}
    labels = (store.service, contract.word)
    for attempt in range(ATTEMPTS):
        before = store.heard_before(by_memory)
        fresh = {memory: envelope for memory, envelope in by_memory.items() if memory not in before}
        if not fresh:
            break
        work = Work()
        handler(service, list(fresh.values()), work)
        moment = datetime.now(UTC)
        work.insert(HEARD, *({"_id": memory, "at": moment} for memory in fresh))
        try:
            store.commit(work)
        except (Stale, Duplicate) as error:
            if isinstance(error, Duplicate) and error.collection != HEARD:
                raise
            metrics.TRANSACTION_RETRIES.labels(store.service).inc()
            time.sleep(0.005 * 2**attempt)
            continue
        _measure(labels, envelopes, fresh.values())
        return len(fresh)
    else:
        raise Stale(f"{contract.word}: others were quicker {ATTEMPTS} times")
    metrics.HEARD.labels(*labels, "again").inc(len(envelopes))
    return 0


def _memory_of(contract: type[Contract], envelope: Envelope[Any]) -> str:
    return f"{contract.word}.{envelope.source}.{envelope.id}"


def _measure(labels: tuple[str, str], envelopes: Sequence[Envelope[Any]], fresh: Any) -> None:
    metrics.HEARD.labels(*labels, "done").inc(len(fresh))
    if len(envelopes) > len(fresh):
        metrics.HEARD.labels(*labels, "again").inc(len(envelopes) - len(fresh))
    moment = datetime.now(UTC)
    delay = metrics.HEARD_DELAY.labels(*labels)
    for envelope in fresh:
        delay.observe(max(0.0, (moment - envelope.time).total_seconds()))
