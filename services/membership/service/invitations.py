"""Handlers for getting in by invitation."""

from services.membership.domain import invitation as invitations
from services.membership.domain import membership as memberships
from services.membership.domain.community import check_takes_people, no_such_community
from services.membership.domain.credential import digest_of
from services.membership.domain.join_request import withdraw
from services.membership.domain.member import check_has_room
from services.membership.domain.membership import role_of
from services.membership.domain.outsider import check_may_be
from services.membership.service.handlers import Handlers
from services.membership.service.pages import after_time, cut_by_time
from services.membership.service.secrets import FOR_INVITATIONS, make_secret
from shared.contracts.calls.call import Page, check_is_member
from shared.contracts.calls.membership import (
    AcceptInvitation,
    Invitation,
    Invite,
    ListInvitations,
    Membership,
    RevokeInvitation,
)
from shared.wiring import metrics
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now


class InvitationHandlers(Handlers):
    """Facilitators invite; whoever holds the token, and is whom it is for, comes in."""

    @rpc
    def invite(self, call: Invite) -> Invitation:
        community, place = self.known_community(call.caller, call.community)
        memberships.check_facilitates(role_of(place))
        check_takes_people(community)
        secret = make_secret(FOR_INVITATIONS)
        at = now()
        invitation = invitations.invite(
            new_id(), secret.digest, community.id, call.new, check_is_member(call.caller), at
        )
        work = Work()
        self.invitations.add(work, invitation)
        # What is remembered for a repetition must not hold the secret: it is kept nowhere.
        self.commit(work, call, invitation.shown(at))
        return invitation.shown(at, token=secret.text)

    @rpc
    def list_invitations(self, call: ListInvitations) -> Page[Invitation]:
        self.check_governed(call.caller, call.community)
        by = call.caller.member if call.caller.client else None
        found = self.invitations.page(call.community, after_time(call), call.limit + 1, by)
        page, next = cut_by_time(call, found, lambda last: (last.invited_at, last.id))
        at = now()
        return Page[Invitation](
            items=tuple(invitation.shown(at) for invitation in page),
            next=next,
        )

    @rpc
    def revoke_invitation(self, call: RevokeInvitation) -> Invitation:
        self.check_governed(call.caller, call.community)
        was = self.invitations.get(call.invitation)
        if was is None or was.community != call.community:
            raise invitations.no_such_invitation()
        if call.caller.client is not None and was.invited_by != call.caller.member:
            raise invitations.no_such_invitation()
        invitation = invitations.revoke(was)
        work = Work()
        if invitation != was:
            self.invitations.put(work, was, invitation)
        return self.commit(work, call, invitation.shown(now()))

    @rpc
    def accept_invitation(self, call: AcceptInvitation) -> Membership:
        member = self.acting_member(call.caller)
        was = self.invitations.by_digest(digest_of(call.token))
        if was is None:
            raise invitations.no_such_invitation()
        at = now()
        invitation = invitations.accept(was, member, at)
        community = self.communities.get(invitation.community)
        if community is None:
            raise no_such_community()
        there = self.memberships.get(community.id, member.id)
        memberships.check_not_in(role_of(there), invitation.role)
        check_may_be(member, invitation.role)
        check_takes_people(community)
        check_has_room(member)
        place, fact = memberships.place(there, community.id, member.id, invitation.role, at)
        work = Work()
        self.invitations.put(work, was, invitation)
        self.memberships.put(work, there, place, member)
        for request in self.join_requests.waiting(member.id, community.id):
            self.join_requests.put(work, request, withdraw(request, at))
        work.tell(fact)
        work.afterwards(metrics.JOINS.labels("invited").inc)
        return self.commit(work, call, place.shown(member, self.organisations.name(member.organisation)))
