"""Handlers for the places that members have."""

from collections.abc import Sequence
from functools import partial

from services.membership.domain import membership as memberships
from services.membership.domain.disclosure import Disclosure, as_disclosed
from services.membership.domain.join_request import withdraw
from services.membership.domain.member import Member
from services.membership.domain.membership import Membership, role_of
from services.membership.domain.outsider import check_may_be
from services.membership.domain.state import check_revision
from services.membership.repositories.memberships import Listed
from services.membership.repositories.rows import NamePosition
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_name, cut_by_name
from services.membership.service.sifting import sifted
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Done, Page
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
        disclosure = self.disclosure(call.caller)
        found = sifted(
            call.limit,
            after_name(call),
            partial(self._read, call, own),
            partial(self._known_places, disclosure, call.community),
            lambda last: (last.name_key, last.place.id),
            all_are_shown=disclosure is None,
        )
        names = self.organisations.names(
            home for _, person in found for home in (person.organisation, person.guest_of)
        )
        page, next = cut_by_name(call, found, lambda last: (last[0].name_key, last[0].place.id))
        return Page[calls.Membership](
            items=tuple(
                self._disclosed(
                    disclosure,
                    listed.place,
                    person,
                    names.get(person.organisation or ""),
                    names.get(person.guest_of or ""),
                )
                for listed, person in page
            ),
            next=next,
        )

    def _read(
        self, call: ListMemberships, own: Membership | None, position: NamePosition, limit: int
    ) -> list[Listed]:
        if own is not None and own.role is Role.GUEST:
            return self.memberships.page_for_guest(own, position, limit)
        return self.memberships.page(call.community, position, limit)

    def _known_places(
        self, disclosure: Disclosure | None, community: str, read: Sequence[Listed]
    ) -> list[tuple[Listed, Member]]:
        people = self.members.by_id(listed.place.member for listed in read)
        return [
            (listed, people[listed.place.member])
            for listed in read
            if disclosure is None or disclosure.names(people[listed.place.member].organisation, (community,))
        ]

    @staticmethod
    def _disclosed(
        disclosure: Disclosure | None,
        place: Membership,
        member: Member,
        organisation_name: str | None,
        guest_of_name: str | None = None,
    ) -> calls.Membership:
        shown = place.shown(member, organisation_name, guest_of_name)
        if disclosure is None:
            return shown
        return as_disclosed(shown, disclosure.of(member.organisation, (place.community,)))

    def _known_place(self, caller: Caller, community: str, member: str) -> tuple[Membership, Member]:
        """Somebody's present place and themselves, as far as the caller may know of them."""
        place = self.memberships.get(community, member)
        if place is None or place.role is None:
            raise memberships.no_such_membership()
        person = self.members.by_id([member])[member]
        disclosure = self.disclosure(caller)
        if disclosure is not None and not disclosure.names(person.organisation, (community,)):
            raise memberships.no_such_membership()
        return place, person

    @rpc
    def change_role(self, call: ChangeRole) -> calls.Membership:
        community, own = self.known_community(call.caller, call.community)
        memberships.check_governs(call.caller, role_of(own))
        memberships.check_role_can_be_given(call.change.role)
        was, member = self._known_place(call.caller, community.id, call.member)
        check_may_be(member, call.change.role)
        check_revision(was, call.revision)
        disclosure = self.disclosure(call.caller)
        organisation_name = self.organisations.name(member.organisation)
        work = Work()
        if call.change.role is was.role:
            return self.commit(work, call, self._disclosed(disclosure, was, member, organisation_name))
        memberships.check_not_last_facilitator(community, was.role, call.change.role)
        place, fact = memberships.place(was, community.id, member.id, call.change.role, now())
        self.memberships.put(work, was, place, member)
        work.tell(fact)
        answer = self._disclosed(disclosure, place, member, organisation_name)
        return self.commit(work, call, answer, upon=[member.organisation or member.guest_of])

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
        was, member = self._known_place(call.caller, community.id, call.member)
        memberships.check_not_last_facilitator(community, was.role, None)
        reason = call.reason if call.caller.member != call.member else None
        place, fact = memberships.end(was, at, reason)
        self.memberships.put(work, was, place, member)
        work.tell(fact)
        way = "by themselves" if call.caller.member == call.member else "removed"
        work.afterwards(metrics.LEAVES.labels(way).inc)
        return self.commit(work, call, Done(), upon=[member.organisation or member.guest_of])
