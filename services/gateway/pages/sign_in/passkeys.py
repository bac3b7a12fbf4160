"""Signing in by a passkey, and the page on which one adds and removes them: parse → ask → a page, or the way onward."""

import re
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from services.gateway.auth.browser import CHALLENGE, drop, keep
from services.gateway.door.bodies import Bodies
from services.gateway.pages.sign_in.directory import Directory
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.reading import local, read_as, read_form
from services.gateway.pages.sign_in.signed_in import SignedIn, lead_to
from services.gateway.problems import Problem, of_refusal
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import NewPasskey, PasskeyAssertion
from shared.errors import NotAllowed

HERE = "/sign-in/passkeys"
AGAIN = f"/sign-in?{urlencode({'again': 'yes', 'next': HERE})}"
KEPT = re.compile(r"[A-Za-z0-9_-]{43}")
SECONDS = 300
"""As long as a challenge is good; membership ends it, whatever a browser keeps."""


class PasskeyPages:
    """The pages under /sign-in that a passkey has a part in.

    The browser keeps its challenge out of reach of scripts and other sites, so that an answer signs in the browser
    that asked and no other.

    Args:
        directory: asks membership.
        signed_in: says who is signed in at a browser.
        looks: renders them.
        bodies: reads what strangers send, within bounds.
        address: the gateway's public address.
    """

    def __init__(
        self, directory: Directory, signed_in: SignedIn, looks: Looks, bodies: Bodies, address: str
    ) -> None:
        self._directory = directory
        self._signed_in = signed_in
        self._looks = looks
        self._bodies = bodies
        self._address = address

    def show_script(self) -> Response:
        """The script that asks the browser for a passkey."""
        return self._looks.source("passkey.js", "text/javascript")

    def begin_by_passkey(self) -> Response:
        """A challenge to sign in by, the same for everybody but for its chance."""
        read_form(request, self._bodies)
        options = self._directory.begin_passkey_sign_in(self._address)
        headers = {"Cache-Control": "no-store"}
        answer = Response(options.model_dump_json(), headers=headers, content_type="application/json")
        keep(answer, CHALLENGE, options.challenge, SECONDS)
        return answer

    def finish_by_passkey(self) -> Response:
        """Sign in whoever has answered it."""
        form = read_form(request, self._bodies)
        next = local(form.pop("next", None))
        assertion = read_as(PasskeyAssertion, form)
        challenge = request.cookies.get(CHALLENGE, "")
        if not KEPT.fullmatch(challenge):
            raise Problem(
                "challenge-no-longer-good", "Your browser has no challenge, or not any more. Begin again."
            )
        try:
            opened = self._directory.sign_in_by_passkey(challenge, assertion, self._address)
        except NotAllowed as refusal:
            answer = self._looks.sorry(of_refusal(refusal).code, refusal.sentence)
        else:
            answer = self._signed_in.begin(request, opened, next)
        drop(answer, CHALLENGE)
        return answer

    def show_passkeys(self) -> Response:
        """One's passkeys, and the way to another."""
        caller = self._signed_in.who(request)
        if caller is None:
            return lead_to(f"/sign-in?{urlencode({'next': HERE})}")
        passkeys = self._directory.passkeys_of(caller)
        return self._looks.with_script("passkeys", passkeys=passkeys, again=AGAIN)

    def add_passkey(self) -> Response:
        """Add the one that the browser has made."""
        caller, form = self._asked()
        self._directory.add_passkey(caller, read_as(NewPasskey, form), self._address)
        return lead_to(HERE)

    def remove_passkey(self) -> Response:
        """Remove one."""
        caller, form = self._asked()
        self._directory.remove_passkey(caller, form.get("passkey", ""))
        return lead_to(HERE)

    def _asked(self) -> tuple[Caller, dict[str, str]]:
        """Who asks at the browser, and what."""
        form = read_form(request, self._bodies)
        caller = self._signed_in.who(request)
        if caller is None:
            raise Problem("unauthenticated", "You are not signed in any more. Sign in, then try again.")
        return caller, form


def passkey_routes(routes: Blueprint, pages: PasskeyPages) -> None:
    """Add the addresses of these pages."""
    routes.get("/sign-in/passkey.js")(pages.show_script)
    routes.post("/sign-in/passkey/challenge")(pages.begin_by_passkey)
    routes.post("/sign-in/passkey")(pages.finish_by_passkey)
    routes.get(HERE)(pages.show_passkeys)
    routes.post(HERE)(pages.add_passkey)
    routes.post(f"{HERE}/remove")(pages.remove_passkey)
