"""Handlers for members."""

from services.membership.domain import member as members
from services.membership.domain.disclosure import as_disclosed
from services.membership.domain.home import Sponsorship
from services.membership.domain.member import Member
from services.membership.domain.operator import check_chosen_id, check_operator
from services.membership.domain.organisation import no_such_organisation
from services.membership.domain.state import check_revision
from services.membership.service.leaving import Leaving
from services.membership.service.pages import after_id, cut_by_id
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, Page
from shared.contracts.calls.membership import (
    ChangeMember,
    GetMember,
    LeaveOrganisation,
    ListMembers,
    RegisterMember,
)
from shared.contracts.vocabulary import MemberField
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class MemberHandlers(Leaving):
    """What may be asked about members."""

    @rpc
    def register_member(self, call: RegisterMember) -> calls.Member:
        members.check_may_register(call.caller, call.organisation)
        check_chosen_id(call.caller, call.id)
        organisation = self.organisations.get(call.organisation)
        if organisation is None:
            raise no_such_organisation()
        if call.id is not None and (there := self.members.get(call.id)):
            if there.organisation != call.organisation:
                raise members.id_taken()
            return there.shown(organisation.name)
        member, fact = members.register(call.id or new_id(), call.organisation, call.new, now())
        work = Work()
        self.members.add(work, member)
        work.tell(fact)
        return self.commit(work, call, member.shown(organisation.name))

    @rpc
    def get_member(self, call: GetMember) -> calls.Member:
        member = self._known_member(call.caller, call.member)
        shown = member.shown(self.organisations.name(member.organisation))
        disclosure = self.disclosure(call.caller)
        if disclosure is None and member.sponsorship is not None:
            return self._with_sponsor(shown, member.sponsorship)
        if disclosure is None or member.organisation == disclosure.receiver:
            return shown
        shared = self.memberships.roles_in(member.id, self.memberships.roles(call.caller.member))
        fields = disclosure.of(member.organisation, shared)
        if MemberField.NAME not in fields:
            raise members.no_such_member()
        return as_disclosed(shown, fields)

    @rpc
    def list_members(self, call: ListMembers) -> Page[calls.Member]:
        check_operator(call.caller)
        found = self.members.page(call.organisation, call.handle, after_id(call), call.limit + 1)
        page, next = cut_by_id(call, found, lambda last: last.id)
        names = self.organisations.names(member.organisation for member in page)
        shown = tuple(member.shown(names.get(member.organisation or "")) for member in page)
        return Page[calls.Member](items=shown, next=next)

    @rpc
    def change_member(self, call: ChangeMember) -> calls.Member:
        was = self._known_member(call.caller, call.member)
        members.check_may_change(call.caller, was)
        check_revision(was, call.revision)
        member, facts = members.change(was, call.changes)
        work = Work()
        if facts:
            self.members.put(work, was, member)
        if member.name != was.name:
            self.memberships.rename(work, member)
        work.tell(*facts)
        return self.commit(work, call, member.shown(self.organisations.name(member.organisation)))

    @rpc
    def leave_organisation(self, call: LeaveOrganisation) -> calls.Member:
        was = self._known_member(call.caller, call.member)
        members.check_may_end(call.caller, was)
        member, facts = members.leave(was)
        work = Work()
        if facts:
            self.members.put(work, was, member)
            self.leave_everything(work, was)
        work.tell(*facts)
        return self.commit(work, call, member.shown(None))

    def _with_sponsor(self, shown: calls.Member, stay: Sponsorship) -> calls.Member:
        """An outsider with the names of whose guest they are and who answers for them."""
        sponsor = self.members.get(stay.sponsor) if stay.sponsor else None
        names = {
            "guest_of_name": self.organisations.name(stay.organisation),
            "sponsored_by": sponsor.name if sponsor else None,
        }
        return shown.model_copy(update=names)

    def _known_member(self, caller: Caller, id: str) -> Member:
        """A member the caller may know of; see `domain.member` for who that is."""
        member = self.members.get(id)
        if member is None:
            raise members.no_such_member()
        if not members.is_known_without_sharing(caller, member):
            own = self.memberships.roles(caller.member)
            theirs = self.memberships.roles_in(id, own)
            if not members.is_known_by_sharing((own[community], role) for community, role in theirs.items()):
                raise members.no_such_member()
            disclosure = self.disclosure(caller)
            if disclosure is not None and not disclosure.names(member.organisation, theirs):
                raise members.no_such_member()
        return member
