"""Handlers for getting in by asking."""

from collections.abc import Sequence
from functools import partial

from services.membership.domain import join_request as join_requests
from services.membership.domain import membership as memberships
from services.membership.domain import outsider as outsiders
from services.membership.domain.community import check_can_be_joined, check_takes_people
from services.membership.domain.disclosure import Disclosure, as_disclosed
from services.membership.domain.join_request import JoinRequest as Request
from services.membership.domain.member import Member, check_has_room
from services.membership.domain.membership import Membership, role_of
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_time, cut_by_time
from services.membership.service.sifting import sifted
from shared.contracts.calls.call import Page, check_is_member
from shared.contracts.calls.membership import (
    DecideJoinRequest,
    Join,
    JoinOutcome,
    JoinRequest,
    ListJoinRequests,
)
from shared.contracts.vocabulary import Role, Visibility
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class JoiningHandlers(Handlers):
    """An open community is joined at once, a restricted one by approval, a closed one by invitation only."""

    @rpc
    def join(self, call: Join) -> JoinOutcome:
        member = self.acting_member(call.caller)
        outsiders.check_is_no_outsider(call.caller)
        community, was = self.known_community(call.caller, call.community)
        memberships.check_not_in(role_of(was))
        check_takes_people(community)
        check_can_be_joined(community)
        check_has_room(member)
        organisation_name = self.organisations.name(member.organisation)
        waiting = self.join_requests.waiting(member.id, community.id)
        at = now()
        work = Work()
        if community.visibility is Visibility.OPEN:
            place = self._let_in(work, was, community.id, member, Role.MEMBER)
            for request in waiting:
                self.join_requests.put(work, request, join_requests.withdraw(request, at))
            work.afterwards(metrics.JOINS.labels("by themselves").inc)
            return self.commit(work, call, JoinOutcome(membership=place.shown(member, organisation_name)))
        if waiting:
            raise join_requests.already_asked()
        request, fact = join_requests.ask(new_id(), community, member, call.new.message, at)
        self.join_requests.add(work, request)
        work.tell(fact)
        return self.commit(work, call, JoinOutcome(request=request.shown(member, organisation_name)))

    @rpc
    def list_join_requests(self, call: ListJoinRequests) -> Page[JoinRequest]:
        self.check_governed(call.caller, call.community)
        disclosure = self.disclosure(call.caller)
        found = sifted(
            call.limit,
            after_time(call),
            partial(self.join_requests.page, call.community),
            partial(self._known_requests, disclosure, call.community),
            lambda last: (last.asked_at, last.id),
            all_are_shown=disclosure is None,
        )
        names = self.organisations.names(person.organisation for _, person in found)
        page, next = cut_by_time(call, found, lambda last: (last[0].asked_at, last[0].id))
        return Page[JoinRequest](
            items=tuple(
                _disclosed(disclosure, request, person, names.get(person.organisation or ""))
                for request, person in page
            ),
            next=next,
        )

    def _known_requests(
        self, disclosure: Disclosure | None, community: str, read: Sequence[Request]
    ) -> list[tuple[Request, Member]]:
        people = self.members.by_id(request.member for request in read)
        return [
            (request, people[request.member])
            for request in read
            if _is_known(disclosure, community, people[request.member])
        ]

    @rpc
    def decide_join_request(self, call: DecideJoinRequest) -> JoinRequest:
        community, place = self.known_community(call.caller, call.community)
        memberships.check_facilitates(role_of(place))
        was = self.join_requests.get(call.request)
        if was is None or was.community != community.id:
            raise join_requests.no_such_request()
        decided_by = check_is_member(call.caller)
        member = self.members.by_id([was.member])[was.member]
        disclosure = self.disclosure(call.caller)
        if not _is_known(disclosure, community.id, member):
            raise join_requests.no_such_request()
        request, fact = join_requests.decide(was, community, call.decision, decided_by, now())
        work = Work()
        self.join_requests.put(work, was, request)
        work.tell(fact)
        if call.decision.approve:
            check_takes_people(community)
            there = self.memberships.get(community.id, member.id)
            if role_of(there) in (None, Role.GUEST):
                check_has_room(member)
                self._let_in(work, there, community.id, member, Role.MEMBER)
                work.afterwards(metrics.JOINS.labels("approved").inc)
        name = self.organisations.name(member.organisation)
        answer = _disclosed(disclosure, request, member, name)
        return self.commit(work, call, answer, upon=[member.organisation or member.guest_of])

    def _let_in(
        self, work: Work, was: Membership | None, community: str, member: Member, role: Role
    ) -> Membership:
        place, fact = memberships.place(was, community, member.id, role, now())
        self.memberships.put(work, was, place, member)
        work.tell(fact)
        return place


def _is_known(disclosure: Disclosure | None, community: str, member: Member) -> bool:
    return disclosure is None or disclosure.names(member.organisation, (community,))


def _disclosed(
    disclosure: Disclosure | None, request: Request, member: Member, organisation_name: str | None
) -> JoinRequest:
    shown = request.shown(member, organisation_name)
    if disclosure is None:
        return shown
    return as_disclosed(shown, disclosure.of(member.organisation, (request.community,)))
