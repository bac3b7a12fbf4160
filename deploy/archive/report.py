"""What an import did, for people and for programs."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from shared.contracts.calls.discussion import Imported
from shared.contracts.vocabulary import Confidential


class Report:
    """Counts while an import runs. Safe for threads.

    `seconds` are those of the second reading, in which posts are sent; `posts_per_second` follow from it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: float | None = None
        self._ended: float | None = None
        self.organisations = self.communities = self.people = 0
        self.threads = self.posts = self.passed_over = 0
        self.malformed: Sequence[str] = ()
        self.posts_sent = self.new_threads = self.new_posts = 0
        self.found: Counter[Confidential] = Counter()

    def begin(self) -> None:
        """Start the clock."""
        self._began = time.monotonic()

    def end(self) -> None:
        """Stop the clock."""
        self._ended = time.monotonic()

    def came(self, posts: int, new: Imported) -> None:
        """Count an answered call."""
        with self._lock:
            self.posts_sent += posts
            self.new_threads += new.threads
            self.new_posts += new.posts
            self.found.update(new.found)

    @property
    def seconds(self) -> float:
        """How long posts have been sent."""
        return 0.0 if self._began is None else (self._ended or time.monotonic()) - self._began

    @property
    def posts_per_second(self) -> float:
        """How many posts were answered for in a second; those that were there already count too."""
        return self.posts_sent / self.seconds if self.seconds else 0.0

    def as_json(self, problem: str | None = None) -> dict[str, Any]:
        """The report as a program reads it; see docs/import.md."""
        return {
            "done": problem is None,
            "problem": problem,
            "organisations": self.organisations,
            "communities": self.communities,
            "people": self.people,
            "threads": self.threads,
            "posts": self.posts,
            "posts_sent": self.posts_sent,
            "new_threads": self.new_threads,
            "new_posts": self.new_posts,
            "found": {kind.value: count for kind, count in sorted(self.found.items())},
            "passed_over": self.passed_over,
            "malformed": list(self.malformed),
            "seconds": round(self.seconds, 3),
            "posts_per_second": round(self.posts_per_second, 1),
        }

    def as_sentence(self) -> str:
        """The report as a person reads it."""
        known = self.posts_sent - self.new_posts
        return (
            f"{self.new_posts:,} posts in {self.new_threads:,} new threads came in"
            + (f", {known:,} were here already" if known else "")
            + f": {self.people:,} people, {self.seconds:.1f} s, {self.posts_per_second:,.0f} posts/s"
            + (
                f"; {self.passed_over:,} lines could not be read and were passed over"
                if self.passed_over
                else ""
            )
            + (f"; the guard found {self._found_in_words}" if self.found else "")
            + "."
        )

    @property
    def _found_in_words(self) -> str:
        return ", ".join(f"{count:,} × {kind.value}" for kind, count in sorted(self.found.items()))
