"""A thread of an archive: how it is written there, and what it is called, kept as and known by here."""

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Self
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from deploy.archive.ids import id_of
from shared.contracts.vocabulary import Line, Moment, ThreadKind, Word

LONGEST_TITLE = 200
NO_TITLE = "(no title)"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r"\.([0-9A-F]{2})")
_TAIL_OF_TAGS = re.compile(r"(?:\s|</?[a-zA-Z][^<>]*>|&nbsp;)+\Z")
_TAIL_LENGTH = 500


class Topics(StrEnum):
    """How an archive writes topics: `plain`, or `escaped` as in Zulip's addresses, `.20` for a space."""

    PLAIN = "plain"
    ESCAPED = "escaped"


class _Archived(BaseModel):
    """Read patiently: fields that are not known here are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ArchivedPost(_Archived):
    """One post, as Markdown (`text`) or as the page that its source made of it (`html`)."""

    author: Line
    at: Moment
    text: str | None = Field(None, max_length=400_000)
    html: str | None = Field(None, max_length=1_000_000)

    @model_validator(mode="after")
    def text_or_html(self) -> Self:
        """A post has exactly one of the two, which may be empty."""
        if (self.text is None) == (self.html is None):
            raise ValueError("give `text` or `html`, and not both")
        return self

    @property
    def words(self) -> str:
        """What was written, without the control characters that nobody types."""
        return _CONTROL.sub("", self.text if self.text is not None else self.html or "")


class ArchivedThread(_Archived):
    """One line of an archive; `kind` and `interests` only where the archive knows them."""

    community: Line
    topic: str
    posts: tuple[ArchivedPost, ...] = Field(min_length=1)
    kind: ThreadKind | None = None
    interests: tuple[Word, ...] = Field((), max_length=5)


def title_of(topic: str, topics: Topics) -> str:
    """A topic as a title: unescaped where it was escaped, on one line, at most 200 characters."""
    if topics is Topics.ESCAPED:
        topic = unquote(_ESCAPED.sub(r"%\1", topic.replace("%", "%25")))
    words = " ".join(_CONTROL.sub(" ", topic).split())
    if len(words) > LONGEST_TITLE:
        words = words[: LONGEST_TITLE - 1].rstrip() + "…"
    return words or NO_TITLE


def kind_of(thread: ArchivedThread, title: str) -> ThreadKind:
    """What the archive says; else a question when the title or the first post ends with a question mark."""
    if thread.kind is not None:
        return thread.kind
    # Markup at the very end of a post is passed over; only the end is looked at, however long the post is.
    ending = _TAIL_OF_TAGS.sub("", thread.posts[0].words[-_TAIL_LENGTH:])
    asks = title.endswith("?") or ending.endswith("?")
    return ThreadKind.QUESTION if asks else ThreadKind.DISCUSSION


def thread_id(source: str, thread: ArchivedThread) -> str:
    """A thread is known by its community and topic."""
    return id_of(source, "thread", thread.community, thread.topic)


Turns = Counter[tuple[str, str]]
"""How often each author has written at each moment in one thread."""


def post_ids(source: str, thread: ArchivedThread, turns: Turns) -> Iterator[str]:
    """A post is known by its thread, author and moment, and by its turn where those are the same.

    Args:
        source: the archive's name.
        thread: one line of it.
        turns: what earlier lines of the same thread had; counted on.
    """
    for post in thread.posts:
        at = post.at.isoformat()
        turn = turns[post.author, at]
        turns[post.author, at] += 1
        yield id_of(source, "post", thread.community, thread.topic, post.author, at, str(turn))
