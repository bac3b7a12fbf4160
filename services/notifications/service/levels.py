"""How much members want to be told, of each community and of single threads."""

from services.notifications.domain.tie import Tie
from services.notifications.repositories.crowds import Crowds
from services.notifications.repositories.places import Places
from services.notifications.repositories.ties import Ties
from services.notifications.service.parts import Parts, community_of, member_of, place_of, sees
from shared.contracts.calls.call import Page
from shared.contracts.calls.notifications import (
    CommunityLevel,
    ListCommunityLevels,
    ListThreadLevels,
    SetCommunityLevel,
    SetThreadLevel,
    ThreadLevel,
)
from shared.contracts.paging import read_cursor, write_cursor
from shared.errors import NOWHERE, NotFound
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now

STRETCH = 500
"""Threads that are read together for a system, to which most of them may not cross."""


class LevelHandlers(Parts):
    """By a member for themselves."""

    @rpc
    def set_community_level(self, call: SetCommunityLevel) -> CommunityLevel:
        place = place_of(self.repositories, call.community, member_of(call))
        work = Work()
        Places.set_level(place, call.change.level, work)
        Crowds.turn_with(work, call.community)
        known = self.repositories.communities.get(call.community)
        answer = CommunityLevel(
            community=call.community,
            community_title=known.title if known else "",
            level=call.change.level,
        )
        return self.store.commit(work, call, answer)

    @rpc
    def set_thread_level(self, call: SetThreadLevel) -> ThreadLevel:
        member = member_of(call)
        community = self._community(call, member)
        level = call.change.level
        work = Work()
        Ties.set_level(
            Tie(thread=call.thread, member=member, community=community, level=level),
            now(),
            work,
        )
        return self.store.commit(work, call, ThreadLevel(thread=call.thread, level=level))

    def _community(self, call: SetThreadLevel, member: str) -> str:
        """The community of a thread that the member may know; of one never heard of, discussion's word will do."""
        is_told = call.heard is not None and call.heard.thread == call.thread
        told = call.heard.community if call.heard and is_told else NOWHERE
        community = community_of(self.repositories, call.thread) or told
        if call.caller.client is not None and not is_told:
            # Whether a thread crosses to a system is for discussion to say, which is asked now.
            raise NotFound("There is no such thread.", where="thread", community=community)
        try:
            place = place_of(self.repositories, community, member)
        except NotFound:
            raise NotFound("There is no such thread.", where="thread", community=community) from None
        if not sees(self.repositories, place, call.thread):
            raise NotFound("There is no such thread.", where="thread", community=community)
        return community

    def _chosen_by(self, member: str, call: ListThreadLevels, communities: list[str]) -> list[Tie]:
        """A page of the threads for which a member chose a level, and one more; to a system, of those it may know of."""
        after, limit = _after(read_cursor(call)), call.limit + 1
        reach = self.reach(call.caller)
        if reach is None:
            return self.repositories.ties.chosen_by(member, after, limit, communities)
        found: list[Tie] = []
        while len(found) < limit:
            some = self.repositories.ties.chosen_by(member, after, STRETCH, communities)
            first = self.repositories.deeds.first_in(tie.thread for tie in some)
            found += [tie for tie in some if tie.thread in first and reach.knows_thread(first[tie.thread])]
            if len(some) < STRETCH:
                break
            after = some[-1].thread
        return found[:limit]

    @rpc
    def list_community_levels(self, call: ListCommunityLevels) -> Page[CommunityLevel]:
        after = _after(read_cursor(call))
        places = [
            place
            for place in self.repositories.places.of_member(member_of(call))
            if place.is_in and place.community > after
        ]
        page = places[: call.limit]
        known = self.repositories.communities.by_id(place.community for place in page)
        items = tuple(
            CommunityLevel(
                community=place.community,
                community_title=known[place.community].title if place.community in known else "",
                level=place.standing.level,
            )
            for place in page
        )
        more = write_cursor(call, [page[-1].community]) if len(places) > call.limit else None
        return Page[CommunityLevel](items=items, next=more)

    @rpc
    def list_thread_levels(self, call: ListThreadLevels) -> Page[ThreadLevel]:
        member = member_of(call)
        communities = [place.community for place in self.repositories.places.of_member(member) if place.is_in]
        ties = self._chosen_by(member, call, communities)
        page = ties[: call.limit]
        more = write_cursor(call, [page[-1].thread]) if len(ties) > call.limit else None
        items = tuple(ThreadLevel(thread=tie.thread, level=tie.level) for tie in page if tie.level)
        return Page[ThreadLevel](items=items, next=more)


def _after(position: list[str | int | float | None] | None) -> str:
    return str(position[0]) if position else ""
