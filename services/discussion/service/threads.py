"""Threads: opening, reading, listing, closing, and sharing them with a guest."""

from datetime import datetime

from services.discussion.domain import access, answer, thread
from services.discussion.domain import post as post_rules
from services.discussion.domain.post import Post
from services.discussion.domain.thread import Thread
from services.discussion.repositories.copies import Facts
from services.discussion.service import positions
from services.discussion.service.desk import TURNS, named_in, shown_posts
from services.discussion.service.saying import Saying
from shared.contracts.calls.call import Caller, Done, Page, check_is_member
from shared.contracts.calls.discussion import (
    AcceptAnswer,
    CloseThread,
    GetThread,
    KnownThread,
    ListPosts,
    ListThreads,
    ListUnanswered,
    OpenThread,
    ReopenThread,
    ShareThread,
    TellThread,
    ThreadSummary,
)
from shared.contracts.calls.discussion import Thread as ShownThread
from shared.contracts.vocabulary import Role
from shared.errors import NOWHERE
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now

FIRST_POSTS = 50


class ThreadHandlers(Saying):
    """The calls about whole threads."""

    @rpc
    def open_thread(self, call: OpenThread) -> ShownThread:
        work = Work()
        said = self.begin_thread(work, call.caller, call.community, call.new)
        return self.store.commit(work, call, self._whole(call.caller, said.thread, [said.post], said.facts))

    @rpc
    def get_thread(self, call: GetThread) -> ShownThread:
        check_is_member(call.caller)
        # Read the same whether or not there is such a thread, or the caller may know of it.
        found = self.threads.find(call.thread)
        reach = self.copies.reach(call.caller)
        first = self.posts.of_thread(call.thread, after=None, limit=FIRST_POSTS + 1, reach=reach)
        facts = self.copies.read(
            call.caller,
            found.community if found else NOWHERE,
            members=named_in(first, call.caller) | ({found.author} if found else set()),
            organisations={found.organisation if found else None, *(post.organisation for post in first)},
            reach=reach,
        )
        return self._whole(call.caller, self.check_crosses(found, facts), first, facts)

    @rpc
    def list_threads(self, call: ListThreads) -> Page[ThreadSummary]:
        check_is_member(call.caller)
        found, facts = self._latest(call, stay=None)
        stay = access.check_knows_community(facts.standing)
        if stay is not None:
            found, facts = self._latest(call, stay=stay)
        shown = found[: call.limit]
        more = len(found) > call.limit
        return Page[ThreadSummary](
            items=self.summaries(shown, facts),
            next=positions.moment_cursor(call, _listed_by(shown[-1], facts), shown[-1].id) if more else None,
        )

    def _latest(self, call: ListThreads, *, stay: str | None) -> tuple[list[Thread], Facts]:
        """A page of threads, and one more; a guest's are read again, because most callers are none."""
        found = self.threads.latest(
            call.community,
            kind=call.kind.value if call.kind else None,
            state=call.state,
            stay=stay,
            reach=self.copies.reach(call.caller),
            after=positions.after_moment(call),
            limit=call.limit + 1,
        )
        return found, self._facts_about(call.caller, call.community, found)

    @rpc
    def list_unanswered(self, call: ListUnanswered) -> Page[ThreadSummary]:
        member = check_is_member(call.caller)
        after = positions.after_moment(call)
        stay = None
        if call.community is not None:
            communities = [call.community]
            stay = access.check_knows_community(self.copies.read(call.caller, call.community).standing)
        else:
            places = self.copies.places(member)
            communities = [community for community, place in places.items() if place.role is not Role.GUEST]
        reach = self.copies.reach(call.caller)
        found = self.threads.waiting(communities, stay=stay, reach=reach, after=after, limit=call.limit + 1)
        facts = self._facts_about(call.caller, call.community or NOWHERE, found)
        if not facts.standing.at_home:
            return Page[ThreadSummary](items=())
        shown = found[: call.limit]
        more = len(found) > call.limit
        return Page[ThreadSummary](
            items=self.summaries(shown, facts),
            next=positions.moment_cursor(call, shown[-1].opened_at, shown[-1].id) if more else None,
        )

    @rpc
    def close_thread(self, call: CloseThread) -> ThreadSummary:
        return TURNS.run(call.thread, lambda: self._close_thread(call))

    def _close_thread(self, call: CloseThread) -> ThreadSummary:
        before, facts = self._read(call.caller, call.thread)
        after, news = thread.closed(
            before, facts.standing, reason=call.closing.reason, seen=call.revision, at=now()
        )
        work = Work()
        self.threads.change(work, before, after)
        work.tell(news)
        return self.store.commit(work, call, self.summary(after, facts))

    @rpc
    def reopen_thread(self, call: ReopenThread) -> ThreadSummary:
        return TURNS.run(call.thread, lambda: self._reopen_thread(call))

    def _reopen_thread(self, call: ReopenThread) -> ThreadSummary:
        before, facts = self._read(call.caller, call.thread)
        after, news = thread.reopened(before, facts.standing, seen=call.revision, at=now())
        work = Work()
        self.threads.change(work, before, after)
        work.tell(news)
        return self.store.commit(work, call, self.summary(after, facts))

    @rpc
    def accept_answer(self, call: AcceptAnswer) -> ThreadSummary:
        return TURNS.run(call.thread, lambda: self._accept_answer(call))

    def _accept_answer(self, call: AcceptAnswer) -> ThreadSummary:
        before, facts = self._read(call.caller, call.thread)
        accepted = self.posts.find(call.accepted.post)
        if accepted is not None and not post_rules.is_within(accepted, facts.standing.reach):
            accepted = None
        after, news = answer.accepted(before, accepted, facts.standing, seen=call.revision, at=now())
        work = Work()
        if accepted is not None and news is not None:
            self.threads.change(work, before, after)
            work.tell(news)
            crossing = metrics.crossing(accepted.organisation, before.organisation)
            work.afterwards(metrics.ANSWERS_ACCEPTED.labels(crossing).inc)
        return self.store.commit(work, call, self.summary(after, facts))

    @rpc
    def share_thread(self, call: ShareThread) -> Done:
        found, facts = self._read(call.caller, call.thread)
        guest = call.new.guest
        place = self.copies.places_in(found.community, [guest]).get(guest)
        after, news = thread.shared(found, facts.standing, guest=guest, place=place, at=now())
        work = Work()
        if news is not None:
            self.threads.share(work, found, after)
            work.tell(news)
        return self.store.commit(work, call, Done())

    @rpc
    def tell_thread(self, call: TellThread) -> KnownThread:
        found, _ = self._read(call.caller, call.thread)
        return KnownThread(community=found.community)

    def _read(self, caller: Caller, id: str) -> tuple[Thread, Facts]:
        """A thread the caller sees, and what is needed to show it."""
        check_is_member(caller)
        found = self.threads.find(id)
        facts = self._facts_about(caller, found.community if found else NOWHERE, [found] if found else [])
        return self.check_crosses(found, facts), facts

    def _facts_about(self, caller: Caller, community: str, threads: list[Thread]) -> Facts:
        return self.copies.read(
            caller,
            community,
            members={each.author for each in threads},
            organisations={each.organisation for each in threads},
        )

    def _whole(self, caller: Caller, of: Thread, posts: list[Post], facts: Facts) -> ShownThread:
        """A thread with its first posts, of which there may be one more than is shown."""
        shown = posts[:FIRST_POSTS]
        rest = None
        if len(posts) > FIRST_POSTS:
            last = shown[-1]
            listing = ListPosts(caller=caller, thread=of.id)
            rest = positions.post_cursor(listing, (last.posted_at, last.place, last.id))
        summary = self.summary(of, facts)
        return ShownThread(**dict(summary), first_posts=shown_posts(shown, facts), next=rest)


def _listed_by(thread: Thread, facts: Facts) -> datetime:
    """The moment by which a thread stands in a list: a partner's system is not told of posts by it."""
    return thread.last_post_at if facts.standing.reach is None else thread.opened_at
