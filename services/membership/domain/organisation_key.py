"""A key by which an organisation signs: the node knows its public half only."""

from collections.abc import Collection
from datetime import datetime

from joserfc.jwk import OKPKey

from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.errors import Conflict, Invalid, NotFound

MOST_KEYS = 10


class OrganisationKey(State):
    """A public Ed25519 key.

    Args:
        id: `<organisation>:<kid>`.
        kid: its thumbprint (RFC 7638), so that one key has one name everywhere.
        x: the public key itself, as in a JWK (RFC 8037).
        revoked_at: when its owner said that it opens nothing any more, None while it does.
    """

    organisation: str
    kid: str
    x: str
    registered_at: datetime
    revoked_at: datetime | None = None

    @property
    def is_good(self) -> bool:
        """Whether what it signed, at whatever time, is believed."""
        return self.revoked_at is None

    def shown(self) -> calls.OrganisationKey:
        """The key as everybody who wants to check a signature may see it."""
        return calls.OrganisationKey(
            organisation=self.organisation,
            kid=self.kid,
            x=self.x,
            registered_at=self.registered_at,
            revoked_at=self.revoked_at,
        )


def key_id(organisation: str, kid: str) -> str:
    """The id of an organisation's key."""
    return f"{organisation}:{kid}"


def no_such_key() -> NotFound:
    """The refusal for a key that isn't there."""
    return NotFound("The organisation has no such key.", where="kid")


def register(
    organisation: str, new: calls.NewOrganisationKey, there: Collection[OrganisationKey], at: datetime
) -> OrganisationKey:
    """Make a key of what was sent; one that is there and good already is that one.

    Args:
        there: the organisation's keys, the revoked ones included.

    Raises:
        Invalid: `key-invalid`, when `x` is no Ed25519 key or `kid` not its thumbprint.
        Conflict: `key-revoked` or `too-many-keys`.
    """
    try:
        kid = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": new.x}).thumbprint()
    except ValueError:
        raise Invalid("This is no Ed25519 key; send the public half as a JWK.", "key-invalid", "x") from None
    if new.kid not in (None, kid):
        raise Invalid("`kid` must be the key's thumbprint by RFC 7638; leave it out.", "key-invalid", "kid")
    for key in there:
        if key.kid == kid and key.is_good:
            return key
        if key.kid == kid:
            raise Conflict("This key has been revoked; make another.", "key-revoked", "x")
    if sum(key.is_good for key in there) >= MOST_KEYS:
        raise Conflict(
            f"An organisation has at most {MOST_KEYS} keys; revoke one first.",
            "too-many-keys",
            "organisation",
        )
    return OrganisationKey(
        id=key_id(organisation, kid), organisation=organisation, kid=kid, x=new.x, registered_at=at
    )


def revoke(key: OrganisationKey, at: datetime) -> OrganisationKey:
    """Let a key open nothing any more; one that was revoked stays as it is."""
    if not key.is_good:
        return key
    return key.model_copy(update={"revoked_at": at, "revision": key.revision + 1})
