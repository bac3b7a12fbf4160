"""The first reading of an archive: is every line sound, how much is there, and who wrote it?"""

from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.archive.experiences import Report, as_thread
from deploy.archive.organisations import Spread
from deploy.archive.people import People
from deploy.archive.problems import ArchiveProblem, Malformed
from deploy.archive.source import Source
from deploy.archive.threads import thread_id

MOST_SHOWN = 100


@dataclass
class Survey:
    """What the first reading found.

    Args:
        people: everybody who wrote.
        founders: who opened the first thread of each community, by its name in the archive.
        scattered: the ids of threads that stand on more than one line.
        threads, posts: how many there are in lines that could be read.
        malformed: the first hundred lines that could not.
        passed_over: how many could not.
    """

    people: People
    founders: dict[str, str] = field(default_factory=dict)
    scattered: set[str] = field(default_factory=set)
    threads: int = 0
    posts: int = 0
    malformed: list[Malformed] = field(default_factory=list)
    passed_over: int = 0


def survey(
    source: Source, spread: Spread, *, skip_malformed: bool = False, each: Callable[[], None] = lambda: None
) -> Survey:
    """Read an archive once, sending nothing.

    Args:
        source: what to read.
        spread: learns from the reports who belongs where.
        skip_malformed: whether lines that can't be read are passed over, and counted.
        each: called after every line.

    Raises:
        ArchiveProblem: at the first line that can't be read; when there is nothing to bring in; when the
            facilitator wrote nothing.
    """
    found = Survey(People(source.name, spread))
    seen: set[bytes] = set()
    for line in source.read():
        if isinstance(line, Malformed):
            if not skip_malformed:
                raise ArchiveProblem(
                    f"{line}. Nothing was sent; mend the line, or pass such lines over with --skip-malformed."
                )
            found.passed_over += 1
            found.malformed += [line] if len(found.malformed) < MOST_SHOWN else []
        else:
            if isinstance(line, Report):
                spread.report(line.authors, line.organisations)
            thread = as_thread(line, source.reports_community) if isinstance(line, Report) else line
            id = thread_id(source.name, thread)
            known = bytes.fromhex(id)  # half as large in memory
            if known in seen:
                found.scattered.add(id)
            seen.add(known)
            found.threads += 1
            found.posts += len(thread.posts)
            found.founders.setdefault(thread.community, thread.posts[0].author)
            for post in thread.posts:
                found.people.wrote(thread.community, post.author, post.at)
        each()
    if not found.threads:
        raise ArchiveProblem("There is no thread in this archive.")
    if source.facilitator is not None:
        _put_in_charge(found, source.facilitator)
    return found


def _put_in_charge(found: Survey, facilitator: str) -> None:
    if not any(found.people.has(facilitator, community) for community in found.founders):
        raise ArchiveProblem("The facilitator that was named wrote nothing in this archive.")
    found.founders = dict.fromkeys(found.founders, facilitator)
