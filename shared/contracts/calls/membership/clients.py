"""What membership may be asked about organisations' systems: their secrets, their keys, and whom they stand for."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.contracts.calls.call import Answer, Body, Done, Page
from shared.contracts.calls.membership.call import MembershipCall, MembershipListing
from shared.contracts.calls.membership.credentials import Identity, Scope
from shared.contracts.vocabulary import Id, Line, Moment

PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
NEEDED = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
CURVES = {"EC": ("P-256", "P-384", "P-521"), "OKP": ("Ed25519",)}
SHORTEST_MODULUS = 342
"""Characters of base64url that 2,048 bits take."""
ON_THIS_MACHINE = ("http://127.0.0.1:", "http://localhost:")


def over_https(address: str) -> str:
    """Refuse an address that is not https, unless it is on this very machine, for trying things out."""
    if not address.startswith(("https://", *ON_THIS_MACHINE)):
        raise ValueError("must begin with https://")
    return address


SafeAddress = Annotated[
    str,
    StringConstraints(max_length=500, pattern=r"^https?://[A-Za-z0-9.\[\]:-]+(/[!-~]*)?$"),
    AfterValidator(over_https),
]
Number = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,1400}$")]


class PublicKey(Body):
    """A public key as a JWK (RFC 7517); what else stands in it is left out."""

    model_config = ConfigDict(extra="ignore")

    kty: Literal["RSA", "EC", "OKP"]
    kid: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,200}$")] | None = None
    alg: Literal["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"] | None = None
    use: Literal["sig"] | None = None
    crv: str | None = None
    x: Number | None = None
    y: Number | None = None
    n: Number | None = None
    e: Number | None = None

    @model_validator(mode="before")
    @classmethod
    def public_only(cls, jwk: Any) -> Any:
        """Refuse a private or symmetric key, which its owner must show nobody."""
        if isinstance(jwk, dict) and PRIVATE_PARTS & set(jwk):
            raise ValueError(
                "is a private key: send its public half, and make a new one, for this one is known"
            )
        return jwk

    @model_validator(mode="after")
    def whole(self) -> "PublicKey":
        """Refuse a key that lacks a part, is on an unknown curve, or is too short."""
        if any(getattr(self, part) is None for part in NEEDED[self.kty]):
            raise ValueError(f"a key of kind {self.kty} needs {', '.join(NEEDED[self.kty])}")
        if self.kty in CURVES and self.crv not in CURVES[self.kty]:
            raise ValueError(f"the curve must be one of {', '.join(CURVES[self.kty])}")
        if self.n is not None and len(self.n) < SHORTEST_MODULUS:
            raise ValueError("an RSA key needs 2,048 bits at least")
        return self


PublicKeys = Annotated[tuple[PublicKey, ...], Field(max_length=10)]


class NewClient(Body):
    """A system; it gets a secret unless it has keys of its own."""

    name: Line
    scopes: tuple[Scope, ...] = Field(min_length=1, max_length=20)
    keys: PublicKeys = ()
    keys_at: SafeAddress | None = None
    expires_in_days: int | None = Field(
        None, ge=1, le=1_100, description="How long its secret is good; no end when left out."
    )


class Client(Answer):
    """An organisation's system; `secret` is shown only in the answer that registers it."""

    client: Id
    organisation: Id
    name: str
    scopes: tuple[str, ...]
    active: bool
    secret: str | None = None


class RegisterClient(MembershipCall):
    """By the operator."""

    answer = Client
    audited = True
    organisation: Id
    new: NewClient


class RevokeClient(MembershipCall):
    """By the operator."""

    answer = Done
    audited = True
    client: Id


class ListClients(MembershipListing):
    """By the operator: all clients, ended ones too, or those of an organisation."""

    answer = Page[Client]
    organisation: Id | None = None


class ClientSecret(Answer):
    """One of a client's secrets; `secret` is shown only in the answer that makes it."""

    secret_id: Id
    added_at: Moment | None
    expires_at: Moment | None
    secret: str | None = None


class ClientSecrets(Answer):
    """All that a client has; at most two are good at a time."""

    secrets: tuple[ClientSecret, ...]


class AddClientSecret(MembershipCall):
    """By the operator, or by a client of the same organisation that has all scopes of this one. The other one stays good, so that the system can change over in its own time."""

    answer = ClientSecret
    audited = True
    client: Id
    expires_in_days: int | None = Field(None, ge=1, le=1_100)


class ListClientSecrets(MembershipCall):
    """By the operator, or by a client of the same organisation."""

    answer = ClientSecrets
    client: Id


class EndClientSecret(MembershipCall):
    """By the operator; or as for `AddClientSecret`, as long as another one is good."""

    answer = Done
    audited = True
    client: Id
    secret: Id


class SetClientKeys(MembershipCall):
    """By the operator: the keys, or the address of a JWK set; with neither, it no longer comes in by signature."""

    answer = Done
    audited = True
    client: Id
    keys: PublicKeys = ()
    keys_at: SafeAddress | None = None


class ClientKeys(Answer):
    """By which keys a client's signatures are known."""

    keys: tuple[PublicKey, ...]
    keys_at: str | None


class GetClientKeys(MembershipCall):
    """Which keys has this client? `NotFound` when it has ended or has none."""

    answer = ClientKeys
    client: Id


class IdentifyClient(MembershipCall):
    """Which client is this? With `digest` the secret is checked too (token endpoint); without, only that it is active.

    With `secret`, the id of the one by which an access token was bought, it must still be good.
    With `acting_for`, the answer is that member's, who must be an active member of the client's own
    organisation; anyone else is `NotFound`.
    """

    answer = Identity
    client: Id
    digest: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    secret: Id | None = None
    acting_for: Id | None = None


class IdentifyClientByAssertion(MembershipCall):
    """Which client is this, whose signature was found good? Each assertion counts once: a second time is a `Conflict`.

    `assertion` is the SHA-256 of the assertion's own id (`jti`), in hex; `until` is when it ends by itself.
    """

    answer = Identity
    client: Id
    assertion: str = Field(pattern=r"^[0-9a-f]{64}$")
    until: Moment
