"""Passkeys: a second way in for those who facilitate, kept on devices of their own."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery, PasskeyPath
from shared.contracts.calls.membership import (
    AddPasskey,
    BeginPasskey,
    ListPasskeys,
    NewPasskey,
    RemovePasskey,
)

passkeys = Resource("passkeys", "A second way in for facilitators, kept on their own devices (WebAuthn).")


@passkeys.creates("/passkey-challenges", BeginPasskey, scope="tokens:write")
def begin_passkey(asked: Asked) -> BeginPasskey:
    """Ask for a challenge, to make a passkey with.

    By a facilitator, from the browser, within five minutes of signing in there: a token is not enough. It is good once,
    for five minutes, from that sign-in only. The answer holds what `navigator.credentials.create` needs.
    It is kept nowhere but as its digest, so the same `Idempotency-Key` again gets a fresh one.
    """
    return BeginPasskey(caller=asked.caller, once=asked.once, door=asked.door)


@passkeys.creates(
    "/passkeys",
    AddPasskey,
    scope="tokens:write",
    example={
        "label": "My telephone",
        "client_data": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0",
        "attestation": "oA",
    },
)
def add_passkey(asked: Asked, body: NewPasskey) -> AddPasskey:
    """Add a passkey that was made with a challenge.

    From where the challenge was asked for. From then on its owner signs in with it at `/sign-in`.
    """
    return AddPasskey(caller=asked.caller, once=asked.once, door=asked.door, new=body)


@passkeys.reads("/passkeys", ListPasskeys, scope="tokens:write")
def list_passkeys(asked: Asked, query: PageQuery) -> ListPasskeys:
    """List one's passkeys, without their keys."""
    return ListPasskeys(caller=asked.caller, after=query.after, limit=query.limit)


@passkeys.changes("DELETE", "/passkeys/<passkey>", RemovePasskey, scope="tokens:write")
def remove_passkey(asked: Asked, path: PasskeyPath) -> RemovePasskey:
    """Remove a passkey, such as that of a device which was lost.

    From the browser, within five minutes of signing in there. It signs nobody in from then on; who is signed in by it stays
    so until that sign-in is ended.
    """
    return RemovePasskey(caller=asked.caller, once=asked.once, passkey=path.passkey)
