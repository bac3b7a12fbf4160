"""The page at `/`: what this is and where to go on, for people; the same addresses as JSON, for programs."""

from flask import Blueprint, Response, json, render_template_string, request

from services.gateway.door import security_headers

WHAT = "This is a node of Commonplace: software for communities of practice that cross organisations."
WHERE = {
    "sign_in": ("/sign-in", "Sign in, and out again"),
    "documentation": ("/v1/docs", "The API, to read and to try"),
    "openapi": ("/v1/openapi.json", "The API's OpenAPI document"),
    "problems": ("/problems", "What the API answers when it turns a request away"),
    "authorization_server": ("/.well-known/oauth-authorization-server", "Where systems get access tokens"),
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Commonplace</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/sign-in/style.css">
</head>
<body>
<header><a href="/">Commonplace</a></header>
<main>
<h1>A node of Commonplace</h1>
<p>{{ what }}</p>
<p>It has no pages for members yet: they use it through programs that speak its API.</p>
<ul>{% for address, sentence in where.values() %}
<li><a href="{{ address }}">{{ sentence }}</a></li>{% endfor %}
</ul>
</main>
</body>
</html>
"""


def front_routes(https: bool) -> Blueprint:
    """The page, which everybody may read.

    Args:
        https: whether the gateway is reached over HTTPS.
    """
    pages = Blueprint("front", __name__)
    for_people, for_programs = security_headers.for_pages(https), security_headers.for_answers(https)

    @pages.get("/")
    def show_front() -> Response:
        """HTML for who asks for it, as browsers do; JSON for everybody else."""
        wanted = request.accept_mimetypes.best_match(("application/json", "text/html"))
        if wanted == "text/html":
            response = Response(render_template_string(PAGE, what=WHAT, where=WHERE), headers=for_people)
        else:
            links = {name: address for name, (address, _) in WHERE.items()}
            body = json.dumps({"about": WHAT, "links": links})
            response = Response(body, content_type="application/json", headers=for_programs)
        response.headers["Vary"] = "Accept"
        return response

    return pages
