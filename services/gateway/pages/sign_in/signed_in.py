"""Who is signed in at a browser: a sign-in begins and ends here, whichever way they came."""

import hashlib

import structlog
from flask import Request, Response

from services.gateway.auth.browser import SIGNED_IN, keep, secret_of
from services.gateway.auth.callers import Callers
from services.gateway.pages.sign_in.directory import Directory
from services.gateway.problems import Problem
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import IdentityProvider, OpenedSignIn
from shared.errors import Unavailable

log = structlog.get_logger()

SECONDS_SIGNED_IN = 12 * 3_600
"""As long as a sign-in lasts at most; membership ends it, whatever a browser keeps."""


class SignedIn:
    """The sign-ins of the browsers that ask.

    Args:
        directory: asks membership.
        callers: says who is signed in at a browser.
    """

    def __init__(self, directory: Directory, callers: Callers) -> None:
        self._directory = directory
        self._callers = callers

    def begin(self, request: Request, opened: OpenedSignIn, next: str) -> Response:
        """Onward, under a secret that nobody had before the sign-in; the one before it ends."""
        try:
            self.end(secret_of(request))
        except Unavailable:
            log.warning("sign-in.old_one_stays", sign_in=opened.sign_in)
        answer = lead_to(next)
        keep(answer, SIGNED_IN, opened.secret or "", SECONDS_SIGNED_IN)
        return answer

    def end(self, secret: str | None) -> IdentityProvider | None:
        """End the sign-in of that secret; the provider that they came by, None when there is none (any more)."""
        if secret is None:
            return None
        self._callers.forget(secret)
        return self._directory.sign_out(digest_of(secret))

    def who(self, request: Request) -> Caller | None:
        """Who is signed in at the browser; None when nobody is."""
        secret = secret_of(request)
        if secret is None:
            return None
        try:
            return self._callers.by_sign_in(secret, address=request.remote_addr)
        except Problem:
            return None


def lead_to(address: str) -> Response:
    """The way to another address, by a request of its own."""
    return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def digest_of(secret: str) -> str:
    """By what membership knows a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
