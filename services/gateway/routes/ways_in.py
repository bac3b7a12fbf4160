"""Ways in: how a member can sign in, and giving up an account that is known to be theirs."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import IdentityPath
from shared.contracts.calls.membership import ListWaysIn, UnlinkIdentity

ways_in = Resource("ways in", "How a member can sign in.")


@ways_in.reads("/me/ways-in", ListWaysIn, scope="tokens:write")
def list_ways_in(asked: Asked) -> ListWaysIn:
    """List the ways in that one has: accounts at providers, a link by mail, passkeys."""
    return ListWaysIn(caller=asked.caller)


@ways_in.changes("DELETE", "/me/ways-in/<identity>", UnlinkIdentity, scope="tokens:write")
def unlink_identity(asked: Asked, path: IdentityPath) -> UnlinkIdentity:
    """Give up an account at a provider, such as one that was connected by mistake.

    From the browser, within five minutes of signing in there, and never the last way in (passkeys do not count). Sign-ins by
    that provider end. An account that the organisation's directory names is known again at its next sign-in; that is for the directory to mend.
    """
    return UnlinkIdentity(caller=asked.caller, once=asked.once, identity=path.identity)
