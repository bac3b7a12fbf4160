"""The Flask application of the gateway: what all routes share, put together once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Response
from flask_openapi.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from services.gateway.door import document, security_headers
from services.gateway.door.bodies import Bodies
from services.gateway.door.document_words import INFO
from services.gateway.door.gate import Gate
from services.gateway.door.hearing_out import hear_out
from services.gateway.door.late_headers import leaving_with
from services.gateway.door.observing import observed
from services.gateway.door.operation import Operation
from services.gateway.door.refusing import refuse_in_problems
from services.gateway.door.resource import Resource
from services.gateway.settings import GatewaySettings
from services.gateway.switchboard import Switchboard

OPENAPI_VERSION = "3.1.0"


class Door(OpenAPI):
    """The application.

    Args:
        settings: what the process was told.
        switchboard: makes the calls.
        gate: stands before every route under `/v1`.
    """

    def __init__(self, settings: GatewaySettings, switchboard: Switchboard, gate: Gate) -> None:
        super().__init__(
            "services.gateway",
            info=INFO,
            security_schemes=document.security_schemes(),
            doc_ui=False,
            static_folder=None,
        )
        self.openapi_version = OPENAPI_VERSION
        self.settings = settings
        self.switchboard = switchboard
        self.operations: list[Operation] = []
        self.bodies = Bodies(settings.threads)
        self._answer: WSGIApplication = super().wsgi_app
        if settings.trusted_proxies:
            self._answer = ProxyFix(self._answer, settings.trusted_proxies, x_proto=0, x_host=0)
        self.config.update(
            TRUSTED_HOSTS=settings.hosts,
            MAX_CONTENT_LENGTH=settings.largest_body,
            PROVIDE_AUTOMATIC_OPTIONS=False,
        )
        # An address is what it is: no redirects that would answer before the gate.
        self.url_map.merge_slashes = False
        careful = security_headers.for_answers(https=settings.issuer.startswith("https:"))
        self._careful = list(careful.items())
        refuse_in_problems(self)
        self.before_request(gate.check)

    def take(self, resources: Sequence[Resource]) -> None:
        """Serve these resources and describe them in the document."""
        for resource in resources:
            self.operations += resource.operations
            self.register_api(resource)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, with the headers that every answer gets."""
        return self._answer(environ, leaving_with(self._careful, environ, start_response))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every function here is an ordinary one; Flask need not look at each of them at every request."""
        return func

    def full_dispatch_request(self) -> Response:
        """Answer one request, observed from before the gate to after the last header."""
        response = observed(super().full_dispatch_request)
        hear_out(response, self.bodies)
        return response

    def generate_spec_json(self) -> None:
        """Make the OpenAPI document."""
        super().generate_spec_json()  # type: ignore[no-untyped-call]
        document.complete(self.spec_json, self.operations, self.settings.issuer, self.settings.stream_address)
