"""Searching what the caller may see."""

from services.discussion.domain import access, author, thread
from services.discussion.domain.search import Visible, excerpt, literal, visible
from services.discussion.repositories.copies import Facts
from services.discussion.repositories.found import Found as FoundPosts
from services.discussion.repositories.found import Hit
from services.discussion.service import positions
from services.discussion.service.desk import Desk, count
from shared.contracts.calls.call import Caller, Page, check_is_member
from shared.contracts.calls.discussion import Found, Search
from shared.contracts.vocabulary import ContentKind
from shared.errors import NOWHERE
from shared.wiring.rpc import rpc


class SearchHandlers(Desk):
    """The search; where the caller may look is settled before anything is looked for."""

    @rpc
    def search(self, call: Search) -> Page[Found]:
        member = check_is_member(call.caller)
        after = positions.after_hit(call)
        words = literal(call.words)
        where = self._where(call, member)
        shared = self.threads.shared_in(where.stays) if where.stays else []
        if not words or not (where.communities or shared):
            return Page[Found](items=())
        posts = FoundPosts(self.store.database)
        hits = posts.hits(
            words,
            communities=where.communities,
            threads=shared,
            after=after,
            limit=call.limit + 1,
            reach=self.copies.reach(call.caller),
        )
        shown = hits[: call.limit]
        return Page[Found](
            items=self._shown(call.caller, words, shown, posts),
            next=positions.hit_cursor(call, shown[-1]) if len(hits) > call.limit else None,
        )

    def _where(self, call: Search, member: str) -> Visible:
        if call.community is None:
            if not self.copies.read(call.caller, NOWHERE).standing.at_home:
                return Visible(frozenset(), frozenset())
            return visible(self.copies.places(member), self.copies.unhidden())
        stay = access.check_knows_community(self.copies.read(call.caller, call.community).standing)
        if stay is not None:
            return Visible(frozenset(), frozenset({stay}))
        return Visible(frozenset({call.community}), frozenset())

    def _shown(self, caller: Caller, words: str, hits: list[Hit], posts: FoundPosts) -> tuple[Found, ...]:
        rows = posts.beginnings(hit.post for hit in hits)
        threads = self.threads.among({row["thread"] for row in rows.values()})
        facts: Facts = self.copies.read(
            caller,
            NOWHERE,
            members={row["author"] for row in rows.values()},
            organisations={row["organisation"] for row in rows.values()},
        )
        found = []
        for hit in hits:
            row = rows.get(hit.post)
            within = threads.get(row["thread"]) if row else None
            if row is None or within is None:
                continue  # history that is just being brought in
            if not thread.is_within(within, facts.standing.reach):
                continue  # one's own post, in a thread of which nothing may be known
            if reach := facts.standing.reach:
                written_at = row.get("edited_at") or row["posted_at"]
                crossing = reach.decide(
                    row["organisation"], within.community, ContentKind.THREADS, written_at
                )
                count(ContentKind.THREADS, crossing)
            fields = author.disclosed(
                row["author"], row["organisation"], within.community, facts.members, facts.standing.reach
            )
            found.append(
                Found(
                    thread=within.id,
                    post=hit.post,
                    community=within.community,
                    kind=within.kind,
                    title=within.title,
                    excerpt=excerpt(row["text"], words),
                    author=author.shown(row["author"], facts.members, facts.organisations, fields),
                    posted_at=row["posted_at"],
                )
            )
        return tuple(found)
