"""The public keys by which organisations sign their agreements."""

from pydantic import Field

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import OrganisationPath, PageQuery
from shared.contracts.calls.membership import ListKeys, NewOrganisationKey, RegisterKey, RevokeKey

keys = Resource("keys", "The public keys by which organisations sign.")


class KeyPath(OrganisationPath):
    kid: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="The key, by its thumbprint (RFC 7638).")


@keys.reads("/organisations/<organisation>/keys", ListKeys, scope="agreements:read")
def list_keys(asked: Asked, path: OrganisationPath, query: PageQuery) -> ListKeys:
    """List an organisation's public keys, newest first.

    Whoever may read agreements may read them, to check a signature; those that were revoked, too.
    """
    return ListKeys(caller=asked.caller, organisation=path.organisation, after=query.after, limit=query.limit)


@keys.creates(
    "/organisations/<organisation>/keys",
    RegisterKey,
    scope="agreements:write",
    example={"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
)
def register_key(asked: Asked, path: OrganisationPath, body: NewOrganisationKey) -> RegisterKey:
    """Register a public key.

    By the organisation's own client. Several may be good at a time, so that one can follow another.
    """
    return RegisterKey(caller=asked.caller, once=asked.once, organisation=path.organisation, new=body)


@keys.changes("DELETE", "/organisations/<organisation>/keys/<kid>", RevokeKey, scope="agreements:write")
def revoke_key(asked: Asked, path: KeyPath) -> RevokeKey:
    """Revoke a key.

    What it has signed is good no longer: every agreement that rests on it ends at once.
    """
    return RevokeKey(caller=asked.caller, once=asked.once, organisation=path.organisation, kid=path.kid)
