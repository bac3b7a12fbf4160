"""OAuth 2.0 for partners' systems: the token endpoint, the keys and the metadata (RFC 6749, 7517, 8414)."""

import json
from typing import get_args

from flask import Blueprint, Response, request

from services.gateway.auth.allowance import Allowance
from services.gateway.auth.client_assertion import ALGORITHMS
from services.gateway.auth.keys import SigningKeys
from services.gateway.auth.token_endpoint import METHODS, TOKEN_PATH, TokenEndpoint
from services.gateway.door.bodies import STRANGERS, Bodies
from services.gateway.problems import Problem
from shared.contracts.calls.membership import Scope
from shared.errors import Unavailable

JWKS_PATH = "/oauth/jwks.json"
METADATA_PATH = "/.well-known/oauth-authorization-server"
LARGEST_FORM = 16_384


def oauth_routes(
    endpoint: TokenEndpoint, keys: SigningKeys, bodies: Bodies, bad_secrets: Allowance, issuer: str
) -> Blueprint:
    """The routes under /oauth, whose errors have OAuth's own form.

    Args:
        endpoint: issues the tokens.
        keys: the public halves are shown.
        bodies: reads what strangers send, within bounds.
        bad_secrets: how many wrong secrets are taken in a minute, for one client from one address.
        issuer: the public address.
    """
    routes = Blueprint("oauth", __name__)

    @routes.post(TOKEN_PATH)
    def issue_access_token() -> Response:
        """Trade a client's secret or signature for an access token."""
        request.max_content_length = LARGEST_FORM
        try:
            bodies.whole(request, STRANGERS)
        except Problem as problem:
            return _error(503, "temporarily_unavailable", "Try again soon.", problem.headers["Retry-After"])
        guesser = (request.remote_addr, _claimed_client())
        left = bad_secrets.left(guesser)
        if left.remaining <= 0:
            return _error(429, "slow_down", "Too many wrong secrets; wait.", str(left.reset))
        try:
            response = endpoint.answer(request)
        except Unavailable as refusal:
            return _error(503, "temporarily_unavailable", "Try again soon.", refusal.retry_after or "2")
        if response.status_code == 401:
            bad_secrets.take(guesser)
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.route(TOKEN_PATH, methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"])
    def refuse_other_methods() -> Response:
        """A secret in an address would stand in logs."""
        response = _error(405, "invalid_request", "Use POST.")
        response.headers["Allow"] = "POST"
        return response

    @routes.get(JWKS_PATH)
    def show_keys() -> Response:
        """The keys by which others may check our tokens."""
        return _json(200, keys.published(), {"Cache-Control": "public, max-age=300"})

    @routes.get(METADATA_PATH)
    def show_metadata() -> Response:
        """What an OAuth client library needs to know (RFC 8414)."""
        return _json(200, metadata(issuer), {"Cache-Control": "public, max-age=300"})

    return routes


def metadata(issuer: str) -> dict[str, object]:
    """The authorization server's metadata."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}{TOKEN_PATH}",
        "jwks_uri": f"{issuer}{JWKS_PATH}",
        "scopes_supported": list(get_args(Scope)),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "service_documentation": f"{issuer}/v1/docs",
    }


def _claimed_client() -> str:
    authorization = request.authorization
    if authorization is not None and authorization.type == "basic":
        return str(authorization.username)[:24]
    return request.form.get("client_id", "")[:24] if not request.query_string else ""


def _error(status: int, code: str, description: str, retry_after: str = "") -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": retry_after} if retry_after else {})
    return _json(status, {"error": code, "error_description": description}, headers)


def _json(status: int, content: object, headers: dict[str, str]) -> Response:
    return Response(json.dumps(content), status=status, headers=headers, content_type="application/json")
