"""Whatever is refused under `/scim` is refused as RFC 7644, 3.12 has it; no problem document, no page."""

import json
from collections.abc import Mapping

from flask import Response
from scim2_models import Error, SCIMException

from services.gateway.problems import Problem
from services.gateway.scim.away import Away

MEDIA_TYPE = "application/scim+json"


def of_problem(problem: Problem) -> Response:
    """The SCIM error that a problem is, such as the gate's own refusals."""
    detail = problem.detail or problem.kind.advice
    return write(Error(status=problem.kind.status, detail=detail), problem.headers)


def of_exception(exception: SCIMException) -> Response:
    """The answer that an exception of SCIM's libraries is."""
    headers = {"Retry-After": exception.retry_after} if isinstance(exception, Away) else {}
    return write(exception.to_error(), headers)


def write(error: Error, headers: Mapping[str, str]) -> Response:
    """An error as a response that nobody keeps."""
    return Response(
        json.dumps(error.model_dump()),
        status=error.status,
        headers={"Cache-Control": "no-store", **headers},
        content_type=MEDIA_TYPE,
    )
