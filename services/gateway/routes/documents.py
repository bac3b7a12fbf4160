"""The API's own description: the OpenAPI document, and a page to read it and try it."""

import hashlib
from importlib.resources import as_file, files

import flask_openapi_rapidoc
from flask import Blueprint, Response, current_app, json, request, send_from_directory

from services.gateway.door import security_headers
from services.gateway.door.gate import PUBLIC

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Commonplace API</title>
<script type="module" src="/v1/docs/rapidoc-min.js"></script>
<rapi-doc spec-url="/v1/openapi.json" load-fonts="false" regular-font="system-ui, sans-serif"
  render-style="focused" show-header="false" schema-description-expanded="true" sort-tags="false"
  allow-server-selection="false" persist-auth="false" theme="light" primary-color="#005a8d">
  <noscript>This page needs a script to show <a href="/v1/openapi.json">the document</a>.</noscript>
</rapi-doc>
</html>
"""


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
        return Response(PAGE, content_type="text/html; charset=utf-8", headers=headers)

    @routes.get("/docs/rapidoc-min.js")
    def show_script() -> Response:
        """The page's script, from the kept library."""
        with as_file(script) as folder:
            return send_from_directory(folder, "rapidoc-min.js", max_age=3600)

    for view in (show_document, show_page, show_script):
        setattr(view, PUBLIC, True)
    return routes
