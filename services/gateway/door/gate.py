"""The gate of `/v1`: who is calling, how often, and whether they may; before anything else is read."""

from flask import Request, current_app, g, request
from werkzeug.exceptions import SecurityError

from services.gateway.auth.allowance import Allowance, headers
from services.gateway.auth.browser import refuse_other_sites, secret_of
from services.gateway.auth.callers import Callers
from services.gateway.door.deprecation import Deprecations
from services.gateway.door.late_headers import say
from services.gateway.problems import Problem, insufficient_scope
from shared.contracts.calls.call import Caller

PUBLIC = "public"
"""The attribute by which a view under `/v1` says that everybody may read it."""


class Gate:
    """Stands before every route under `/v1`.

    Args:
        callers: says who is calling.
        allowance: how many requests a caller may make.
        address: the gateway's public address, from where its own pages ask.
        deprecations: what is on its way out.
    """

    def __init__(
        self, callers: Callers, allowance: Allowance, address: str, deprecations: Deprecations
    ) -> None:
        self.deprecations = deprecations
        self.callers = callers
        self.allowance = allowance
        self.address = address

    def check(self) -> None:
        """Let the request in, with `g.caller` set, or turn it away with the problem that says why."""
        if isinstance(request.routing_exception, SecurityError):
            raise Problem("bad-request", "This node does not answer to that host name.")
        if not request.path.startswith("/v1/"):
            return
        view = current_app.view_functions.get(request.endpoint or "")
        if getattr(view, PUBLIC, False):
            return
        operation = getattr(view, "operation", None)
        if operation is not None:
            self.deprecations.tell(operation, request)
        g.caller = caller = self._identify(request)
        if self.allowance.per_minute:
            left = self.allowance.take((caller.client, caller.member))
            for name, value in headers(self.allowance, left):
                say(request.environ, name, value)
            if left.remaining < 0:
                raise Problem("too-many-requests", headers={"Retry-After": str(left.reset)})
        if operation is None:
            return
        if operation.scope not in caller.scopes:
            raise insufficient_scope(operation.scope)
        self.deprecations.check(operation, request, caller)

    def _identify(self, request: Request) -> Caller:
        """By the header, else by the cookie of a browser that is signed in."""
        # Werkzeug makes an exception of every header that is not there; the environment does not.
        environ = request.environ
        authorization = environ.get("HTTP_AUTHORIZATION")
        acting_for = environ.get("HTTP_COMMONPLACE_MEMBER")
        secret = secret_of(request) if authorization is None else None
        if secret is None:
            return self.callers.identify(authorization, acting_for, request.remote_addr)
        caller = self.callers.by_sign_in(secret, acting_for, request.remote_addr)
        refuse_other_sites(request.method, environ, self.address)
        return caller
