"""Handlers for sign-in by a link.

The question is answered before it is known whose the address is, by the same reads and writes for all. The
mail is this service's own fact, heard by itself: so it survives the death of any process, is tried again while
the mail server is away, and no secret ever crosses the broker, because it is made when the mail is.
"""

from datetime import datetime
from email.message import EmailMessage

from services.membership.domain import sign_in_link as links
from services.membership.domain.member import Member
from services.membership.domain.sign_in_link import SignInLink
from services.membership.service.mailing import Mailing
from services.membership.service.opening import Opening
from services.membership.service.secrets import FOR_SIGN_IN_LINKS
from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import AskForSignInLink, OpenedSignIn, OpenSignInByLink
from shared.contracts.envelope import Envelope
from shared.contracts.membership import SignInLinkAsked
from shared.wiring.rpc import rpc
from shared.wiring.store import Work, new_id, now
from shared.wiring.subscribe import subscribe


class SignInLinkHandlers(Opening, Mailing):
    """For those whose organisation has no identity provider."""

    @rpc
    def ask_for_sign_in_link(self, call: AskForSignInLink) -> Done:
        if not self.settings.mail:
            raise links.not_offered()
        at = now()
        whose = self.members.active_with(call.email)
        asked = self.sign_in_links.count(links.address_key(call.email), at - links.LASTS, links.MOST)
        work = Work()
        if asked < links.MOST:
            link, fact = links.ask(new_id(), call.email, whose, call.door, at)
            self.sign_in_links.add(work, link)
            work.tell(fact)
        return self.commit(work, call, Done())

    @subscribe(SignInLinkAsked, batch=1)
    def hear_sign_in_link_asked(self, heard: list[Envelope[SignInLinkAsked]], work: Work) -> None:
        """Send the mail; `work` is only the memory of it, for what was sent must be remembered at once."""
        del work
        for envelope in heard:
            at = now()
            link = self.sign_in_links.get(envelope.data.link)
            if link is None or not links.is_to_be_sent(link, at):
                continue
            member = self._who_may_have_it(link)
            if member is not None and member.email is not None:
                self._send(link, member.email, at)

    @rpc
    def open_sign_in_by_link(self, call: OpenSignInByLink) -> OpenedSignIn:
        with self.counted("link"):
            return self._by_link(call)

    def _by_link(self, call: OpenSignInByLink) -> OpenedSignIn:
        at = now()
        used = links.use(self.sign_in_links.by_digest(call.digest), at)
        member = self._who_may_have_it(used)
        if member is None:
            raise links.no_longer_good()
        work = Work()
        self.sign_in_links.put(work, used)
        return self.sign_in(work, call, member, "link", None, at)

    def _who_may_have_it(self, link: SignInLink) -> Member | None:
        """The member, unless they have left, or their organisation has a sign-in of its own."""
        member = None if link.member is None else self.members.get(link.member)
        if member is None or not member.is_here(now()):
            return None
        return None if self.identity_providers.of_organisation(member.organisation) else member

    def _send(self, link: SignInLink, to: str, at: datetime) -> None:
        def written(secret: str) -> EmailMessage:
            return links.letter(link, to, self.settings.mail_from, secret)

        self.send(link, self.sign_in_links.put, FOR_SIGN_IN_LINKS, written, at)
