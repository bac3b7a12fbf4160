"""Handlers for sign-ins by an organisation's own provider."""

from datetime import datetime, timedelta

from services.membership.domain import sign_in as sign_ins
from services.membership.domain.identity_provider import IdentityProvider, no_such_provider
from services.membership.domain.member import Member, no_such_member
from services.membership.service.opening import Opening
from services.membership.service.pages import after_time, cut_by_time
from services.membership.service.secrets import FOR_SIGN_IN_INVITATIONS, make_secret
from shared.contracts.calls.call import Done, Page, check_is_member
from shared.contracts.calls.membership import (
    EndSignIn,
    IdentifySignIn,
    Identity,
    InviteToSignIn,
    ListSignIns,
    OpenedSignIn,
    OpenSignIn,
    SignedOut,
    SignIn,
    SignInInvitation,
    SignOut,
)
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now

ATTEMPT = timedelta(hours=1)
"""Longer than an attempt at the provider may take; see the gateway."""


class SignInHandlers(Opening):
    """Secrets are shown in the answer that makes them and kept nowhere."""

    @rpc
    def open_sign_in(self, call: OpenSignIn) -> OpenedSignIn:
        with self.counted("identity provider"):
            return self._by_provider(call)

    def _by_provider(self, call: OpenSignIn) -> OpenedSignIn:
        provider = self.identity_providers.get(call.provider)
        if provider is None:
            raise no_such_provider()
        at = now()
        work = Work()
        self.spent.use(work, f"attempt:{call.attempt}", at + ATTEMPT)
        member = self._who(work, call, provider, at)
        return self.sign_in(work, call, member, "identity provider", provider.id, at)

    @rpc
    def identify_sign_in(self, call: IdentifySignIn) -> Identity:
        sign_in = self.sign_ins.by_digest(call.digest)
        member = None if sign_in is None else self.members.get(sign_in.member)
        at = now()
        identity = sign_ins.identify(sign_in, member, at)
        if sign_in is not None and sign_ins.is_seen_anew(sign_in, at):
            work = Work()
            self.sign_ins.saw(work, sign_in, at)
            self.commit(work, call, identity)
        return identity

    @rpc
    def list_sign_ins(self, call: ListSignIns) -> Page[SignIn]:
        member = check_is_member(call.caller)
        seen_after = now() - sign_ins.IDLE
        found = self.sign_ins.page(member, seen_after, after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.signed_in_at, last.id))
        return Page[SignIn](items=tuple(one.shown() for one in page), next=next)

    @rpc
    def end_sign_in(self, call: EndSignIn) -> Done:
        member = check_is_member(call.caller)
        there = self.sign_ins.get(call.sign_in)
        if there is None or there.member != member:
            raise sign_ins.no_such_sign_in()
        work = Work()
        self.sign_ins.end(work, there.id)
        return self.commit(work, call, Done())

    @rpc
    def sign_out(self, call: SignOut) -> SignedOut:
        there = self.sign_ins.by_digest(call.digest)
        work = Work()
        if there is None:
            return SignedOut(provider=None)
        self.sign_ins.end(work, there.id)
        answer = SignedOut(provider=there.provider, sign_in=there.id, member=there.member)
        return self.commit(work, call, answer)

    @rpc
    def invite_to_sign_in(self, call: InviteToSignIn) -> SignInInvitation:
        member = self.members.get(call.member)
        if member is None or not member.active or not _may_know(call, member):
            raise no_such_member()
        sign_ins.check_invites(call.caller, member)
        secret = make_secret(FOR_SIGN_IN_INVITATIONS)
        invitation = sign_ins.invite(new_id(), secret.digest, member.id, call.expires_in_days, now())
        work = Work()
        self.sign_in_invitations.add(work, invitation)
        # What is remembered for a repetition must not hold the secret: it is kept nowhere.
        self.commit(work, call, invitation.shown())
        return invitation.shown(secret.text)

    def _who(self, work: Work, call: OpenSignIn, provider: IdentityProvider, at: datetime) -> Member:
        """The member that somebody at a provider is; found out the first time, and remembered."""
        known = self.identities.get(sign_ins.identity_key(provider.issuer, call.subject))
        if known is not None:
            return sign_ins.check_is_of(provider, self.members.get(known.member))
        if call.invitation is not None:
            was = self.sign_in_invitations.by_digest(call.invitation)
            used = sign_ins.accept(was, at)
            member = sign_ins.check_is_of(provider, self.members.get(used.member))
            self.sign_in_invitations.put(work, used)
            how = sign_ins.link(provider.issuer, call.subject, member.id, "invitation", at)
        else:
            member = sign_ins.check_is_of(provider, self._known_as(provider.organisation, call.external_id))
            how = sign_ins.link(provider.issuer, call.subject, member.id, "directory", at)
        self.identities.add(work, how)
        return member

    def _known_as(self, organisation: str, external_id: str) -> Member | None:
        """The member whom a directory calls so: as registered with that name, or as provisioned by it."""
        registered = self.members.known_as(organisation, external_id)
        entry = None if registered else self.directory_entries.known_as(organisation, external_id)
        return self.members.get(entry.member) if entry and entry.member else registered


def _may_know(call: InviteToSignIn, member: Member) -> bool:
    own = call.caller.organisation
    return call.caller.operator or (own is not None and own == member.organisation)
