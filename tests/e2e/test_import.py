"""An archive comes in: whole, once, by its own authors at their own times, and nobody is told."""

import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.archive.ids import id_of as archive_id
from tests.e2e.archives import corpus, importing, report_of, write_archive, write_organisations
from tests.e2e.members import Member, Town, eventually
from tests.e2e.streams import stream

THREADS, POSTS, PEOPLE = 60, 12, 40
IN_ALL = 54 * POSTS + 6 * POSTS * 20


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("archive")
    archive = write_archive(folder, THREADS, POSTS, PEOPLE)
    return archive, write_organisations(folder, "Import Board", "Import Council", "Import University")


def counted(town: Town) -> dict[str, int]:
    """How many of everything there are."""
    discussion, membership = town.database("discussion"), town.database("membership")
    return {
        "threads": discussion["threads"].count_documents({}),
        "posts": discussion["posts"].count_documents({}),
        "members": membership["members"].count_documents({}),
        "memberships": membership["memberships"].count_documents({}),
    }


def reader(town: Town) -> Member:
    """Somebody who wrote nothing and may read everything."""
    return town.member(town.organisation("A reading organisation"), "Rita Reader")


@dataclass
class BroughtIn:
    """An import that was killed twice before it ended: its command, its report, what there was then, who was told."""

    words: tuple[object, ...]
    report: dict[str, Any]
    counts: dict[str, int]
    told: int


@pytest.fixture(scope="module")
def brought_in(town: Town, module_environment: Mapping[str, str], archive: tuple[Path, Path]) -> BroughtIn:
    words = archive[0], "--organisations", archive[1]
    posts = town.database("discussion")["posts"]
    for enough in (1, IN_ALL // 2):
        running = importing(module_environment, *words)
        eventually(lambda: posts.count_documents({}) >= enough, 60)  # noqa: B023
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        assert posts.count_documents({}) < IN_ALL, "it was killed too late to be interrupted"
    report = report_of(importing(module_environment, *words))
    notifications = town.database("notifications")
    eventually(lambda: notifications["ties"].count_documents({}) > THREADS, 30)
    time.sleep(1)
    return BroughtIn(words, report, counted(town), notifications["inbox"].count_documents({}))


def test_an_import_killed_twice_is_whole_after_the_third_time_and_tells_nobody(brought_in: BroughtIn) -> None:
    report, counts = brought_in.report, brought_in.counts
    assert (report["exit"], report["done"], report["problem"]) == (0, True, None)
    assert (report["threads"], report["posts"], report["people"]) == (THREADS, IN_ALL, PEOPLE)
    assert report["posts_sent"] == IN_ALL
    assert report["new_posts"] < IN_ALL
    assert (counts["threads"], counts["posts"]) == (THREADS, IN_ALL)
    assert counts["members"] == PEOPLE
    assert brought_in.told == 0


def test_bringing_it_in_again_changes_nothing(
    town: Town, module_environment: Mapping[str, str], brought_in: BroughtIn
) -> None:
    before = counted(town)
    again = report_of(importing(module_environment, *brought_in.words))
    assert (again["exit"], again["new_threads"], again["new_posts"]) == (0, 0, 0)
    assert counted(town) == before


@pytest.mark.usefixtures("brought_in")
def test_what_came_in_is_read_with_its_own_times_and_authors(town: Town) -> None:
    rita = reader(town)
    (community,) = (
        one["community"] for one in rita.read("/communities")["items"] if one["title"] == "Invented 0"
    )
    (thread,) = (
        one
        for one in rita.read(f"/communities/{community}/threads", limit=100)["items"]
        if one["title"] == "Topic 8?"
    )
    assert thread["kind"] == "question"
    assert thread["posts"] == POSTS
    assert thread["opened_at"].startswith("2019-09-01T10:00:00")
    first = rita.read(f"/threads/{thread['thread']}")["first_posts"][0]
    assert first["author"]["name"] == "person-16"
    assert first["author"]["organisation_name"] in ("Import Board", "Import Council", "Import University")
    assert first["posted_at"].startswith("2019-09-01T10:00:00")
    assert "Post 0 of thread 8." in first["text"]
    assert rita.read("/search", words='"thread 8"')["items"][0]["title"] == "Topic 8?"


@pytest.mark.usefixtures("brought_in")
def test_a_new_answer_in_an_old_thread_reaches_those_who_wrote_in_it(town: Town) -> None:
    rita = reader(town)
    (community,) = (
        one["community"] for one in rita.read("/communities")["items"] if one["title"] == "Invented 0"
    )
    rita.send("POST", f"/communities/{community}/join-requests", {})
    thread = archive_id("invented", "thread", "Invented 0", "Topic 8?")
    deed = f"post.{rita.post(thread, 'Has this changed since?')['post']}"
    inbox = town.database("notifications")["inbox"]
    wrote = {archive_id("invented", "person", f"person-{number}") for number in range(16, 16 + POSTS)}
    eventually(lambda: {row["member"] for row in inbox.find({"deed": deed})} == wrote)
    time.sleep(0.5)
    assert inbox.count_documents({"deed": deed}) == len(wrote)


def test_a_node_that_was_away_for_a_while_is_waited_for(
    town: Town, module_environment: Mapping[str, str], tmp_path: Path
) -> None:
    archive = write_archive(tmp_path, 20, 10, 9)
    before = counted(town)["posts"]
    words = archive, "--organisations", write_organisations(tmp_path, "Import Board"), "--source", "other"
    running = importing(module_environment, *words)
    posts = town.database("discussion")["posts"]
    eventually(lambda: posts.count_documents({}) > before, 60)
    town.node["discussion"].kill()
    time.sleep(1)
    town.node["discussion"].start()
    report = report_of(running)
    assert report["exit"] == 0, report["problem"]
    assert counted(town)["posts"] == before + report["posts"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["missing.jsonl"], 2, "does not exist"),
        (["--limit", "0"], 2, "greater than or equal to 1"),
        (["bad.jsonl"], 1, "bad.jsonl, line 2:"),
        (["bad.jsonl", "--skip-malformed", "--community", "f" * 24], 1, "There is no community"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    town: Town, module_environment: Mapping[str, str], tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    post = {"author": "ann", "at": "2020-01-01T00:00:00Z", "text": "Words."}
    good = json.dumps({"community": "Nowhere", "topic": "Good", "posts": [post]})
    (tmp_path / "bad.jsonl").write_text(f"{good}\nnonsense\n")
    organisations = write_organisations(tmp_path, "Import Board")
    before = counted(town)
    named = [str(tmp_path / word) if word.endswith(".jsonl") else word for word in words]
    running = importing(module_environment, *named, "--organisations", organisations)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == code
    assert said in " ".join(errors.replace("│", " ").split())
    assert "Traceback" not in errors
    assert counted(town) == before


def test_real_threads_and_reports_come_in_whole_and_wake_nobody(
    town: Town, module_environment: Mapping[str, str]
) -> None:
    real = corpus()
    rita = reader(town)
    inbox = town.database("notifications")["inbox"]
    before, told = counted(town), inbox.count_documents({})
    with stream(rita, town.node.stream_url) as listening:
        words = [real / "threads.jsonl.gz", "--organisations", real / "organisations.json"]
        words += ["--experiences", real / "experiences.jsonl.gz", "--topics", "escaped", "--limit", "120"]
        report = report_of(importing(module_environment, *words))
        assert report["exit"] == 0, report["problem"]
        assert report["malformed"] == []
        assert (report["new_threads"], report["new_posts"]) == (report["threads"], report["posts"])
        after = counted(town)
        assert after["threads"] - before["threads"] == report["threads"]
        assert after["posts"] - before["posts"] == report["posts"]
        time.sleep(1)
        assert listening.events == []
    assert inbox.count_documents({}) == told
    homes = town.database("discussion")["posts"].distinct("organisation")
    assert None not in homes, "a post came in before its author was heard of"
    titles = [one["title"] for one in rita.read("/communities", limit=100)["items"]]
    assert "Experiences" in titles
