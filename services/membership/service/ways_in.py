"""Handlers for the ways in that a member has."""

from services.membership.domain import way_in
from services.membership.domain.erasure import check_fresh
from services.membership.domain.member import Member
from services.membership.service.mailing import Mailing
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import ListWaysIn, UnlinkIdentity, WaysIn
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, now


class WaysInHandlers(Mailing):
    """A member sees how they can come in, and gives up what they no longer want."""

    @rpc
    def list_ways_in(self, call: ListWaysIn) -> WaysIn:
        member = self.at_home(call.caller, way_in.check_is_person(call.caller))
        providers = self.identity_providers.all_of(member.organisation)
        return way_in.shown(
            member,
            self.identities.all_of(member.id),
            {one.issuer: one for one in providers},
            link=self._is_sent_a_link(member, has_provider=bool(providers)),
            passkeys=self.passkeys.count_of(member.id),
        )

    @rpc
    def unlink_identity(self, call: UnlinkIdentity) -> Done:
        member = self.at_home(call.caller, way_in.check_is_person(call.caller))
        identity = way_in.check_own(self.identities.get(call.identity), member.id)
        check_fresh(call.caller, now())
        providers = self.identity_providers.all_of(member.organisation)
        way_in.check_is_not_last(
            identity,
            self.identities.all_of(member.id),
            {one.issuer for one in providers},
            link=self._is_sent_a_link(member, has_provider=bool(providers)),
        )
        work = Work()
        self.identities.end(work, identity.id)
        for provider in providers:
            if provider.issuer == identity.issuer:
                self.sign_ins.end_all_of_by(work, member.id, provider.id)
        # Of two that are given up at one moment the second is judged by what the first has left.
        self.members.hold(work, member)
        return self.commit(work, call, Done())

    def _is_sent_a_link(self, member: Member, *, has_provider: bool) -> bool:
        """Whether the one member with that address is sent links there, as `sign_in_links` decides it."""
        if not self.settings.mail or member.email is None or has_provider:
            return False
        return [one.id for one in self.members.active_with(member.email)] == [member.id]
