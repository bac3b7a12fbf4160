"""Bringing history in."""

from collections import Counter

from services.discussion.domain import history
from services.discussion.domain.thread import Thread
from services.discussion.repositories import history as kept
from services.discussion.repositories.guard_rules import GuardRules
from services.discussion.repositories.history import History
from services.discussion.service.desk import Desk, deciding_again
from shared.contracts.calls.discussion import Imported, ImportedThread, ImportThreads
from shared.errors import NotFound
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now


class HistoryHandlers(Desk):
    """The import; `repositories/history.py` says why its order survives a kill."""

    @rpc
    def import_threads(self, call: ImportThreads) -> Imported:
        history.check_imports(call.caller)
        self._check_communities({part.community for part in call.threads})
        here = History(self.store)
        parts = {history.known_by(part): part for part in call.threads}
        for known in here.known(parts):
            del parts[known]
        threads, added, doubtful = self._bring_in(here, list(parts.values()))
        work = Work()
        for name, part in parts.items():
            here.remember(work, name, now())
            work.tell(history.imported(part, threads[part.id]))
        self._recount(work, here, [threads[id] for id in doubtful])
        with deciding_again(kept.COLLECTION):
            return self.store.commit(work, call, added)

    def _check_communities(self, communities: set[str]) -> None:
        for unknown in sorted(communities - self.copies.known_communities(communities)):
            raise NotFound("There is no such community.", where="community", community=unknown)

    def _bring_in(
        self, here: History, parts: list[ImportedThread]
    ) -> tuple[dict[str, Thread], Imported, set[str]]:
        """Write the posts and threads of `parts` that are not there yet.

        Returns:
            the threads by id; what was new; and the threads whose counters are to be made right, because
            not all of their posts came with them just now.
        """
        threads = self.threads.among(part.id for part in parts)
        before = set(threads)
        organisations = self.copies.organisations_of({post.author for part in parts for post in part.posts})
        rules = GuardRules(self.store.database).among(set(organisations.values()))
        posts = []
        for part in parts:
            begins = part.id not in threads
            if begins:
                threads[part.id] = history.thread_of(part, organisations, rules)
            posts += history.posts_of(part, organisations, rules, begins=begins)
        new_posts = here.add_posts(posts)
        new_threads = here.add_threads([thread for id, thread in threads.items() if id not in before])
        came = Counter(post.thread for post in new_posts)
        whole = {thread.id for thread in new_threads if came[thread.id] == thread.posts}
        found = history.found_in(new_threads, new_posts)
        for kind, count in found.items():
            metrics.GUARD_FOUND.labels(kind, "imported").inc(count)
        added = Imported(threads=len(new_threads), posts=len(new_posts), found=found)
        return threads, added, set(threads) - whole

    def _recount(self, work: Work, here: History, threads: list[Thread]) -> None:
        if not threads:
            return
        tally = self.posts.tally([thread.id for thread in threads])
        for before in threads:
            counted = tally[before.id]
            after = history.recounted(
                before,
                posts=counted["posts"],
                last_post_at=counted["last_post_at"],
                authors=counted["authors"],
            )
            if after != before:
                here.recount(work, before, after)
