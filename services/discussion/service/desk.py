"""What every handler of the discussion service works with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from services.discussion.domain import author, post, thread, withheld
from services.discussion.domain.crossing import Decision, Reach
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
from shared.contracts.vocabulary import ContentKind, CrossingReason
from shared.errors import NOWHERE
from shared.wiring import metrics
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
            members=named_in([found] if found else [], caller),
            organisations=[found.organisation] if found else [],
            handles=candidates(handles),
        )
        if (
            found
            and (reach := facts.standing.reach)
            and not (crossing := post.crossing_of(found, reach)).lets
        ):
            count(ContentKind.THREADS, crossing)
        return *post.check_sees(found, within, facts.standing), facts

    def check_crosses(self, found: Thread | None, facts: Facts) -> Thread:
        """The thread the caller sees, or its refusal, which is counted when it is for want of an agreement."""
        if (
            found
            and (reach := facts.standing.reach)
            and not (crossing := thread.crossing_of(found, reach)).lets
        ):
            count(ContentKind.TITLES, crossing)
        return thread.check_sees(found, facts.standing)

    def mentions(
        self, handles: Sequence[str], facts: Facts, *, author: str, guests: tuple[str, ...] = ()
    ) -> Mentions:
        """Whom `handles` name, of those read with `facts`."""
        if not handles:
            return Mentions()
        places = self.copies.places_in(facts.standing.asked_for, set(facts.by_handle.values()))
        return mentioned(handles, facts.by_handle, places, guests=guests, author=author)

    def summaries(self, threads: Sequence[Thread], facts: Facts) -> tuple[ThreadSummary, ...]:
        """Threads as a list shows them; to a partner's system as far as they cross, which is counted."""
        reach = facts.standing.reach
        if reach is None:
            return tuple(thread.summary(of, author_of(of, facts)) for of in threads)
        seen = self.posts.seen([of.id for of in threads], reach)
        accepted = self.posts.within([of.accepted_answer for of in threads if of.accepted_answer], reach)
        shown = []
        for of in threads:
            count(ContentKind.TITLES, thread.crossing_of(of, reach))
            row = seen.get(of.id, {})
            within = thread.as_seen(
                of,
                reach,
                posts=row.get("posts", 0),
                last_post_at=row.get("last_post_at", of.opened_at),
                sees_answer=of.accepted_answer in accepted,
            )
            titles_only = not thread.crossing_of(of, reach, ContentKind.THREADS).lets
            summary = thread.summary(within, author_of(of, facts), titles_only=titles_only)
            hidden = withheld.is_withheld(of, facts.system_of)
            shown.append(withheld.instead_of_title(summary) if hidden else summary)
        return tuple(shown)

    def summary(self, of: Thread, facts: Facts) -> ThreadSummary:
        """One thread, likewise."""
        return self.summaries([of], facts)[0]


def count(kind: ContentKind, decision: Decision, times: int = 1) -> None:
    """Count what crossed to a partner's system, or was turned away; one's own crosses nothing."""
    if decision.reason is not CrossingReason.OWN:
        outcome = "let" if decision.lets else "withheld"
        metrics.CROSSINGS.labels("out", kind.value, outcome, decision.reason.value).inc(times)


def count_written(caller: Caller) -> None:
    """Count what a partner's system brings in for a member, who may write as a person may."""
    if caller.client is not None:
        kind, reason = ContentKind.THREADS.value, CrossingReason.BY_A_MEMBER.value
        metrics.CROSSINGS.labels("in", kind, "let", reason).inc()


def named_in(posts: Iterable[Post], caller: Caller) -> set[str]:
    """The members who must be known to show these posts: their authors; to a partner's system the mentioned, too."""
    posts = list(posts)
    authors = {each.author for each in posts}
    return authors if caller.client is None else authors.union(*(each.mentions for each in posts))


def shown_post(of: Post, facts: Facts) -> ShownPost:
    """A post as the caller sees it."""
    return shown_posts([of], facts)[0]


def shown_posts(posts: Iterable[Post], facts: Facts) -> tuple[ShownPost, ...]:
    """Posts as the caller sees them; to a partner's system as far as they cross, which is counted."""
    posts = list(posts)
    reach = facts.standing.reach
    one_of_each = {_written_by(each): each for each in posts}
    authors = {by: author_of(one, facts) for by, one in one_of_each.items()}
    if reach is None:
        return tuple(post.shown(each, authors[_written_by(each)]) for each in posts)
    for reason, times in Counter(post.crossing_of(each, reach).reason for each in posts).items():
        count(ContentKind.THREADS, Decision(reason), times)
    return tuple(_crossing_post(each, authors[_written_by(each)], facts, reach) for each in posts)


def _written_by(of: Post) -> tuple[str, str | None, str]:
    """What decides how an author is shown."""
    return of.author, of.organisation, of.community


def _crossing_post(of: Post, by: Author, facts: Facts, reach: Reach) -> ShownPost:
    mentions = author.known_of(of.mentions, of.community, facts.members, reach)
    shown = post.shown(of, by, mentions)
    return withheld.instead_of_post(shown) if withheld.is_withheld(of, facts.system_of) else shown


def author_of(of: Thread | Post, facts: Facts) -> Author:
    """Who wrote it, as far as the caller may know them."""
    fields = author.disclosed(of.author, of.organisation, of.community, facts.members, facts.standing.reach)
    return author.shown(of.author, facts.members, facts.organisations, fields)


@contextmanager
def deciding_again(collection: str) -> Iterator[None]:
    """Decide again when somebody else has just written the same row of `collection`."""
    try:
        yield
    except Duplicate as duplicate:
        if duplicate.collection != collection:
            raise
        raise Stale(collection) from duplicate
