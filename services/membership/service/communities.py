"""Handlers for communities."""

from services.membership.domain import community as communities
from services.membership.domain import membership as memberships
from services.membership.domain import outsider as outsiders
from services.membership.domain import similarity
from services.membership.domain.community import Community
from services.membership.domain.member import check_has_room
from services.membership.domain.membership import role_of
from services.membership.domain.operator import check_chosen_id
from services.membership.domain.similarity import Described
from services.membership.domain.state import check_revision
from services.membership.domain.words import terms_of
from services.membership.repositories.rows import sort_key
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_name, cut_by_name
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.membership import (
    ChangeCommunity,
    FindSimilarCommunities,
    GetCommunity,
    ListCommunities,
    SimilarCommunities,
    SimilarCommunity,
    StartCommunity,
)
from shared.contracts.vocabulary import Role
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class CommunityHandlers(Handlers):
    """What may be asked about communities; a closed one is shown to those in it only."""

    @rpc
    def find_similar_communities(self, call: FindSimilarCommunities) -> SimilarCommunities:
        outsiders.check_is_no_outsider(call.caller)
        idea = Described(title=call.title, domain=call.domain, purpose=call.purpose)
        alike = self._similar(call.caller, idea)
        people = self.headcounts.of(community.id for community, _ in alike)
        return SimilarCommunities(
            items=tuple(
                SimilarCommunity(
                    community=community.id,
                    title=community.title,
                    purpose=community.charter.purpose,
                    members=people[community.id],
                    likeness=likeness,
                )
                for community, likeness in alike
            )
        )

    @rpc
    def start_community(self, call: StartCommunity) -> calls.Community:
        outsiders.check_is_no_outsider(call.caller)
        check_chosen_id(call.caller, call.id)
        if call.id is not None and (there := self.communities.get(call.id)):
            return self._shown(there, call.caller)
        founder = self.acting_member(call.caller)
        check_has_room(founder)
        idea = Described(
            title=call.new.title, domain=call.new.charter.domain, purpose=call.new.charter.purpose
        )
        if not call.new.similar_seen and self._similar(call.caller, idea):
            raise similarity.similar_exist()
        at = now()
        community, fact = communities.start(call.id or new_id(), call.new, at)
        place, place_fact = memberships.place(None, community.id, founder.id, Role.FACILITATOR, at)
        work = Work()
        self.communities.add(work, community)
        self.memberships.put(work, None, place, founder)
        work.tell(fact, place_fact)
        work.afterwards(metrics.JOINS.labels("founded").inc)
        return self.commit(work, call, community.shown(Role.FACILITATOR, members=1))

    @rpc
    def get_community(self, call: GetCommunity) -> calls.Community:
        community, place = self.known_community(call.caller, call.community)
        return community.shown(role_of(place), self.headcounts.of([community.id])[community.id])

    @rpc
    def list_communities(self, call: ListCommunities) -> Page[calls.Community]:
        own = self.memberships.roles(call.caller.member)
        terms = terms_of(call.words) if call.words else frozenset[str]()
        position = after_name(call)
        if call.mine or call.caller.is_outsider:
            found = self.communities.own(own, terms, position, call.limit + 1)
        elif call.caller.operator:
            found = self.communities.all(terms, position, call.limit + 1)
        else:
            found = self.communities.known(own, terms, position, call.limit + 1)
        page, next = cut_by_name(call, found, lambda last: (sort_key(last.title), last.id))
        people = self.headcounts.of(community.id for community in page)
        return Page[calls.Community](
            items=tuple(community.shown(own.get(community.id), people[community.id]) for community in page),
            next=next,
        )

    @rpc
    def change_community(self, call: ChangeCommunity) -> calls.Community:
        was, place = self.known_community(call.caller, call.community)
        memberships.check_governs(call.caller, role_of(place))
        check_revision(was, call.revision)
        community, facts = communities.change(was, call.changes)
        work = Work()
        if facts:
            self.communities.put(work, was, community)
        work.tell(*facts)
        people = self.headcounts.of([community.id])[community.id]
        return self.commit(work, call, community.shown(role_of(place), people))

    def _shown(self, community: Community, caller: Caller) -> calls.Community:
        role = role_of(self.memberships.get(community.id, caller.member))
        return community.shown(role, self.headcounts.of([community.id])[community.id])

    def _similar(self, caller: Caller, idea: Described) -> list[tuple[Community, float]]:
        own = None if caller.operator else self.memberships.roles(caller.member)
        return similarity.most_alike(idea, self.communities.candidates(own, similarity.telling_terms(idea)))
