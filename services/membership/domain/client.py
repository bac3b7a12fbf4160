"""A client: an organisation's system, known by a secret or by a signature of its own."""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from pydantic import model_validator

from services.membership.domain.credential import nobody
from services.membership.domain.member import Member
from services.membership.domain.party import organisation_of
from services.membership.domain.state import State
from shared.contracts.calls import membership as calls
from shared.contracts.calls.call import Caller
from shared.errors import Conflict, Invalid, NotAllowed, NotFound

MOST_SECRETS = 2
"""At a time: the one in use, and the one that will take its place."""
LONGEST_ASSERTION = timedelta(minutes=10)


class ClientSecret(State):
    """One of a client's secrets; `expires_at` is None when it has no end of its own."""

    digest: str
    added_at: datetime | None
    expires_at: datetime | None = None

    def is_good(self, at: datetime) -> bool:
        """Whether it opens at a moment."""
        return self.expires_at is None or at < self.expires_at

    def shown(self, secret: str | None = None) -> calls.ClientSecret:
        """The secret for the operator; its text only in the answer that makes it."""
        return calls.ClientSecret(
            secret_id=self.id, added_at=self.added_at, expires_at=self.expires_at, secret=secret
        )


class Client(State):
    """An organisation's system.

    Args:
        secrets: those that were not ended, expired ones among them until the next change.
        keys: the public keys by which its signatures are known.
        keys_at: the address of a JWK set with such keys, None when they are kept here.
    """

    organisation: str
    name: str
    scopes: tuple[str, ...]
    active: bool = True
    secrets: tuple[ClientSecret, ...] = ()
    keys: tuple[calls.PublicKey, ...] = ()
    keys_at: str | None = None

    @model_validator(mode="before")
    @classmethod
    def with_its_only_secret(cls, row: Any) -> Any:
        """Read a client as it was kept when it had one secret, without a name and an end."""
        if isinstance(row, dict) and "digest" in row and "secrets" not in row:
            only = {"id": row["id"], "digest": row["digest"], "added_at": None}
            return {**row, "secrets": (only,)}
        return row

    def shown(self, secret: str | None = None) -> calls.Client:
        """The client for the operator; `secret` only in the answer that registers it."""
        return calls.Client(
            client=self.id,
            organisation=self.organisation,
            name=self.name,
            scopes=self.scopes,
            active=self.active,
            secret=secret,
        )

    def good_secrets(self, at: datetime) -> tuple[ClientSecret, ...]:
        """The secrets that open at a moment."""
        return tuple(secret for secret in self.secrets if secret.is_good(at))


def no_such_client() -> NotFound:
    """The refusal for a client that isn't there."""
    return NotFound("There is no such client.", where="client")


def register(id: str, organisation: str, new: calls.NewClient) -> Client:
    """Make a client of an organisation, which cannot come in before it has a secret or keys."""
    return Client(
        id=id,
        organisation=organisation,
        name=new.name,
        scopes=tuple(sorted(set(new.scopes))),
        keys=new.keys,
        keys_at=new.keys_at,
    )


def revoke(client: Client) -> Client:
    """End a client; one that has ended stays as it is."""
    return _changed(client, active=False) if client.active else client


def add_secret(client: Client, id: str, digest: str, expires_in_days: int | None, at: datetime) -> Client:
    """Give a client another secret; what has expired is forgotten.

    Raises:
        Conflict: `client-ended`; or `too-many-secrets`, when it has two that are good.
    """
    _check_active(client)
    good = client.good_secrets(at)
    if len(good) >= MOST_SECRETS:
        raise Conflict(
            "This client has two secrets; end the one that is no longer used first.", "too-many-secrets"
        )
    end = None if expires_in_days is None else at + timedelta(days=expires_in_days)
    return _changed(client, secrets=(*good, ClientSecret(id=id, digest=digest, added_at=at, expires_at=end)))


def end_secret(client: Client, id: str, at: datetime, *, even_the_last: bool) -> Client:
    """End one of a client's secrets.

    Args:
        even_the_last: whether it may be the last that is good of a client without keys, which can't come in afterwards.

    Raises:
        NotFound: it has no such secret.
        Conflict: `last-secret`.
    """
    rest = tuple(secret for secret in client.secrets if secret.id != id)
    if rest == client.secrets:
        raise NotFound("This client has no such secret.", where="secret")
    changed = _changed(client, secrets=rest)
    is_locked_out = not (changed.good_secrets(at) or client.keys or client.keys_at)
    if not even_the_last and is_locked_out and client.good_secrets(at):
        raise Conflict(
            "This is the last secret by which the client comes in; make the next one first, or ask the operator"
            " to end the client.",
            "last-secret",
        )
    return changed


def check_may_see_secrets(caller: Caller, client: Client | None) -> Client:
    """Refuse whoever may not know which secrets a client has; returns the client otherwise.

    Raises:
        NotFound: there is none, or it is another organisation's.
        NotAllowed: `organisation-only`.
    """
    # First for whom the caller speaks, so that nobody learns by the refusal which clients there are.
    own = None if caller.operator else organisation_of(caller, None)
    if client is None or own not in (None, client.organisation):
        raise no_such_client()
    return client


def check_may_change_secrets(caller: Caller, client: Client | None) -> Client:
    """As `check_may_see_secrets`; and by whom a secret is made for a client must be able to do all that it can.

    Raises:
        NotAllowed: `scope-too-wide`, too.
    """
    found = check_may_see_secrets(caller, client)
    if not caller.operator and not caller.scopes.issuperset(found.scopes):
        raise NotAllowed(
            "This client has scopes that the token you use does not have; use one that has them all.",
            "scope-too-wide",
        )
    return found


def set_keys(client: Client, keys: tuple[calls.PublicKey, ...], keys_at: str | None) -> Client:
    """Put other keys in the place of a client's; none of either takes the way in by signature away.

    Raises:
        Conflict: `client-ended`.
        Invalid: both are given.
    """
    _check_active(client)
    if keys and keys_at:
        raise Invalid("Give the keys, or the address where they are, and not both.", where="keys_at")
    return _changed(client, keys=keys, keys_at=keys_at)


def keys_of(client: Client | None) -> calls.ClientKeys:
    """Where the keys of a client are.

    Raises:
        NotFound: when it has ended, or has none.
    """
    if client is None or not client.active or not (client.keys or client.keys_at):
        raise nobody()
    return calls.ClientKeys(keys=client.keys, keys_at=client.keys_at)


def check_assertion_ends_soon(until: datetime, at: datetime) -> None:
    """Refuse a signed statement that would have to be remembered for longer than some minutes.

    Raises:
        Invalid: it ends too late.
    """
    if until > at + LONGEST_ASSERTION:
        raise Invalid("A client's assertion ends within ten minutes.", where="until")


def identify(
    client: Client | None,
    digest: str | None,
    acting_for: str | None,
    member: Member | None,
    at: datetime,
    secret: str | None = None,
) -> calls.Identity:
    """Say for whom a client stands, and that its secret is right when `digest` or `secret` is given.

    Args:
        digest: of the secret that it has shown.
        secret: the id of the one that it has shown before.
        acting_for: the member the client says it acts for; None when it acts for itself.
        member: that member, None when there is none.

    Raises:
        NotFound: when it has ended, the secret is wrong, or the member is not an active one of its organisation.
    """
    if client is None or not client.active:
        raise nobody()
    if digest is not None:
        secret = _shown(client, digest, at)
    if secret is not None and secret not in {one.id for one in client.good_secrets(at)}:
        raise nobody()
    if acting_for is not None and (
        member is None or not member.active or member.organisation != client.organisation
    ):
        raise nobody()
    return calls.Identity(
        member=acting_for,
        organisation=client.organisation,
        client=client.id,
        secret=secret,
        scopes=client.scopes,
    )


def _shown(client: Client, digest: str, at: datetime) -> str:
    """The id of the good secret with that digest."""
    for secret in client.good_secrets(at):
        if compare_digest(secret.digest, digest):
            return secret.id
    raise nobody()


def _check_active(client: Client) -> None:
    if not client.active:
        raise Conflict("This client has ended; register another.", "client-ended")


def _changed(client: Client, **changes: object) -> Client:
    return client.model_copy(update={**changes, "revision": client.revision + 1})
