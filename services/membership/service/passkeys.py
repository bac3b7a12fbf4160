"""Handlers for passkeys: made by those who may have one, and a way to sign in."""

from datetime import datetime
from secrets import token_urlsafe

import structlog

from services.membership.domain import passkey as passkeys
from services.membership.domain.ceremony import (
    Unsound,
    challenge_in,
    relying_party,
    verify_assertion,
    verify_registration,
)
from services.membership.domain.credential import digest_of
from services.membership.domain.erasure import check_fresh
from services.membership.domain.member import Member
from services.membership.domain.passkey import PasskeyChallenge
from services.membership.repositories import Acts
from services.membership.service.opening import Opening
from services.membership.service.pages import after_time, cut_by_time
from shared.contracts.calls.call import Caller, Done, Page
from shared.contracts.calls.membership import (
    AddPasskey,
    BeginPasskey,
    BeginPasskeySignIn,
    ListPasskeys,
    OpenedSignIn,
    OpenSignInByPasskey,
    Passkey,
    PasskeyOptions,
    PasskeySignInOptions,
    RemovePasskey,
)
from shared.wiring.acts import Act
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now

log = structlog.get_logger()


class PasskeyHandlers(Opening):
    """A challenge is told once and kept as its digest; a key is told to nobody."""

    @rpc
    def begin_passkey(self, call: BeginPasskey) -> PasskeyOptions:
        member = self._who_may_add(call.caller)
        party = relying_party(call.door)
        challenge = token_urlsafe(32)
        asked = passkeys.ask(challenge, now(), call.caller)
        has = self.passkeys.page(member.id, None, passkeys.MOST)
        work = Work()
        self.passkey_challenges.add(work, asked)
        # Nothing is remembered for a repetition, which would hold the challenge: it gets a fresh one, as good as this.
        self.store.commit(work)
        return passkeys.options(challenge, asked, party, member, has)

    @rpc
    def add_passkey(self, call: AddPasskey) -> Passkey:
        member = self._who_may_add(call.caller)
        party = relying_party(call.door)
        at = now()
        try:
            challenge = challenge_in(call.new.client_data)
            asked = self.passkey_challenges.get(digest_of(challenge))
            answered = passkeys.answer(asked, call.caller, at)
            registered = verify_registration(call.new, challenge, party)
        except Unsound as reason:
            log.info("passkey.unfit", member=member.id, reason=str(reason))
            raise passkeys.unfit() from reason
        passkey = passkeys.add(new_id(), member.id, call.new.label, registered, at)
        work = Work()
        self.passkey_challenges.put(work, answered)
        self.passkeys.add(work, passkey)
        # The member's row is changed too, so that a passkey added while they leave ends like the others,
        # and two added at one moment are counted one after the other.
        self.members.hold(work, member)
        return self.commit(work, call, passkey.shown())

    @rpc
    def list_passkeys(self, call: ListPasskeys) -> Page[Passkey]:
        member = passkeys.check_is_person(call.caller)
        found = self.passkeys.page(member, after_time(call), call.limit + 1)
        page, next = cut_by_time(call, found, lambda last: (last.created_at, last.id))
        return Page[Passkey](items=tuple(one.shown() for one in page), next=next)

    @rpc
    def remove_passkey(self, call: RemovePasskey) -> Done:
        member = passkeys.check_is_person(call.caller)
        there = self.passkeys.get(call.passkey)
        if there is None or there.member != member:
            raise passkeys.no_such_passkey()
        check_fresh(call.caller, now())
        work = Work()
        self.passkeys.end(work, there.id)
        return self.commit(work, call, Done())

    @rpc
    def begin_passkey_sign_in(self, call: BeginPasskeySignIn) -> PasskeySignInOptions:
        party = relying_party(call.door)
        challenge = token_urlsafe(32)
        asked = passkeys.ask(challenge, now())
        work = Work()
        self.passkey_challenges.add(work, asked)
        options = PasskeySignInOptions(
            challenge=challenge, expires_at=asked.expires_at, relying_party=party.id
        )
        return self.commit(work, call, options)

    @rpc
    def open_sign_in_by_passkey(self, call: OpenSignInByPasskey) -> OpenedSignIn:
        with self.counted("passkey"):
            at = now()
            asked = self.passkey_challenges.get(digest_of(call.challenge))
            answered = passkeys.answer(asked, None, at)
            passkey = self.passkeys.by_credential(call.assertion.credential)
            try:
                passkey, member = self._verified(call, passkey, at)
            except (Unsound, passkeys.Refused) as reason:
                self._refuse(answered, passkey, reason)
                raise passkeys.not_accepted() from reason
            work = Work()
            self.passkey_challenges.put(work, answered)
            self.passkeys.put(work, passkey)
            return self.sign_in(work, call, member, "passkey", None, at)

    def _verified(
        self, call: OpenSignInByPasskey, passkey: passkeys.Passkey | None, at: datetime
    ) -> tuple[passkeys.Passkey, Member]:
        """The passkey as it is once used, and whose it is."""
        known = passkeys.check_known(passkey)
        member = passkeys.check_here(self.members.get(known.member), at)
        party = relying_party(call.door)
        asserted = verify_assertion(call.assertion, call.challenge, party, known.public_key)
        return passkeys.use(known, call.assertion.user_handle, asserted, at), member

    def _refuse(
        self, answered: PasskeyChallenge, passkey: passkeys.Passkey | None, reason: Exception
    ) -> None:
        """Let the challenge be used up all the same, and have the audit log tell whose passkey was not accepted.

        Of an unknown passkey it tells nothing: anybody could fill it.
        """
        act = reason.act if isinstance(reason, passkeys.Refused) else passkeys.REFUSED
        log.warning("passkey.refused", passkey=passkey and passkey.id, act=act, reason=str(reason))
        work = Work()
        self.passkey_challenges.put(work, answered)
        if passkey is not None:
            Acts.record(work, self._act(act, passkey))
        self.store.commit(work)

    def _act(self, act: str, passkey: passkeys.Passkey) -> Act:
        member = self.members.get(passkey.member)
        whose = (member.organisation, member.guest_of) if member else ()
        return Act(
            id=new_id(),
            act=act,
            at=now(),
            member=passkey.member,
            client=None,
            operator=False,
            organisations=tuple(sorted(one for one in whose if one)),
            concerns={"member": passkey.member, "passkey": passkey.id},
        )

    def _who_may_add(self, caller: Caller) -> Member:
        """The member, who has just signed in, may have passkeys, and has not too many."""
        member = self.at_home(caller, passkeys.check_is_person(caller))
        check_fresh(caller, now())
        passkeys.check_may_have(member, self.memberships.roles(member.id).values(), self._contacts(member))
        passkeys.check_has_room(self.passkeys.count_of(member.id))
        return member

    def _contacts(self, member: Member) -> set[str]:
        """Whom the member's organisation has named as its contact in agreements that are in force."""
        if member.organisation is None:
            return set()
        versions = [one.version_in_force for one in self.agreements.in_force_for(member.organisation)]
        return {
            signature.contact
            for version in versions
            if version is not None
            for signature in version.signatures
            if signature.organisation == member.organisation
        }
