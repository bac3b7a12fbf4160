"""What every handler of the discussion service works with."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from services.discussion.domain import author, post, thread
from services.discussion.domain.mention import Mentions, candidates, mentioned
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from services.discussion.repositories.copies import Copies, Facts
from services.discussion.repositories.posts import Posts
from services.discussion.repositories.threads import Threads
from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Post as ShownPost
from shared.contracts.calls.discussion import ThreadSummary
from shared.errors import NOWHERE
from shared.wiring.store import Duplicate, Stale, Store

TURNS = Turns()


class Desk:
    """The repositories, and what is read and shown the same way everywhere."""

    store: Store

    @property
    def copies(self) -> Copies:
        return Copies(self.store.database)

    @property
    def threads(self) -> Threads:
        return Threads(self.store.database)

    @property
    def posts(self) -> Posts:
        return Posts(self.store.database)

    def read_post(self, caller: Caller, id: str, handles: Sequence[str] = ()) -> tuple[Post, Thread, Facts]:
        """A post the caller sees, its thread, and what is needed to show it; for `handles` see `mentions`."""
        found = self.posts.find(id)
        within = self.threads.find(found.thread) if found else None
        facts = self.copies.read(
            caller,
            found.community if found else NOWHERE,
            members=[found.author] if found else [],
            organisations=[found.organisation] if found else [],
            handles=candidates(handles),
        )
        return *post.check_sees(found, within, facts.standing), facts

    def mentions(
        self, handles: Sequence[str], facts: Facts, *, author: str, guests: tuple[str, ...] = ()
    ) -> Mentions:
        """Whom `handles` name, of those read with `facts`."""
        if not handles:
            return Mentions()
        places = self.copies.places_in(facts.standing.asked_for, set(facts.by_handle.values()))
        return mentioned(handles, facts.by_handle, places, guests=guests, author=author)


def shown_post(of: Post, facts: Facts) -> ShownPost:
    """A post as readers see it."""
    return post.shown(of, author.shown(of.author, facts.members, facts.organisations))


def shown_posts(posts: Iterable[Post], facts: Facts) -> tuple[ShownPost, ...]:
    """Posts as readers see them."""
    posts = list(posts)
    ids = {each.author for each in posts}
    authors = {id: author.shown(id, facts.members, facts.organisations) for id in ids}
    return tuple(post.shown(each, authors[each.author]) for each in posts)


def summary(of: Thread, facts: Facts) -> ThreadSummary:
    """A thread as a list shows it."""
    return thread.summary(of, author.shown(of.author, facts.members, facts.organisations))


@contextmanager
def deciding_again(collection: str) -> Iterator[None]:
    """Decide again when somebody else has just written the same row of `collection`."""
    try:
        yield
    except Duplicate as duplicate:
        if duplicate.collection != collection:
            raise
        raise Stale(collection) from duplicate
