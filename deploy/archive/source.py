"""What is to be brought in: the archive's threads and the reports, one after the other, as one sequence."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from deploy.archive import experiences
from deploy.archive.lines import read_lines
from deploy.archive.problems import Malformed
from deploy.archive.threads import ArchivedThread, Topics, title_of
from shared.contracts.vocabulary import Id, Visibility


class Titled(NamedTuple):
    """A thread as the archive has it, and the title that it gets here."""

    thread: ArchivedThread
    title: str


@dataclass(frozen=True)
class Source:
    """An archive and how to read it.

    Args:
        name: what its ids follow from; the same archive must have the same name every time.
        threads: the file of threads, None when only reports are brought in.
        reports: the file of experience reports, or None.
        reports_community: the title of the community that takes the reports.
        topics: how topics are written.
        community: a community that exists and takes everything; None makes one for each that is named.
        visibility: of the communities that are made.
        facilitator: who facilitates those, by name in the archive; None for whoever opened the first thread.
        limit: how many threads, and how many reports, are read; None for all.
    """

    name: str
    threads: Path | None
    reports: Path | None = None
    reports_community: str = "Experiences"
    topics: Topics = Topics.PLAIN
    community: Id | None = None
    visibility: Visibility = Visibility.OPEN
    facilitator: str | None = None
    limit: int | None = None

    def read(self) -> Iterator[ArchivedThread | experiences.Report | Malformed]:
        """Every line, as it is written."""
        if self.threads:
            yield from islice(read_lines(self.threads, ArchivedThread), self.limit)
        if self.reports:
            yield from islice(experiences.read_reports(self.reports), self.limit)

    def read_threads(self) -> Iterator[Titled]:
        """Every thread with its title, malformed lines left out, reports as the threads that they become."""
        for line in self.read():
            if isinstance(line, experiences.Report):
                thread = experiences.as_thread(line, self.reports_community)
                yield Titled(thread, title_of(thread.topic, Topics.PLAIN))
            elif isinstance(line, ArchivedThread):
                yield Titled(line, title_of(line.topic, self.topics))


def name_of(path: Path) -> str:
    """The name of an archive that was given none: its file's, without what says how it is written."""
    return path.name.removesuffix(".gz").removesuffix(".jsonl")
