"""The API's own description: the OpenAPI document, and a page to read it and try it."""

import hashlib
from importlib.resources import as_file, files

import flask_openapi_rapidoc
from flask import Blueprint, Response, current_app, json, request, send_from_directory

from services.gateway.door import document_page, security_headers
from services.gateway.door.gate import PUBLIC


def document_routes(https: bool) -> Blueprint:
    """The routes of the description, which everybody may read.

    Args:
        https: whether the gateway is reached over HTTPS.
    """
    routes = Blueprint("documents", __name__, url_prefix="/v1")
    headers = security_headers.for_pages(https)
    script = files(flask_openapi_rapidoc) / "templates" / "rapidoc" / "js"

    @routes.get("/openapi.json")
    def show_document() -> Response:
        """The OpenAPI document."""
        body = json.dumps(current_app.api_doc).encode()  # type: ignore[attr-defined]
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        response = Response(
            body, content_type="application/json", headers={"ETag": tag, "Cache-Control": "no-cache"}
        )
        response.make_conditional(request)
        return response

    @routes.get("/docs")
    def show_page() -> Response:
        """The page that shows the document."""
        return Response(document_page.PAGE, content_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/docs/rapidoc-min.js")
    def show_script() -> Response:
        """The page's script, from the kept library."""
        with as_file(script) as folder:
            return send_from_directory(folder, "rapidoc-min.js", max_age=3600)

    @routes.get("/docs/try.js")
    def show_try() -> Response:
        """What the page does before it tries an operation."""
        return Response(document_page.TRY, content_type="text/javascript; charset=utf-8", headers=headers)

    for view in (show_document, show_page, show_script, show_try):
        setattr(view, PUBLIC, True)
    return routes
