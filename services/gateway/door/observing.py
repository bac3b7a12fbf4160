"""What an operator sees of a request: its trace, one log line, and two metrics."""

import re
import secrets
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from flask import Response, g, request

from services.gateway.door.late_headers import say
from shared.wiring import metrics, telemetry

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


def observed(work: Callable[[], Response]) -> Response:
    """Do the work of one request under a trace, and tell of it afterwards.

    `X-Request-ID` is taken over from the caller when it is harmless, and always given back.
    """
    began = time.perf_counter()
    environ = request.environ
    given = environ.get("HTTP_X_REQUEST_ID", "")
    request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    with telemetry.begin(environ.get("HTTP_TRACEPARENT")):
        response = work()
        say(environ, "X-Request-ID", request_id)
        _tell(response, request_id, time.perf_counter() - began)
    return response


@cache
def _series(method: str, route: str, status: int) -> tuple[Any, Any]:
    """The two metrics with their labels, looked up once: routes and statuses are few."""
    return metrics.HTTP_REQUESTS.labels(method, route, status), metrics.HTTP_DURATION.labels(method, route)


def _tell(response: Response, request_id: str, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "none"
    requests, duration = _series(method, route, response.status_code)
    requests.inc()
    duration.observe(seconds)
    caller = g.get("caller")
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        request_id=request_id,
        member=caller.member if caller else None,
        client=caller.client if caller else None,
    )
