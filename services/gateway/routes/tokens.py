"""Personal access tokens: what a member's own scripts use."""

from services.gateway.door.resource import Asked, Resource
from services.gateway.routes.addresses import PageQuery, TokenPath
from shared.contracts.calls.membership import IssueToken, ListTokens, NewToken, RevokeToken

tokens = Resource("tokens", "Personal access tokens of a member.")


@tokens.creates(
    "/tokens",
    IssueToken,
    scope="tokens:write",
    example={"name": "Weekly digest script", "scopes": ["inbox:read"], "expires_in_days": 30},
)
def issue_token(asked: Asked, body: NewToken) -> IssueToken:
    """Issue a token for oneself.

    Never with more scopes than the token that asks. The answer alone holds the secret.
    """
    return IssueToken(caller=asked.caller, once=asked.once, new=body)


@tokens.reads("/tokens", ListTokens, scope="tokens:write")
def list_tokens(asked: Asked, query: PageQuery) -> ListTokens:
    """List one's tokens, without their secrets."""
    return ListTokens(caller=asked.caller, after=query.after, limit=query.limit)


@tokens.changes("DELETE", "/tokens/<token>", RevokeToken, scope="tokens:write")
def revoke_token(asked: Asked, path: TokenPath) -> RevokeToken:
    """End a token; the gateways stop believing it within ten seconds."""
    return RevokeToken(caller=asked.caller, once=asked.once, token=path.token)
