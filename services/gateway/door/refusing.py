"""Whatever goes wrong becomes a problem document; nothing of Flask's own pages is ever shown."""

from collections.abc import Callable
from typing import cast

import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, NotFound

from services.gateway import problems
from services.gateway.problems import Problem
from shared.errors import Refusal
from shared.wiring import telemetry

log = structlog.get_logger()

ELSEWHERE = "refused elsewhere"
"""The extension that holds how refusals look at addresses whose own standard says so."""


def refuse_otherwise(app: Flask, form: Callable[[Problem], Response | None]) -> None:
    """Let `form` answer the problems of its own addresses; it returns None for all others."""
    app.extensions.setdefault(ELSEWHERE, []).append(form)


def refuse_in_problems(app: Flask) -> None:
    """Make `app` answer every exception with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(Refusal, lambda refusal: respond(problems.of_refusal(refusal)))
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_anything)


def respond(problem: Problem) -> Response:
    """The answer that a problem is."""
    for form in current_app.extensions.get(ELSEWHERE, ()):
        if (response := form(problem)) is not None:
            return cast(Response, response)
    headers = {"Cache-Control": "no-store", **problem.headers}
    body = problems.write(problem, telemetry.trace_id())
    return Response(body, status=problem.kind.status, headers=headers, content_type=problems.MEDIA_TYPE)


def _of_http(error: HTTPException) -> Response:
    own: dict[str, str] = dict(error.get_headers())
    kept = {name: value for name, value in own.items() if name in ("Allow", "Retry-After")}
    if isinstance(request.routing_exception, NotFound):
        return respond(Problem("no-such-address"))
    return respond(problems.of_status(error.code or 500, kept))


def _of_anything(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return respond(Problem("internal-error"))
