"""Whatever is refused under `/scim` is refused as RFC 7644, 3.12 has it; no problem document, no page."""

import json
from collections.abc import Mapping

from flask import Response
from scim2_models import Error, SCIMException

from services.gateway.problems import Problem
from services.gateway.scim.away import Away

WHO_MAY_ASK = (
    "Send `Authorization: Bearer <token>` with a directory token, which the operator of this node issues "
    "(`commonplace directory tokens issue`), or with an access token of one of the organisation's systems that has "
    "the scope directory:write."
)
"""What opens a directory; the general advice names members' tokens, which do not."""

MEDIA_TYPE = "application/scim+json"


def of_problem(problem: Problem) -> Response:
    """The SCIM error that a problem is, such as the gate's own refusals."""
    detail = problem.detail or (WHO_MAY_ASK if problem.code == "unauthenticated" else problem.kind.advice)
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
