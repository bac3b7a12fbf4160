"""What every handler of the discussion service works with."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from services.discussion.domain import author, post, thread, withheld
from services.discussion.domain.mention import Mentions, candidates, mentioned
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from services.discussion.repositories.copies import Copies, Facts
from services.discussion.repositories.posts import Posts
from services.discussion.repositories.threads import Threads
from services.discussion.service.turns import Turns
from shared.contracts.calls.call import Caller
from shared.contracts.calls.discussion import Author, ThreadSummary
from shared.contracts.calls.discussion import Post as ShownPost
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
    """A post as the caller sees it."""
    return _shown(of, author.shown(of.author, facts.members, facts.organisations), facts)


def shown_posts(posts: Iterable[Post], facts: Facts) -> tuple[ShownPost, ...]:
    """Posts as the caller sees them."""
    posts = list(posts)
    ids = {each.author for each in posts}
    authors = {id: author.shown(id, facts.members, facts.organisations) for id in ids}
    return tuple(_shown(each, authors[each.author], facts) for each in posts)


def _shown(of: Post, by: Author, facts: Facts) -> ShownPost:
    shown = post.shown(of, by)
    return withheld.instead_of_post(shown) if withheld.is_withheld(of, facts.system_of) else shown


def summary(of: Thread, facts: Facts) -> ThreadSummary:
    """A thread as a list shows it to the caller."""
    shown = thread.summary(of, author.shown(of.author, facts.members, facts.organisations))
    return withheld.instead_of_title(shown) if withheld.is_withheld(of, facts.system_of) else shown


@contextmanager
def deciding_again(collection: str) -> Iterator[None]:
    """Decide again when somebody else has just written the same row of `collection`."""
    try:
        yield
    except Duplicate as duplicate:
        if duplicate.collection != collection:
            raise
        raise Stale(collection) from duplicate
