"""Searching what the caller may see."""

from typing import Any

from services.discussion.domain import access, thread
from services.discussion.domain.post import Post, crossing_of
from services.discussion.domain.search import Visible, excerpt, literal, visible
from services.discussion.domain.withheld import is_withheld
from services.discussion.repositories.copies import Facts
from services.discussion.repositories.found import Found as FoundPosts
from services.discussion.repositories.found import Hit
from services.discussion.service import positions
from services.discussion.service.desk import Desk, author_of, count
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
            standing = self.copies.read(call.caller, NOWHERE).standing
            if not standing.at_home:
                return Visible(frozenset(), frozenset())
            unhidden = set() if standing.knows_only_theirs else self.copies.unhidden()
            return visible(self.copies.places(member), unhidden)
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
            begun = _begun(row)
            if is_withheld(within, facts.system_of) or is_withheld(begun, facts.system_of):
                continue  # whose words tell of it though its text is not shown
            if reach := facts.standing.reach:
                count(ContentKind.THREADS, crossing_of(begun, reach))
            found.append(
                Found(
                    thread=within.id,
                    post=hit.post,
                    community=within.community,
                    kind=within.kind,
                    title=within.title,
                    excerpt=excerpt(row["text"], words),
                    author=author_of(begun, facts),
                    posted_at=row["posted_at"],
                )
            )
        return tuple(found)


def _begun(row: dict[str, Any]) -> Post:
    """As much of a post as was read to show it."""
    rest = {name: value for name, value in row.items() if name != "_id"}
    return Post(id=row["_id"], html="", **rest)
