"""The second reading of an archive: sends it, a few calls at a time, and counts what was new."""

from collections.abc import Callable, Iterable, Mapping, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from deploy.archive.batches import Batch, batches
from deploy.archive.source import Source
from deploy.node.asking import OPERATOR, Asking
from shared.contracts.calls.discussion import Imported, ImportThreads

IN_FLIGHT = 3
"""Calls under way: one is on the road, one is being worked on, one is being written."""


def bring_threads(
    asking: Asking,
    source: Source,
    communities: Mapping[str, str],
    scattered: Set[str],
    each: Callable[[int, Imported], None],
) -> None:
    """Send every thread.

    Nothing is remembered here of how far it came: what is there already is known again by its ids.

    Args:
        asking: to the node.
        source: what to send.
        communities: ids by their names in the archive.
        scattered: the ids of threads that stand on more than one line.
        each: told of every call that was answered: how many posts it had, and how much was new.

    Raises:
        ArchiveProblem: when the node stays away.
        Refusal: what it says against a batch.
    """

    def send(batch: Batch) -> None:
        # Built without validation, as its threads were: `batches` says why.
        call = ImportThreads.model_construct(caller=OPERATOR, threads=batch.threads)
        each(batch.posts, asking.ask(call, Imported))

    in_turns(batches(source.name, source.read_threads(), communities, scattered), send)


def in_turns(work: Iterable[Batch], send: Callable[[Batch], None]) -> None:
    """Send batches a few at a time, but one that goes on with a thread only after all those before it."""
    underway: set[Future[None]] = set()
    with ThreadPoolExecutor(IN_FLIGHT) as senders:
        try:
            for batch in work:
                while underway and (batch.goes_on or len(underway) >= IN_FLIGHT):
                    underway = _after_one(underway)
                underway.add(senders.submit(send, batch))
            while underway:
                underway = _after_one(underway)
        except BaseException:
            senders.shutdown(wait=False, cancel_futures=True)
            raise


def _after_one(underway: set[Future[None]]) -> set[Future[None]]:
    done, left = wait(underway, return_when=FIRST_COMPLETED)
    for one in done:
        one.result()
    return left
