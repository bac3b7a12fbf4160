"""How a thread of an archive is read, named and known again."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from deploy.archive.lines import read_lines
from deploy.archive.problems import ArchiveProblem, Malformed
from deploy.archive.threads import (
    NO_TITLE,
    ArchivedPost,
    ArchivedThread,
    Topics,
    Turns,
    kind_of,
    post_ids,
    thread_id,
    title_of,
)
from shared.contracts.vocabulary import ThreadKind

POST = {"author": "ann", "at": "2020-02-03T04:05:06Z", "text": "Hello."}
THREAD = {"community": "Falls", "topic": "Rails", "posts": [POST]}


def thread(**changes: object) -> ArchivedThread:
    return ArchivedThread.model_validate({**THREAD, **changes})


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Making.20a.20rail", "Making a rail"),
        (".E2.9C.94.20Done.3F", "✔ Done?"),
        ("100% sure.2E", "100% sure."),
        ("v.1 and .zz", "v.1 and .zz"),
        ("broken.FF", "broken\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_an_escaped_topic_is_read_as_it_was_typed(written: str, title: str) -> None:
    assert title_of(written, Topics.ESCAPED) == title


def test_a_plain_topic_keeps_what_looks_like_an_escape() -> None:
    assert title_of("Version 1.20", Topics.PLAIN) == "Version 1.20"


@given(some.text(), some.sampled_from(Topics))
def test_whatever_the_topic_its_title_is_a_line_of_at_most_200_characters(topic: str, topics: Topics) -> None:
    title = title_of(topic, topics)
    assert 0 < len(title) <= 200
    assert title == " ".join(title.split())
    assert not any(ord(character) < 0x20 or ord(character) == 0x7F for character in title)


def test_a_topic_of_nothing_still_has_a_title() -> None:
    assert title_of("\x00 \n", Topics.PLAIN) == NO_TITLE


def test_a_long_topic_is_cut_and_says_so() -> None:
    title = title_of("a" * 300, Topics.PLAIN)
    assert len(title) == 200
    assert title.endswith("…")


@pytest.mark.parametrize(
    ("title", "first", "kind"),
    [
        ("Has anybody tried rails?", {"text": "We have not."}, ThreadKind.QUESTION),
        ("Rails", {"text": "Has anybody tried them?  \n"}, ThreadKind.QUESTION),
        ("Rails", {"html": "<p>Has anybody <em>tried them?</em></p>\n"}, ThreadKind.QUESTION),
        ("Rails", {"html": "<p>Why? Because.</p>"}, ThreadKind.DISCUSSION),
        ("Rails", {"html": ""}, ThreadKind.DISCUSSION),
    ],
)
def test_what_ends_with_a_question_mark_is_a_question(
    title: str, first: dict[str, str], kind: ThreadKind
) -> None:
    post = {"author": "ann", "at": POST["at"], **first}
    assert kind_of(thread(posts=[post]), title) is kind


def test_the_archive_s_own_word_on_the_kind_counts() -> None:
    assert kind_of(thread(kind="announcement"), "Who comes?") is ThreadKind.ANNOUNCEMENT


def test_a_post_has_text_or_html_and_keeps_it_but_for_control_characters() -> None:
    assert ArchivedPost.model_validate({**POST, "text": "a\x00b\tc\n"}).words == "ab\tc\n"
    for both in ({"html": "<p>"}, {"text": None}):
        with pytest.raises(ValidationError):
            ArchivedPost.model_validate({**POST, **both})


def test_the_same_thread_has_the_same_ids_and_another_source_s_has_others() -> None:
    one = thread(posts=[POST, POST, {**POST, "author": "bob"}])
    assert thread_id("a", one) == thread_id("a", thread())
    assert thread_id("a", one) != thread_id("b", one)
    ids = list(post_ids("a", one, Turns()))
    assert len(set(ids)) == 3
    assert ids == list(post_ids("a", one, Turns()))


def test_a_thread_that_grew_keeps_the_ids_of_its_earlier_posts() -> None:
    grown = thread(posts=[POST, {**POST, "at": "2021-01-01T00:00:00Z"}])
    assert next(post_ids("a", grown, Turns())) == next(post_ids("a", thread(), Turns()))


def test_lines_are_read_one_by_one_compressed_or_not_and_bad_ones_told_by_number(tmp_path: Path) -> None:
    written = "\n".join(
        [json.dumps(THREAD), "", "{", json.dumps({**THREAD, "posts": []}), json.dumps({**THREAD, "new": 1})]
    )
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_text(written)
    packed.write_bytes(gzip.compress(written.encode()))
    for path in (plain, packed):
        read = list(read_lines(path, ArchivedThread))
        assert [type(line) for line in read] == [ArchivedThread, Malformed, Malformed, ArchivedThread]
        assert [line.line for line in read if isinstance(line, Malformed)] == [3, 4]
        assert str(read[2]).startswith(f"{path.name}, line 4: posts:")


def test_a_malformed_line_is_told_of_without_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({**THREAD, "posts": [{**POST, "at": "a secret"}]}))
    (told,) = read_lines(path, ArchivedThread)
    assert "posts.0.at" in str(told)
    assert "secret" not in str(told)


def test_a_file_cut_off_in_its_compression_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    lines = "\n".join(json.dumps({**THREAD, "topic": str(number)}) for number in range(1000))
    path.write_bytes(gzip.compress(lines.encode())[:-20])
    with pytest.raises(ArchiveProblem, match=r"a\.jsonl\.gz can't be read after line"):
        list(read_lines(path, ArchivedThread))
