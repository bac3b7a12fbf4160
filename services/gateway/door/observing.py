"""What an operator sees of a request: its trace, one log line, and two metrics."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import structlog
from flask import Response, current_app, g, request

from services.gateway.door.late_headers import say
from services.gateway.door.request_id import request_id
from shared.wiring import metrics, telemetry

log = structlog.get_logger()

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


def observed(work: Callable[[], Response]) -> Response:
    """Do the work of one request under a trace, and tell of it afterwards.

    `X-Request-ID` is taken over from the caller when it is harmless, and always given back.
    """
    began = time.perf_counter()
    environ = request.environ
    name = request_id(environ.get("HTTP_X_REQUEST_ID", ""))
    with telemetry.begin(environ.get("HTTP_TRACEPARENT")):
        response = work()
        say(environ, "X-Request-ID", name)
        _tell(response, name, time.perf_counter() - began)
    return response


@cache
def _series(method: str, route: str, status: int) -> tuple[Any, Any]:
    """The two metrics with their labels, looked up once: routes and statuses are few."""
    return metrics.HTTP_REQUESTS.labels(method, route, status), metrics.HTTP_DURATION.labels(method, route)


def _names_caller() -> bool:
    """Whether the log may say who asked: nobody learns from it who has reported something."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(getattr(view, "operation", None), "names_callers", True))


def _tell(response: Response, name: str, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    route = request.url_rule.rule if request.url_rule else "none"
    requests, duration = _series(method, route, response.status_code)
    requests.inc()
    duration.observe(seconds)
    caller = g.get("caller") if _names_caller() else None
    log.info(
        "request",
        method=method,
        route=route,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        request_id=name,
        member=caller.member if caller else None,
        client=caller.client if caller else None,
    )
