"""Cuts an archive into calls: many short threads together, a long one in parts.

Where a thread is cut depends on that thread alone, so that the same parts are sent every time,
wherever the import was interrupted and whatever stands around the thread.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from deploy.archive.people import person_id
from deploy.archive.source import Titled
from deploy.archive.threads import Turns, kind_of, post_ids, thread_id
from shared.contracts.calls.discussion import ImportedPost, ImportedThread

MOST_THREADS = 100
MOST_POSTS = 200
MOST_CHARACTERS = 600_000
"""Of the posts in one call: about as many bytes, and at the very worst, in a foreign script, four times that."""


class Part(NamedTuple):
    """A thread, or the next so many posts of one.

    Args:
        thread: what is sent of it.
        characters: how long its posts are together.
        goes_on: whether other parts of this thread come before it.
    """

    thread: ImportedThread
    characters: int
    goes_on: bool


class Batch(NamedTuple):
    """What goes into one call; `goes_on` when it continues threads of batches before it."""

    parts: Sequence[Part]

    @property
    def threads(self) -> tuple[ImportedThread, ...]:
        """What the call carries."""
        return tuple(part.thread for part in self.parts)

    @property
    def posts(self) -> int:
        """How many posts it carries."""
        return sum(len(part.thread.posts) for part in self.parts)

    @property
    def goes_on(self) -> bool:
        """Whether all batches before it must be there first."""
        return any(part.goes_on for part in self.parts)


def batches(
    source: str, threads: Iterable[Titled], communities: Mapping[str, str], scattered: Set[str] = frozenset()
) -> Iterator[Batch]:
    """Cut threads into calls.

    Args:
        source: the archive's name.
        threads: in the archive's order.
        communities: their ids, by their names in the archive.
        scattered: the ids of those that stand on more than one line; only of them it is remembered what came.
    """
    turns: dict[str, Turns] = {}
    parts: list[Part] = []
    posts = characters = 0
    for titled in threads:
        id = thread_id(source, titled.thread)
        came = turns.setdefault(id, Turns()) if id in scattered else Turns()
        for part in _parts(source, titled, communities[titled.thread.community], came):
            size = len(part.thread.posts)
            full = (
                len(parts) == MOST_THREADS
                or posts + size > MOST_POSTS
                or characters + part.characters > MOST_CHARACTERS
            )
            if parts and full:
                yield Batch(parts)
                parts, posts, characters = [], 0, 0
            parts.append(part)
            posts += size
            characters += part.characters
    if parts:
        yield Batch(parts)


def _parts(source: str, titled: Titled, community: str, turns: Turns) -> Iterator[Part]:
    archived, title = titled
    id, kind = thread_id(source, archived), kind_of(archived, title)

    def part(posts: list[ImportedPost], characters: int, goes_on: bool) -> Part:
        # Built without validation: every field was validated when the line was read.
        thread = ImportedThread.model_construct(
            id=id,
            community=community,
            kind=kind,
            title=title,
            posts=tuple(posts),
            interests=archived.interests,
        )
        return Part(thread, characters, goes_on)

    posts: list[ImportedPost] = []
    characters = 0
    goes_on = bool(turns)
    for post_id, post in zip(post_ids(source, archived, turns), archived.posts, strict=True):
        words = post.words
        if posts and (len(posts) == MOST_POSTS or characters + len(words) > MOST_CHARACTERS):
            yield part(posts, characters, goes_on)
            posts, characters, goes_on = [], 0, True
        posts.append(
            ImportedPost.model_construct(
                id=post_id,
                author=person_id(source, post.author),
                at=post.at,
                text=words if post.html is None else None,
                html=None if post.html is None else words,
            )
        )
        characters += len(words)
    yield part(posts, characters, goes_on)
