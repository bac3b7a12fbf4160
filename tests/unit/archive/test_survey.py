"""The first reading: what it finds, and what it refuses before anything is sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.archive.organisations import NamedOrganisation, Spread
from deploy.archive.problems import ArchiveProblem
from deploy.archive.source import Source, name_of
from deploy.archive.survey import survey
from deploy.archive.threads import ArchivedThread, thread_id
from shared.contracts.vocabulary import ThreadKind

BOARD, COUNCIL = NamedOrganisation(name="A Health Board"), NamedOrganisation(name="A Council")
REPORT = {
    "title": "What we did about falls",
    "published": "2024-05-06",
    "topics": ["Falls", "Co-design"],
    "authors": ["cat", "dan"],
    "organisations": ["A Council"],
    "markdown": "We put in **rails**.",
}


def thread(topic: str, *authors: str, community: str = "Falls") -> dict[str, Any]:
    posts = [
        {"author": author, "at": f"2020-01-0{day}T00:00:00Z", "text": "Words."}
        for day, author in enumerate(authors, 1)
    ]
    return {"community": community, "topic": topic, "posts": posts}


def source(folder: Path, *lines: object, reports: tuple[object, ...] = (), **more: Any) -> Source:
    threads, experiences = folder / "old.jsonl", folder / "reports.jsonl"
    threads.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    experiences.write_text("\n".join(map(json.dumps, reports)))
    return Source("old", threads, experiences if reports else None, **more)


def spread() -> Spread:
    return Spread([BOARD, COUNCIL], {}, "old")


def test_it_counts_and_learns_who_wrote_and_who_was_first(tmp_path: Path) -> None:
    lines = thread("a", "ann", "bob"), thread("b", "bob"), thread("c", "eve", community="Sleep")
    found = survey(source(tmp_path, *lines, reports=(REPORT,)), spread())
    assert (found.threads, found.posts, found.people.count()) == (4, 5, 4)
    assert found.founders == {"Falls": "ann", "Sleep": "eve", "Experiences": "cat"}


def test_it_finds_the_threads_that_stand_on_more_than_one_line(tmp_path: Path) -> None:
    lines = thread("a", "ann"), thread("b", "bob"), thread("a", "eve"), thread("a", "ann", community="Sleep")
    found = survey(source(tmp_path, *lines), spread())
    assert found.scattered == {thread_id("old", ArchivedThread.model_validate(lines[0]))}


def test_a_malformed_line_stops_it_or_is_passed_over(tmp_path: Path) -> None:
    lines = thread("a", "ann"), "{nonsense", thread("b", "bob")
    with pytest.raises(ArchiveProblem, match=r"old\.jsonl, line 2: .*Nothing was sent"):
        survey(source(tmp_path, *lines), spread())
    found = survey(source(tmp_path, *lines), spread(), skip_malformed=True)
    assert (found.threads, found.passed_over) == (2, 1)
    assert [one.line for one in found.malformed] == [2]


def test_an_empty_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveProblem, match="no thread"):
        survey(source(tmp_path), spread())


def test_a_facilitator_must_be_of_the_archive(tmp_path: Path) -> None:
    found = survey(source(tmp_path, thread("a", "ann", "bob"), facilitator="bob"), spread())
    assert found.founders == {"Falls": "bob"}
    with pytest.raises(ArchiveProblem, match="wrote nothing"):
        survey(source(tmp_path, thread("a", "ann"), facilitator="zoe"), spread())


def test_a_limit_is_for_threads_and_for_reports(tmp_path: Path) -> None:
    lines = [thread(str(number), "ann") for number in range(5)]
    assert survey(source(tmp_path, *lines, reports=(REPORT,) * 3, limit=2), spread()).threads == 4


def test_a_report_becomes_an_experience_by_its_first_author_on_its_day(tmp_path: Path) -> None:
    found = source(tmp_path, reports=(REPORT, {**REPORT, "title": "B", "authors": [], "topics": ["x" * 99]}))
    first, second = found.read_threads()
    assert first.title == REPORT["title"]
    assert first.thread.kind is ThreadKind.EXPERIENCE
    assert first.thread.interests == ("falls", "co-design")
    (post,) = first.thread.posts
    assert (post.author, post.at.isoformat()) == ("cat", "2024-05-06T00:00:00+00:00")
    assert post.text == "With dan.\n\nWe put in **rails**."
    assert second.thread.posts[0].author == "Author unknown"
    assert second.thread.interests == ("x" * 60,)


def test_a_report_tells_where_its_authors_belong(tmp_path: Path) -> None:
    homes = spread()
    survey(source(tmp_path, reports=(REPORT,)), homes)
    assert homes.home_of("cat").organisation is homes.home_of("dan").organisation is COUNCIL


def test_an_archive_is_named_by_its_file() -> None:
    assert name_of(Path("/x/threads.jsonl.gz")) == name_of(Path("threads.jsonl")) == "threads"
