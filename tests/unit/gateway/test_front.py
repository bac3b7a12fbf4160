"""Whoever opens the gateway's address finds out what it is and where to go on."""

import re

import pytest
from flask.testing import FlaskClient

from services.gateway.door.application import Door
from services.gateway.routes.front import WHERE

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def stranger(app: Door) -> FlaskClient:
    return app.test_client()


def test_a_browser_gets_a_page_whose_links_lead_somewhere(stranger: FlaskClient) -> None:
    page = stranger.get("/", headers={"Accept": BROWSER})
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    links = re.findall(r'href="(/[^"]*)"', page.text)
    assert {"/sign-in", "/v1/docs", "/v1/openapi.json"} <= set(links)
    assert [link for link in links if stranger.get(link).status_code != 200] == []


@pytest.mark.parametrize("accept", ["*/*", "application/json", "image/png", None])
def test_everybody_else_gets_the_same_addresses_as_json(stranger: FlaskClient, accept: str | None) -> None:
    answer = stranger.get("/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json()["links"] == {name: address for name, (address, _) in WHERE.items()}
    assert answer.headers["Vary"] == "Accept"


def test_nothing_else_is_there_and_nothing_can_be_changed(stranger: FlaskClient) -> None:
    assert stranger.post("/").status_code == 405
