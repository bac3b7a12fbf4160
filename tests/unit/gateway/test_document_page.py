"""The page that shows the OpenAPI document: what it tells the viewer, the viewer knows."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from services.gateway.door.application import Door


class Elements(HTMLParser):
    """Every element of a page, with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of that name."""
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def stranger(app: Door) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def page(stranger: FlaskClient) -> Elements:
    return Elements(stranger.get("/v1/docs").text)


@pytest.fixture
def viewer(stranger: FlaskClient) -> str:
    """The kept library's script."""
    return stranger.get("/v1/docs/rapidoc-min.js").text


def test_the_page_needs_no_foreign_host(stranger: FlaskClient, page: Elements) -> None:
    got = stranger.get("/v1/docs")
    assert got.content_type.startswith("text/html")
    policy = got.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy and "connect-src 'self';" in policy
    assert "http" not in got.text
    assert page.all("script")
    for script in page.all("script"):
        got = stranger.get(script["src"] or "an inline script, which the policy forbids")
        assert (got.status_code, got.mimetype) == (200, "text/javascript")
    assert stranger.get("/v1/docs/../openapi.py").status_code == 401


def test_the_viewer_knows_what_it_is_told(page: Elements, viewer: str) -> None:
    (told,) = page.all("rapi-doc")
    known = {*re.findall(r'attribute:"([a-z-]+)"', viewer), *re.findall(r"\b([a-z]+):\{type:", viewer)}
    assert not told.keys() - known
    assert told["color-scheme"] in ("light", "dark", "system")
    assert re.fullmatch("#[0-9a-f]{6}", told["theme"] or ""), "a theme is a name of the viewer's or a colour"
    assert told["fill-request-fields-with-example"] == "true"
    (own,) = [attributes for attributes in page.all("div") if "slot" in attributes]
    assert f'<slot name="{own["slot"]}">' in viewer


def test_the_viewer_tells_what_is_listened_to(stranger: FlaskClient, viewer: str) -> None:
    listened = re.findall(r'addEventListener\("([a-z-]+)"', stranger.get("/v1/docs/try.js").text)
    assert sorted(listened) == ["before-render", "before-try"]
    for event in listened:
        assert f'CustomEvent("{event}"' in viewer


def test_what_only_shows_the_form_is_not_filled_in(stranger: FlaskClient, viewer: str) -> None:
    paths = stranger.get("/v1/openapi.json").json["paths"]  # type: ignore[index]
    (tag,) = [
        parameter
        for parameter in paths["/v1/me"]["patch"]["parameters"]
        if parameter.get("name") == "If-Match"
    ]
    assert tag["x-fill-example"] == "no"
    assert 'x-fill-example"]==="no"' in viewer
