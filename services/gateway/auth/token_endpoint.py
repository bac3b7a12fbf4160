"""OAuth 2.0 client credentials (RFC 6749, 4.4): a partner's system trades its secret, or its signature, for a token."""

import hashlib
import re
from typing import Any, cast

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from flask import Flask, Request, Response
from joserfc.jwk import KeySet

from services.gateway.auth.access_tokens import SECRET_CLAIM
from services.gateway.auth.callers import ID, NOBODY
from services.gateway.auth.client_assertion import METHOD, AssertionRefused, ClientAssertions
from services.gateway.auth.keys import ALGORITHM, LIFETIME, SigningKeys
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.membership import IdentifyClient, Identity
from shared.errors import NotFound

METHODS = ["client_secret_basic", "client_secret_post", METHOD]
TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
SECRET = re.compile(r"[\x21-\x7e]{1,200}")
SENTENCES = {
    "invalid_client": "No client is known by this id and secret. Send both, in the header (Basic) or in the "
    "body. The operator of this node registers clients and ends them.",
    "invalid_scope": "The client was not granted every scope that it asks for. Ask for fewer, or leave scope "
    "out to be given all that it has.",
    "unsupported_grant_type": "There is one grant here: send grant_type=client_credentials.",
}
"""What the library refuses, in our words; its own tell how it works, and not how to mend it."""

CHALLENGE = 'Basic realm="commonplace"'


class ClaimedClient(ClientMixin):  # type: ignore[misc]
    """A client as authlib sees it: nothing is known of it until its secret or signature has been checked."""

    def __init__(self, switchboard: Switchboard, client: str) -> None:
        self.switchboard = switchboard
        self.client = client
        self.scopes: tuple[str, ...] = ()
        self.secret: str | None = None

    def get_client_id(self) -> str:
        """The id as it was claimed."""
        return self.client

    def check_client_secret(self, client_secret: str) -> bool:
        """Ask membership whether the secret is this client's."""
        if not ID.fullmatch(self.client) or not SECRET.fullmatch(client_secret):
            return False
        digest = hashlib.sha256(client_secret.encode()).hexdigest()
        try:
            identity = self.switchboard.ask(IdentifyClient(caller=NOBODY, client=self.client, digest=digest))
        except NotFound:
            return False
        known = cast(Identity, identity)
        self.scopes, self.secret = known.scopes, known.secret
        return True

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Any of the ways will do."""
        return str(method) in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """There is one grant."""
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """All scopes when none is asked for; None, which refuses, when one was never granted."""
        asked = (scope or "").split() or self.scopes
        return " ".join(asked) if set(asked) <= set(self.scopes) else None


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS


class _Server(AuthorizationServer):  # type: ignore[misc]
    def handle_error_response(self, request: Any, error: OAuth2Error) -> Response:
        sentence = SENTENCES.get(error.error, "No token is given for this.")
        if isinstance(error, AssertionRefused):
            sentence = error.description
        refused = {"error": error.error, "error_description": sentence}
        response: Response = self.handle_response(error.status_code, refused, OAuth2Error().get_headers())
        if error.status_code == 401:
            response.headers["WWW-Authenticate"] = CHALLENGE
        return response


class _Generator(JWTBearerTokenGenerator):  # type: ignore[misc]
    def __init__(self, keys: SigningKeys, issuer: str) -> None:
        super().__init__(issuer, alg=ALGORITHM, expires_generator=LIFETIME)
        self.keys = keys

    def get_jwks(self) -> KeySet:
        return KeySet([self.keys.signing()])

    def get_extra_claims(self, client: Any, grant_type: Any, user: Any, scope: Any) -> dict[str, Any]:
        return {} if client.secret is None else {SECRET_CLAIM: client.secret}

    def get_audiences(self, client: Any, user: Any, scope: Any) -> str:
        return str(self.issuer)


class TokenEndpoint:
    """Issues access tokens.

    Args:
        app: whose configuration authlib reads.
        switchboard: asks membership whether a secret is right.
        keys: sign the tokens.
        issuer: stands in the tokens as issuer and audience.
        assertions: knows clients by what they sign.
    """

    def __init__(
        self,
        app: Flask,
        switchboard: Switchboard,
        keys: SigningKeys,
        issuer: str,
        assertions: ClientAssertions,
    ) -> None:
        self._server = _Server(
            app,
            query_client=lambda client: ClaimedClient(switchboard, client),
            save_token=lambda token, request: None,
        )
        self._server.register_token_generator("default", _Generator(keys, issuer))
        self._server.register_client_auth_method(METHOD, assertions)
        self._server.register_grant(_Grant)

    def answer(self, request: Request) -> Response:
        """Answer one request for a token, as RFC 6749 has it, errors included."""
        try:
            _check_form(request)
        except InvalidRequestError as error:
            return self._error(error)
        response: Response = self._server.create_token_response()
        return response

    def _error(self, error: InvalidRequestError) -> Response:
        response: Response = self._server.handle_response(*error())
        return response


def _check_form(request: Request) -> None:
    """Refuse what authlib lets pass: parameters in the address, given twice, or in another format."""
    if request.query_string:
        raise InvalidRequestError("Parameters belong in the body, never in the address.")
    if request.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequestError("The body must be application/x-www-form-urlencoded.")
    if any(len(values) > 1 for values in request.form.listvalues()):
        raise InvalidRequestError("A parameter is given twice.")
    if "grant_type" not in request.form:
        raise InvalidRequestError("Send grant_type=client_credentials.")
    ways = (request.authorization, request.form.get("client_secret"), request.form.get("client_assertion"))
    if sum(way is not None for way in ways) > 1:
        raise InvalidRequestError("Use one way to say who you are: the header, the secret, or an assertion.")
