"""Experience reports: articles in which practitioners tell what they did, as threads of one post."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from deploy.archive.lines import read_lines
from deploy.archive.problems import Malformed
from deploy.archive.threads import ArchivedPost, ArchivedThread
from shared.contracts.vocabulary import Line, ThreadKind

UNKNOWN_AUTHOR = "Author unknown"
MOST_INTERESTS = 5
LONGEST_INTEREST = 60


class Report(BaseModel):
    """One line of a file of reports."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    title: str = Field(min_length=1)
    published: date
    topics: tuple[str, ...] = ()
    authors: tuple[Line, ...] = ()
    organisations: tuple[str, ...] = ()
    markdown: str = Field(max_length=390_000)


def read_reports(path: Path) -> Iterator[Report | Malformed]:
    """Read a file of reports, one at a time."""
    return read_lines(path, Report)


def as_thread(report: Report, community: str) -> ArchivedThread:
    """The thread that a report becomes: by its first author, at the day it was published."""
    first, *others = report.authors or (UNKNOWN_AUTHOR,)
    text = f"With {', '.join(others)}.\n\n{report.markdown}" if others else report.markdown
    at = datetime.combine(report.published, time(), UTC)
    return ArchivedThread(
        community=community,
        topic=report.title,
        posts=(ArchivedPost(author=first, at=at, text=text),),
        kind=ThreadKind.EXPERIENCE,
        interests=_interests(report.topics),
    )


def _interests(topics: tuple[str, ...]) -> tuple[str, ...]:
    words = dict.fromkeys(" ".join(topic.split())[:LONGEST_INTEREST].strip() for topic in topics)
    return tuple(word for word in words if word.isprintable() and word)[:MOST_INTERESTS]
