"""What does that organisation get to see, and why? For members who want to know before they write, or after."""

from flask import Blueprint

from services.gateway.auth.allowance import Allowance
from services.gateway.auth.callers import Callers
from services.gateway.pages.crossings.asking import Asking
from services.gateway.pages.crossings.routes import CrossingPages, crossing_routes
from services.gateway.pages.sign_in.directory import Directory
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.signed_in import SignedIn
from services.gateway.switchboard import Switchboard

__all__ = ["crossing_pages"]


def crossing_pages(switchboard: Switchboard, callers: Callers, pace: Allowance, https: bool) -> Blueprint:
    """The page at /crossings.

    Args:
        switchboard: asks discussion and membership.
        callers: says who is signed in at a browser.
        pace: how many of these requests are taken in a minute from one address.
        https: whether the gateway is reached over HTTPS.
    """
    signed_in, looks = SignedIn(Directory(switchboard), callers), Looks(https, __name__)
    return crossing_routes(CrossingPages(Asking(switchboard), signed_in, looks, pace))
