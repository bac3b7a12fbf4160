"""Who should have been told of what, worked out a second time, from docs/notifications.md alone.

It is told what happened, in order, and keeps what every inbox should hold; nothing here is shared
with the service that it checks.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

ALL, ADDRESSED, NOTHING = "all", "mentions and answers", "nothing"
LOUDNESS = {NOTHING: 0, ADDRESSED: 1, ALL: 2}
ORDER = (
    "you were mentioned",
    "you asked",
    "you facilitate",
    "you follow",
    "your profession is needed",
    "your interest is needed",
    "it is about you",
)

# From the page's table: what the reader's level must be at least, for a reason to count.
OPENED = {
    "you were mentioned": ADDRESSED,
    "you facilitate": ALL,
    "you follow": ALL,
    "your profession is needed": ADDRESSED,
    "your interest is needed": ADDRESSED,
}
ADDED = {"you were mentioned": ADDRESSED, "you asked": ADDRESSED, "you follow": ALL}
ACCEPTED = {"you asked": ADDRESSED, "you follow": ADDRESSED, "it is about you": ADDRESSED}

Told = dict[tuple[str, str], tuple[str, ...]]
"""An inbox: for each kind and link, the reasons."""


@dataclass
class Somebody:
    """A member as far as it matters who is told."""

    profession: str
    level: str = ALL
    facilitates: bool = False
    inside: bool = True


@dataclass
class Thread:
    """Who opened it, whether that was to ask, and who follows it."""

    opener: str
    is_question: bool
    followers: set[str] = field(default_factory=set)


class Oracle:
    """What every inbox of one community should hold."""

    def __init__(self) -> None:
        self.people: dict[str, Somebody] = {}
        self.threads: dict[str, Thread] = {}
        self.inboxes: dict[str, Told] = defaultdict(dict)

    def leaves(self, who: str) -> None:
        """Somebody leaves the community: nothing of it stays in their inbox."""
        self.people[who].inside = False
        self.inboxes[who].clear()

    def opens(
        self,
        who: str,
        thread: str,
        *,
        is_question: bool,
        mentions: Iterable[str],
        professions: Iterable[str],
    ) -> None:
        """A thread is opened."""
        named, wanted = set(mentions), set(professions)
        for reader, they in self.people.items():
            reasons = {"you follow"}
            reasons |= {"you were mentioned"} if reader in named else set()
            reasons |= {"you facilitate"} if they.facilitates else set()
            reasons |= {"your profession is needed"} if they.profession in wanted else set()
            self._tell(who, reader, ("thread opened", f"/v1/threads/{thread}"), reasons, OPENED)
        self.threads[thread] = Thread(who, is_question, {who})

    def posts(self, who: str, thread: str, post: str, mentions: Iterable[str]) -> None:
        """Somebody writes in a thread."""
        there, named = self.threads[thread], set(mentions)
        for reader in self.people:
            reasons = {"you were mentioned"} if reader in named else set()
            reasons |= self._bound(reader, there)
            self._tell(who, reader, ("post added", f"/v1/posts/{post}"), reasons, ADDED)
        there.followers.add(who)

    def accepts(self, who: str, thread: str, post: str, author: str) -> None:
        """A post is accepted as the answer."""
        for reader in self.people:
            reasons = {"it is about you"} if reader == author else set()
            reasons |= self._bound(reader, self.threads[thread])
            self._tell(who, reader, ("answer accepted", f"/v1/posts/{post}"), reasons, ACCEPTED)

    def _bound(self, reader: str, thread: Thread) -> set[str]:
        reasons = {"you follow"} if reader in thread.followers else set()
        return reasons | ({"you asked"} if thread.is_question and reader == thread.opener else set())

    def _tell(
        self, who: str, reader: str, what: tuple[str, str], reasons: set[str], needed: dict[str, str]
    ) -> None:
        they = self.people[reader]
        if reader == who or not they.inside:
            return
        counting = {one for one in reasons if LOUDNESS[they.level] >= LOUDNESS[needed[one]]}
        if counting:
            self.inboxes[reader][what] = tuple(sorted(counting, key=ORDER.index))
