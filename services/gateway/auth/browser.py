"""A browser that is signed in: its cookies, and what tells its own requests from those that another site has it make."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from flask import Request, Response

from services.gateway.problems import Problem

SIGNED_IN: Final = "__Host-commonplace"
ATTEMPT: Final = "__Host-commonplace-attempt"
CHALLENGE: Final = "__Host-commonplace-challenge"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def secret_of(request: Request) -> str | None:
    """The secret of the browser's sign-in, None when it has none."""
    return request.cookies.get(SIGNED_IN) if "HTTP_COOKIE" in request.environ else None


def keep(response: Response, name: str, value: str, seconds: int) -> None:
    """Have the browser keep a value: for this host and https only, out of reach of scripts and other sites' forms."""
    response.set_cookie(name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax")


def drop(response: Response, name: str) -> None:
    """Have the browser forget a value."""
    keep(response, name, "", 0)


def refuse_other_sites(method: str, environ: Mapping[str, object], address: str) -> None:
    """Refuse a change that another site has a browser make in its user's name (CSRF).

    Browsers say from where a request comes, and no script can change it: `Sec-Fetch-Site`, and `Origin` with
    every change. What says neither is no browser that is signed in.

    Args:
        method: the HTTP method.
        environ: the request's environment.
        address: the gateway's public address.

    Raises:
        Problem: 403 `cross-site`.
    """
    if method in SAFE:
        return
    site = environ.get("HTTP_SEC_FETCH_SITE")
    own = urlsplit(address)
    if site is None and environ.get("HTTP_ORIGIN") == f"{own.scheme}://{own.netloc}":
        return
    if site != "same-origin":
        raise Problem("cross-site")
