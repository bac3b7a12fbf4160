"""Whatever goes wrong becomes a problem document; nothing of Flask's own pages is ever shown."""

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from services.gateway import problems
from services.gateway.problems import Problem
from shared.errors import Refusal
from shared.wiring import telemetry

log = structlog.get_logger()


def refuse_in_problems(app: Flask) -> None:
    """Make `app` answer every exception with a problem."""
    app.register_error_handler(Problem, respond)
    app.register_error_handler(Refusal, lambda refusal: respond(problems.of_refusal(refusal)))
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_anything)


def respond(problem: Problem) -> Response:
    """The answer that a problem is."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    body = problems.write(problem, telemetry.trace_id())
    return Response(body, status=problem.kind.status, headers=headers, content_type=problems.MEDIA_TYPE)


def _of_http(error: HTTPException) -> Response:
    own: dict[str, str] = dict(error.get_headers())
    kept = {name: value for name, value in own.items() if name in ("Allow", "Retry-After")}
    return respond(problems.of_status(error.code or 500, kept))


def _of_anything(error: Exception) -> Response:
    log.error("request.failed", exc_info=error)
    return respond(Problem("internal-error"))
