"""`/scim/v2`: scim2-flask's server behind our gate, with bodies and filters bounded."""

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, request
from scim2_flask import ScimServer
from scim2_models import ResourceType, SCIMException, ScimProvider, SearchRequest
from scim2_server.requests import ScimRequest
from scim2_server.service import ScimService, is_json_media_type
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from services.gateway.auth.allowance import Allowance, headers
from services.gateway.auth.directories import Directories
from services.gateway.auth.keys import SigningKeys
from services.gateway.door.bodies import Bodies, sender
from services.gateway.door.late_headers import say
from services.gateway.problems import Problem
from services.gateway.scim import errors
from services.gateway.scim.bounds import check_body, check_filter
from services.gateway.scim.provider import LARGEST_BULK, make_provider
from services.gateway.scim.storage import DirectoryStorage
from services.gateway.switchboard import Switchboard
from shared.contracts.calls.call import Caller

PREFIX = "/scim/v2"


def whose_directory() -> Caller:
    """The directory that calls just now, as the gate has established it."""
    caller: Caller = g.caller
    return caller


class Service(ScimService):
    """The protocol, which passes over nothing that could take without end."""

    def read_search(self, resource_types: list[ResourceType], payload: Any) -> tuple[SearchRequest[Any], Any]:
        """Read a search; raises InvalidFilterException for a filter that is out of bounds."""
        if isinstance(payload, Mapping):
            for name, value in payload.items():
                if str(name).casefold() == "filter":
                    check_filter(value)
        return super().read_search(resource_types, payload)


class DirectoryServer(ScimServer):
    """Serves directories.

    Args:
        switchboard: makes the calls.
        directories: says whose directory is calling.
        allowance: how many requests a directory may make.
        bodies: reads bodies within bounds.
        keys: what cursors are sealed with is made of the newest one, which all gateways of a node share.
        public_url: the address that resources name.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        directories: Directories,
        allowance: Allowance,
        bodies: Bodies,
        keys: SigningKeys,
        public_url: str,
    ) -> None:
        provider: ScimProvider = make_provider()
        secret = hmac.digest(keys.signing().as_pem(private=True), b"scim cursors", "sha256")
        super().__init__(
            DirectoryStorage(switchboard, provider, whose_directory),
            provider,
            service=Service(provider, secret=secret),
            url_prefix=PREFIX,
        )
        self.directories = directories
        self.allowance = allowance
        self.bodies = bodies
        self.public_url = public_url

    def init_app(self, app: Flask) -> None:
        """Take a place in the application: the routes, and the gate before every one of them."""
        super().init_app(app)
        app.before_request(self.check)

    def check(self) -> None:
        """Let a request under `/scim` in, with `g.caller` set, or turn it away before anything of it is read."""
        if not is_here(request.path):
            return
        if isinstance(request.routing_exception, SecurityError):
            raise Problem("bad-request", "This node does not answer to that host name.")
        environ = request.environ
        g.caller = caller = self.directories.identify(
            environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_COMMONPLACE_MEMBER"), request.remote_addr
        )
        if self.allowance.per_minute:
            left = self.allowance.take(("directory", caller.organisation))
            for name, value in headers(self.allowance, left):
                say(environ, name, value)
            if left.remaining < 0:
                raise Problem("too-many-requests", headers={"Retry-After": str(left.reset)})
        if "HTTP_CONTENT_ENCODING" in environ:
            raise Problem("unsupported-media-type", "Send the body without Content-Encoding.")
        if len(request.args) < sum(len(values) for _, values in request.args.lists()):
            raise Problem("bad-request", "A parameter is given twice.")

    def read_request(self) -> ScimRequest:
        """The request as scim2-server reads it, with addresses under the public one whatever `Host` said."""
        asked = super().read_request()
        asked.base_url = f"{self.public_url}{self.url_prefix}"
        return asked

    def read_body(self, scim_request: ScimRequest) -> bytes:
        """The body; raises 413 when it is too large, 503 when too many are being read, 400 when it is out of bounds."""
        if request.path == f"{self.url_prefix}/Bulk":
            request.max_content_length = LARGEST_BULK
        body = self.bodies.whole(request, sender(whose_directory()))
        if is_json_media_type(request.content_type):
            check_body(body)
        return body

    def _handle_scim_exception(self, exception: SCIMException) -> Response:
        return errors.of_exception(exception)

    def _handle_http_exception(self, exception: HTTPException) -> Response:
        if isinstance(exception, RequestEntityTooLarge):
            return errors.of_problem(Problem("too-large"))
        return super()._handle_http_exception(exception)


def is_here(path: str) -> bool:
    """Whether an address is a directory's."""
    return path == "/scim" or path.startswith("/scim/")


def refusal_for(problem: Problem) -> Response | None:
    """How a problem is answered under `/scim`; None elsewhere."""
    return errors.of_problem(problem) if is_here(request.path) else None
