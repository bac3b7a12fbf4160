"""The pages behind the `type` of every problem: what it means, and what to do."""

from flask import Blueprint, Response, render_template_string
from werkzeug.exceptions import NotFound

from services.gateway.door import security_headers
from services.gateway.problems import KINDS

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} · Commonplace</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
  dt { margin-top: 1rem; font-weight: 600 } dd { margin: 0 } code { background: #eee; padding: 0 .2em }
</style>
<main>
<h1>{{ title }}</h1>
{% if about %}<p><code>{{ code }}</code>, HTTP status {{ about.status }}</p><p>{% for part in about.advice.split("`") -%}
{% if loop.index is odd %}{{ part }}{% else %}<code>{{ part }}</code>{% endif %}
{%- endfor %}</p>
<p><a href="/problems">All problems</a></p>
{% else %}<p>What this node's API answers when it turns a request away, by <code>type</code>.</p>
<dl>{% for code, kind in kinds.items() %}
<dt><a href="/problems/{{ code }}">{{ code }}</a> ({{ kind.status }})</dt>
<dd>{{ kind.title }}</dd>{% endfor %}</dl>{% endif %}
</main>
</html>
"""


def problem_routes(https: bool) -> Blueprint:
    """The pages, which everybody may read.

    Args:
        https: whether the gateway is reached over HTTPS.
    """
    pages = Blueprint("problems", __name__)
    headers = security_headers.for_pages(https)

    @pages.get("/problems")
    def list_kinds() -> Response:
        """All kinds of problem."""
        return Response(render_template_string(PAGE, title="Problems", kinds=KINDS), headers=headers)

    @pages.get("/problems/<code>")
    def show_kind(code: str) -> Response:
        """One kind of problem."""
        if code not in KINDS:
            raise NotFound
        about = KINDS[code]
        page = render_template_string(PAGE, title=about.title, code=code, about=about)
        return Response(page, headers=headers)

    return pages
