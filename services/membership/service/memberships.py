"""Handlers for the places that members have."""

from services.membership.domain import member as members
from services.membership.domain import membership as memberships
from services.membership.domain.join_request import withdraw
from services.membership.domain.membership import role_of
from services.membership.domain.outsider import check_may_be
from services.membership.domain.state import check_revision
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_name, cut_by_name
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Done, Page
from shared.contracts.calls.membership import ChangeRole, EndMembership, ListMemberships
from shared.contracts.vocabulary import Role
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now


class MembershipHandlers(Handlers):
    """Who is in a community, with what role, and how that ends."""

    @rpc
    def list_memberships(self, call: ListMemberships) -> Page[calls.Membership]:
        own = self.memberships.get(call.community, call.caller.member)
        role = role_of(own)
        if role is None:
            self.known_community(call.caller, call.community)
            if not call.caller.operator:
                memberships.check_in(role)
        position = after_name(call)
        if role is Role.GUEST and own is not None:
            found = self.memberships.page_for_guest(own, position, call.limit + 1)
        else:
            found = self.memberships.page(call.community, position, call.limit + 1)
        people = self.members.by_id(listed.place.member for listed in found)
        names = self.organisations.names(
            home for person in people.values() for home in (person.organisation, person.guest_of)
        )
        page, next = cut_by_name(call, found, lambda last: (last.name_key, last.place.id))
        return Page[calls.Membership](
            items=tuple(
                place.shown(
                    people[place.member],
                    names.get(people[place.member].organisation or ""),
                    names.get(people[place.member].guest_of or ""),
                )
                for place, _ in page
            ),
            next=next,
        )

    @rpc
    def change_role(self, call: ChangeRole) -> calls.Membership:
        community, own = self.known_community(call.caller, call.community)
        memberships.check_governs(call.caller, role_of(own))
        memberships.check_role_can_be_given(call.change.role)
        was = self.memberships.get(community.id, call.member)
        if was is None or was.role is None:
            raise memberships.no_such_membership()
        check_revision(was, call.revision)
        member = self.members.by_id([call.member])[call.member]
        check_may_be(member, call.change.role)
        organisation_name = self.organisations.name(member.organisation)
        work = Work()
        if call.change.role is was.role:
            return self.commit(work, call, was.shown(member, organisation_name))
        memberships.check_not_last_facilitator(community, was.role, call.change.role)
        place, fact = memberships.place(was, community.id, member.id, call.change.role, now())
        self.memberships.put(work, was, place, member)
        work.tell(fact)
        return self.commit(work, call, place.shown(member, organisation_name))

    @rpc
    def end_membership(self, call: EndMembership) -> Done:
        community, own = self.known_community(call.caller, call.community)
        at = now()
        work = Work()
        if call.caller.member != call.member:
            memberships.check_governs(call.caller, role_of(own))
        elif role_of(own) is None and (waiting := self.join_requests.waiting(call.member, community.id)):
            for request in waiting:
                self.join_requests.put(work, request, withdraw(request, at))
            return self.commit(work, call, Done())
        was = self.memberships.get(community.id, call.member)
        if was is None or was.role is None:
            raise memberships.no_such_membership()
        memberships.check_not_last_facilitator(community, was.role, None)
        member = self.members.get(call.member)
        if member is None:
            raise members.no_such_member()
        reason = call.reason if call.caller.member != call.member else None
        place, fact = memberships.end(was, at, reason)
        self.memberships.put(work, was, place, member)
        work.tell(fact)
        way = "by themselves" if call.caller.member == call.member else "removed"
        work.afterwards(metrics.LEAVES.labels(way).inc)
        return self.commit(work, call, Done())
