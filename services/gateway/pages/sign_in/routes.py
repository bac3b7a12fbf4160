"""The pages on which members sign in and out: parse → ask → a page, or the way onward."""

from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, request

from services.gateway.auth.allowance import Allowance
from services.gateway.auth.browser import ATTEMPT, SIGNED_IN, drop, keep, refuse_other_sites, secret_of
from services.gateway.auth.id_token import Refused
from services.gateway.auth.relying_party import ATTEMPT_LASTS, RelyingParty
from services.gateway.auth.remote_keys import Unreachable
from services.gateway.door.bodies import Bodies
from services.gateway.pages.sign_in.directory import Directory
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.reading import HERE, local, read_email, read_form, read_once
from services.gateway.pages.sign_in.signed_in import SignedIn, digest_of, lead_to
from services.gateway.problems import Problem, of_refusal
from shared.contracts.calls.membership import IdentityProvider
from shared.errors import Conflict, NotAllowed, NotFound, Refusal
from shared.wiring import metrics

log = structlog.get_logger()


class SignInPages:
    """The pages under /sign-in and /sign-out.

    Args:
        party: speaks to the organisations' providers.
        directory: asks membership.
        signed_in: says who is signed in at a browser.
        looks: renders them.
        bodies: reads what strangers send, within bounds.
        pace: how many of these requests are taken in a minute from one address.
        links: how many of them may be for a link by mail.
        address: the gateway's public address.
    """

    def __init__(
        self,
        party: RelyingParty,
        directory: Directory,
        signed_in: SignedIn,
        looks: Looks,
        bodies: Bodies,
        pace: Allowance,
        links: Allowance,
        address: str,
    ) -> None:
        self._party = party
        self._directory = directory
        self._signed_in = signed_in
        self._looks = looks
        self._bodies = bodies
        self._pace = pace
        self._links = links
        self._address = address

    def keep_pace(self) -> Response | None:
        """Turn away who asks too often, and every change that another site's page asks for."""
        if self._pace.per_minute and (left := self._pace.take(request.remote_addr)).remaining < 0:
            return self._looks.too_often(left.reset)
        refuse_other_sites(request.method, request.environ, self._address)
        return None

    def refuse(self, error: Problem | Refusal) -> Response:
        """What the door or membership refuses, as a page."""
        return self._looks.refused(error)

    def show_style(self) -> Response:
        """The style sheet."""
        return self._looks.source("style.css", "text/css")

    def show_beginning(self) -> Response:
        """Who is signed in here, or the question for an e-mail address; that also `again`, for who must prove anew who they are."""
        caller = None if "again" in request.args else self._signed_in.who(request)
        name = self._directory.name_of(caller) if caller else None
        if name is not None:
            return self._looks.page("signed_in", member=name)
        return self._looks.with_script("email", next=local(request.args.get("next")), fault="")

    def find_provider(self) -> Response:
        """Lead somebody to their organisation's own sign-in, by the domain of their address."""
        form = read_form(request, self._bodies)
        next, email = local(form.get("next")), read_email(form.get("email", ""))
        if email is None:
            fault = "Enter an e-mail address, such as name@example.org."
            return self._looks.with_script("email", 422, next=next, fault=fault)
        try:
            provider = self._directory.of_domain(email.rpartition("@")[2])
        except NotFound:
            return self._send_link(email, next)
        return self._looks.page(
            "provider", provider=provider, onward=_onward(provider, next=next), invited=False
        )

    def show_link(self, secret: str) -> Response:
        """Where a link leads: a button, because mail is opened by machines before it is read by people."""
        return self._looks.page("link", secret=secret)

    def use_link(self) -> Response:
        """Sign in whoever has pressed it."""
        secret = read_form(request, self._bodies).get("secret", "")
        return self._signed_in.begin(request, self._directory.sign_in_by_link(digest_of(secret)), HERE)

    def show_outsider(self, secret: str) -> Response:
        """Where an outsider's invitation leads: a button, for the same reason."""
        return self._looks.page("outsider", secret=secret)

    def come_as_outsider(self) -> Response:
        """Bring in and sign in whoever has pressed it."""
        secret = read_form(request, self._bodies).get("secret", "")
        return self._signed_in.begin(request, self._directory.come_as_outsider(digest_of(secret)), HERE)

    def show_sponsor(self, secret: str) -> Response:
        """Where the question to a sponsor leads: a button."""
        return self._looks.page("sponsor", secret=secret)

    def confirm_outsider(self) -> Response:
        """Let stay whom the mail named."""
        secret = read_form(request, self._bodies).get("secret", "")
        stays = self._directory.confirm_outsider(digest_of(secret))
        until = f"{stays.ends_at.day} {stays.ends_at:%B %Y}"
        return self._looks.page("confirmed", guest=stays.name, until=until)

    def show_invitation(self, secret: str) -> Response:
        """Lead somebody who was invited to their organisation's own sign-in."""
        provider = self._directory.of_invitation(digest_of(secret))
        onward = _onward(provider, invitation=secret)
        return self._looks.page("provider", provider=provider, onward=onward, invited=True)

    def begin(self, provider: str) -> Response:
        """Send the browser to the provider."""
        asked = read_once(request.args)
        known = self._directory.provider(provider)
        try:
            onward, sealed = self._party.begin(known, local(asked.get("next")), asked.get("invitation"))
        except Unreachable as reason:
            return self._away(known, reason)
        answer = lead_to(onward)
        keep(answer, ATTEMPT, sealed, ATTEMPT_LASTS)
        return answer

    def finish(self, provider: str) -> Response:
        """The browser comes back from the provider: sign its user in."""
        known = self._directory.provider(provider)
        try:
            proven = self._party.finish(known, request.cookies.get(ATTEMPT, ""), read_once(request.args))
            invitation = proven.invitation and digest_of(proven.invitation)
            opened = self._directory.sign_in(known, proven, invitation)
        except Refused as reason:
            log.warning("sign-in.refused", provider=provider, reason=str(reason))
            metrics.SIGN_INS.labels("provider", "refused").inc()
            answer = self._looks.sorry(
                "bad-request", "This is not a sign-in that was begun at this browser. Begin again."
            )
        except Unreachable as reason:
            answer = self._away(known, reason)
        except NotAllowed as refusal:
            log.info("sign-in.not_enrolled", provider=provider, code=refusal.code)
            answer = self._looks.sorry(of_refusal(refusal).code, refusal.sentence, known.contact)
        except Conflict as refusal:
            answer = self._looks.sorry(
                of_refusal(refusal).code, "This sign-in was finished before. Begin again."
            )
        else:
            answer = self._signed_in.begin(request, opened, proven.next)
        drop(answer, ATTEMPT)
        return answer

    def show_way_out(self) -> Response:
        """Where the button is."""
        return lead_to("/sign-in")

    def sign_out(self) -> Response:
        """Sign out here, and show the way out of the provider."""
        read_form(request, self._bodies)
        provider = self._signed_in.end(secret_of(request))
        onward = None
        if provider is not None:
            try:
                onward = self._party.ends_at(provider)
            except Unreachable as reason:
                log.warning("sign-out.provider_away", provider=provider.provider, reason=str(reason))
        answer = self._looks.page("signed_out", provider=provider, onward=onward)
        drop(answer, SIGNED_IN)
        return answer

    def show_signed_out(self) -> Response:
        """Where a provider sends those who have signed out of it too."""
        return self._looks.page("signed_out", provider=None, onward=None)

    def _send_link(self, email: str, next: str) -> Response:
        left = self._links.take(request.remote_addr)
        if left.remaining < 0:
            raise Problem("too-many-requests", headers={"Retry-After": str(left.reset)})
        try:
            self._directory.ask_for_link(email, self._address)
        except NotFound:
            fault = "No organisation here signs in with addresses like this one. Check it, or ask your organisation."
            return self._looks.with_script("email", 404, next=next, fault=fault)
        return self._looks.page("link_sent")

    def _away(self, provider: IdentityProvider, reason: Unreachable) -> Response:
        log.warning("sign-in.provider_away", provider=provider.provider, reason=str(reason))
        sentence = f"The sign-in of {provider.name} cannot be reached. Try again in a moment."
        return self._looks.sorry("unavailable", sentence, provider.contact)


def sign_in_routes(pages: SignInPages) -> Blueprint:
    """The addresses of the pages."""
    routes = Blueprint("sign_in", __name__)
    routes.before_request(pages.keep_pace)
    routes.get("/sign-in/style.css")(pages.show_style)
    routes.get("/sign-in")(pages.show_beginning)
    routes.post("/sign-in")(pages.find_provider)
    routes.get("/sign-in/invitation/<secret>")(pages.show_invitation)
    routes.get("/sign-in/with/<provider>")(pages.begin)
    routes.get("/sign-in/back/<provider>")(pages.finish)
    routes.get("/sign-in/link/<secret>")(pages.show_link)
    routes.post("/sign-in/link")(pages.use_link)
    routes.get("/sign-in/outsider/<secret>")(pages.show_outsider)
    routes.post("/sign-in/outsider")(pages.come_as_outsider)
    routes.get("/sign-in/sponsor/<secret>")(pages.show_sponsor)
    routes.post("/sign-in/sponsor")(pages.confirm_outsider)
    routes.get("/sign-in/signed-out")(pages.show_signed_out)
    routes.get("/sign-out")(pages.show_way_out)
    routes.post("/sign-out")(pages.sign_out)
    routes.register_error_handler(Problem, pages.refuse)
    routes.register_error_handler(Refusal, pages.refuse)
    return routes


def _onward(provider: IdentityProvider, **carried: str) -> str:
    return f"/sign-in/with/{provider.provider}?{urlencode(carried)}"
