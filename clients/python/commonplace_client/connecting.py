"""Who is asking: a partner's system by its secret, or a member by their token."""

import base64
import time
from collections.abc import Generator
from urllib.parse import quote

import httpx2

from commonplace_client.v1 import AuthenticatedClient

TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
BEFORE_ITS_END = 30
"""Seconds by which an access token is renewed early."""


class CredentialsRefused(Exception):
    """The node gave no access token; `error` is the code of RFC 6749, 5.2, such as `invalid_client`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{status} {error}: {description}")
        self.status = status
        self.error = error


class ClientCredentials(httpx2.Auth):
    """Trades a client's secret for an access token, and again whenever that ends (RFC 6749, 4.4).

    Args:
        url: the node's address.
        client: the client's id.
        secret: its secret, which is sent in the header and never in an address.
        scope: scopes to ask for, with blanks between; all that the client has when left out.
    """

    requires_response_body = True

    def __init__(self, url: str, client: str, secret: str, scope: str = "") -> None:
        self._url = url.rstrip("/") + TOKEN_PATH
        self._basic = base64.b64encode(f"{quote(client, '')}:{quote(secret, '')}".encode()).decode()
        self._scope = scope
        self._token = ""
        self._good_until = 0.0

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send a request with a token that is good; one that has been ended meanwhile is renewed once."""
        if time.monotonic() >= self._good_until:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx2.Request, httpx2.Response, None]:
        form = {"grant_type": "client_credentials"} | ({"scope": self._scope} if self._scope else {})
        headers = {"Authorization": f"Basic {self._basic}"}
        response = yield httpx2.Request("POST", self._url, data=form, headers=headers)
        told = response.json() if response.headers.get("Content-Type", "").startswith("application/") else {}
        if response.status_code != httpx2.codes.OK:
            raise CredentialsRefused(
                response.status_code, told.get("error", "no answer"), told.get("error_description", "")
            )
        self._token = told["access_token"]
        self._good_until = time.monotonic() + told["expires_in"] - BEFORE_ITS_END


def connect(
    url: str,
    *,
    client: str = "",
    secret: str = "",
    token: str = "",
    member: str = "",
    scope: str = "",
    timeout: float = 10.0,
) -> AuthenticatedClient:
    """A connection to a node, to be given as `client` to every operation.

    Args:
        url: the node's address, such as `https://commonplace.example`.
        client, secret: of a partner's system, which acts for its organisation.
        token: instead of these, a member's personal access token.
        member: the id of the member of its own organisation for whom a system acts; it may also be given with each operation.
        scope: see `ClientCredentials`.
        timeout: seconds that an answer may take.

    Raises:
        ValueError: give either `client` and `secret`, or `token`.
    """
    if bool(token) == bool(client and secret):
        raise ValueError("give `client` and `secret`, or `token`")
    return AuthenticatedClient(
        base_url=url.rstrip("/"),
        token=token,
        headers={"Commonplace-Member": member} if member else {},
        timeout=httpx2.Timeout(timeout),
        httpx_args={} if token else {"auth": ClientCredentials(url, client, secret, scope)},
    )
