"""Signing in and out: at one's own organisation, by a link, or by a passkey; and the passkeys themselves."""

from flask import Blueprint

from services.gateway.auth.allowance import Allowance
from services.gateway.auth.callers import Callers
from services.gateway.auth.relying_party import RelyingParty
from services.gateway.door.bodies import Bodies
from services.gateway.pages.sign_in.directory import Directory
from services.gateway.pages.sign_in.looks import Looks
from services.gateway.pages.sign_in.passkeys import PasskeyPages, passkey_routes
from services.gateway.pages.sign_in.routes import SignInPages, sign_in_routes
from services.gateway.pages.sign_in.signed_in import SignedIn
from services.gateway.switchboard import Switchboard

__all__ = ["sign_in_pages"]


def sign_in_pages(
    party: RelyingParty,
    switchboard: Switchboard,
    callers: Callers,
    bodies: Bodies,
    pace: Allowance,
    links: Allowance,
    address: str,
) -> Blueprint:
    """The pages under /sign-in and /sign-out.

    Args:
        party: speaks to the organisations' providers.
        switchboard: asks membership.
        callers: says who is signed in at a browser.
        bodies: reads what strangers send, within bounds.
        pace: how many of these requests are taken in a minute from one address.
        links: how many of them may be for a link by mail.
        address: the gateway's public address.
    """
    directory, looks = Directory(switchboard), Looks(address.startswith("https:"))
    signed_in = SignedIn(directory, callers)
    pages = SignInPages(party, directory, signed_in, looks, bodies, pace, links, address)
    routes = sign_in_routes(pages)
    passkey_routes(routes, PasskeyPages(directory, signed_in, looks, bodies, address))
    return routes
