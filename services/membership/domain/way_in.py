"""The ways in that a member has: accounts at their organisation's providers, a link by mail, passkeys."""

from collections.abc import Collection, Mapping

from services.membership.domain.identity_provider import IdentityProvider
from services.membership.domain.member import Member
from services.membership.domain.sign_in import Identity
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller, check_is_member
from shared.errors import Conflict, NotAllowed, NotFound


def check_is_person(caller: Caller) -> str:
    """Refuse a system, also one that acts for the member; returns the member's id.

    Raises:
        NotAllowed: `member-needed`, `persons-only`.
    """
    member = check_is_member(caller)
    if caller.client is not None:
        raise NotAllowed(
            "How they sign in is for people themselves; no system sees or changes it.", "persons-only"
        )
    return member


def no_such_identity() -> NotFound:
    """The refusal for an identity that isn't there or is somebody else's."""
    return NotFound("You have no such account at a provider.", where="identity")


def check_own(identity: Identity | None, member: str) -> Identity:
    """Refuse what is not the member's; returns it otherwise.

    Raises:
        NotFound: it is not there, or somebody else's.
    """
    if identity is None or identity.member != member:
        raise no_such_identity()
    return identity


def check_is_not_last(
    identity: Identity, all_own: Collection[Identity], issuers: Collection[str], *, link: bool
) -> None:
    """Refuse to give up the last way in.

    Passkeys are a second way and do not count: they are lost with a device. An account at a provider that is not
    the organisation's any more is no way in, and may always be given up.

    Args:
        all_own: the member's.
        issuers: of the providers that their organisation has.
        link: whether a link is sent to them.

    Raises:
        Conflict: `last-way-in`.
    """
    if identity.issuer not in issuers or link:
        return
    if not any(one.issuer in issuers for one in all_own if one.id != identity.id):
        raise Conflict(
            "You would have no way in any more. Have your organisation connect another account with you first.",
            "last-way-in",
            "identity",
        )


def shown(
    member: Member,
    identities: Collection[Identity],
    providers: Mapping[str, IdentityProvider],
    *,
    link: bool,
    passkeys: int,
) -> calls.WaysIn:
    """The ways in for their member; `providers` of their organisation by issuer."""
    return calls.WaysIn(
        identities=tuple(
            calls.LinkedIdentity(
                identity=one.id,
                issuer=one.issuer,
                subject=one.subject,
                provider_name=providers[one.issuer].name if one.issuer in providers else None,
                linked_at=one.linked_at,
                how=one.how,
            )
            for one in identities
        ),
        email=member.email,
        link=link,
        passkeys=passkeys,
    )
