"""How an archive is cut into calls."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as some

from deploy.archive.batches import MOST_CHARACTERS, MOST_POSTS, MOST_THREADS, Batch, batches
from deploy.archive.source import Titled
from deploy.archive.threads import ArchivedThread, thread_id
from shared.contracts.calls.discussion import ImportedThread

COMMUNITY = "c" * 24


def titled(topic: str, posts: int, characters: int = 5) -> Titled:
    post = {"at": "2020-02-03T04:05:06Z", "text": "x" * characters}
    written = [{**post, "author": f"a{number % 7}"} for number in range(posts)]
    archived = ArchivedThread.model_validate({"community": "Falls", "topic": topic, "posts": written})
    return Titled(archived, topic)


def cut(*threads: Titled) -> list[Batch]:
    return list(batches("source", threads, {"Falls": COMMUNITY}))


sizes = some.lists(some.tuples(some.integers(1, 450), some.integers(0, 9_000)), min_size=1, max_size=6)


@given(sizes)
def test_every_post_is_sent_once_in_order_and_no_call_is_too_large(sizes: list[tuple[int, int]]) -> None:
    threads = [titled(str(number), *size) for number, size in enumerate(sizes)]
    sent = cut(*threads)
    for batch in sent:
        assert len(batch.parts) <= MOST_THREADS
        assert batch.posts <= MOST_POSTS
        assert sum(part.characters for part in batch.parts) <= MOST_CHARACTERS
    ids = [post.id for batch in sent for thread in batch.threads for post in thread.posts]
    assert len(ids) == len(set(ids)) == sum(posts for posts, _ in sizes)


def test_what_is_built_without_validation_would_pass_it() -> None:
    for batch in cut(titled("a", 450), titled("b", 3)):
        for thread in batch.threads:
            assert ImportedThread.model_validate(thread.model_dump()) == thread


def test_only_the_first_part_of_a_long_thread_does_not_go_on() -> None:
    parts = [part for batch in cut(titled("a", 450)) for part in batch.parts]
    assert [part.goes_on for part in parts] == [False, True, True]
    assert [len(part.thread.posts) for part in parts] == [200, 200, 50]


def test_a_thread_is_cut_the_same_whatever_stands_around_it() -> None:
    def parts_of_long(*around: Titled) -> list[ImportedThread]:
        return [t for batch in cut(*around, titled("long", 450)) for t in batch.threads if t.title == "long"]

    assert parts_of_long() == parts_of_long(titled("a", 150), titled("b", 199))


def test_one_post_larger_than_a_call_goes_alone() -> None:
    sent = cut(titled("a", 1), titled("b", 1, 400_000), titled("c", 1, 400_000))
    assert Counter(len(batch.parts) for batch in sent) == {2: 1, 1: 1}


def test_equal_posts_on_two_lines_of_one_thread_are_two_and_the_second_line_waits() -> None:
    lines = [titled("a", 2), titled("b", 2), titled("a", 3)]
    scattered = {thread_id("source", lines[0].thread)}
    for _ in range(2):  # and again the same
        parts = [
            part
            for batch in batches("source", lines, {"Falls": COMMUNITY}, scattered)
            for part in batch.parts
        ]
        assert parts[0].thread.id == parts[2].thread.id
        ids = [post.id for part in parts for post in part.thread.posts]
        assert len(set(ids)) == len(ids) == 7
        assert [part.goes_on for part in parts] == [False, False, True]
