"""The sign-in pages when there is no node behind them: bounds, policies, and a page for everything that goes wrong."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.gateway.auth.fetching import Fetching
from services.gateway.auth.remote_keys import Unreachable
from services.gateway.auth.sealing import NotSealedHere, Sealing
from services.gateway.door.application import Door
from services.gateway.pages.sign_in.reading import local
from shared.contracts.calls.call import Call
from shared.contracts.calls.membership import FindIdentityProvider, IdentityProvider
from shared.errors import NotFound, Unavailable
from shared.wiring.outbound import Outbound
from tests.unit.gateway.conftest import ORGANISATION, OTHER, PlayedSwitchboard

OWN = {"Sec-Fetch-Site": "same-origin"}
PROVIDER = IdentityProvider(
    provider=OTHER, organisation=ORGANISATION, name="<Home> & more", kind="openid", contact=None,
    issuer="https://login.example", client_id="us", domains=("home.example",),
)  # fmt: skip


@pytest.fixture
def browser(app: Door, switchboard: PlayedSwitchboard) -> FlaskClient:
    def ask(call: Call) -> Any:
        if isinstance(call, FindIdentityProvider) and call.domain == "home.example":
            return PROVIDER
        raise NotFound("nobody")

    switchboard.ask = ask  # type: ignore[method-assign, assignment]
    return app.test_client()


def test_the_first_page_runs_our_own_script_only_and_loads_nothing_from_elsewhere(
    browser: FlaskClient,
) -> None:
    page = browser.get("/sign-in")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy
    assert "script-src 'self';" in policy and "connect-src 'self'" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin", "with none, old browsers send `Origin: null`"
    assert page.text.count("<script") == 1
    assert '<script src="/sign-in/passkey.js" defer></script>' in page.text
    assert "style=" not in page.text and "//" not in page.text.partition("<body>")[2]
    assert browser.get("/sign-in/style.css").content_type == "text/css; charset=utf-8"
    assert browser.get("/sign-in/passkey.js").content_type == "text/javascript; charset=utf-8"


def test_without_a_script_nobody_is_offered_a_passkey(browser: FlaskClient) -> None:
    page = browser.get("/sign-in").text
    assert re.search(r'<form[^>]* id="passkey-sign-in"[^>]* hidden>', page)
    assert re.search(r'<form method="post" action="/sign-in">', page), (
        "and is asked for an address all the same"
    )


@pytest.mark.parametrize("path", ["/sign-in/link/x", "/sign-in/outsider/x", "/sign-in/signed-out"])
def test_no_other_page_runs_a_script(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)
    assert "script" not in page.headers["Content-Security-Policy"] and "<script" not in page.text


def test_a_providers_name_is_text(browser: FlaskClient) -> None:
    page = browser.post("/sign-in", data={"email": "ann@HOME.example", "next": '/"><script>'}, headers=OWN)
    assert page.status_code == 200
    assert "&lt;Home&gt; &amp; more" in page.text and "<script" not in page.text


def test_who_asks_too_often_has_to_wait(make_app: Callable[..., Door]) -> None:
    browser = make_app(sign_in_requests_per_minute=3).test_client()
    statuses = [browser.get("/sign-in").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(browser.get("/sign-in").headers["Retry-After"]) > 0
    elsewhere = browser.get("/sign-in", environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert elsewhere.status_code == 200


def test_links_are_asked_for_less_often_than_pages(
    make_app: Callable[..., Door], switchboard: PlayedSwitchboard
) -> None:
    def ask(call: Call) -> Any:
        if isinstance(call, FindIdentityProvider):
            raise NotFound("nobody")

    switchboard.ask = ask  # type: ignore[method-assign]
    browser = make_app(sign_in_links_per_minute=2).test_client()
    answers = [browser.post("/sign-in", data={"email": "a@b.example"}, headers=OWN) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_when_membership_is_away_there_is_a_page_for_it(
    browser: FlaskClient, switchboard: PlayedSwitchboard
) -> None:
    def away(call: Call) -> Any:
        raise Unavailable("Nobody answers.", retry_after="3")

    switchboard.ask = away  # type: ignore[method-assign]
    page = browser.post("/sign-in", data={"email": "ann@home.example"}, headers=OWN)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "3")
    assert page.content_type.startswith("text/html")


@pytest.mark.parametrize("path", ["/sign-in/with/x", "/sign-in/back/x", f"/sign-in/with/{'0' * 24}"])
def test_a_provider_that_is_not_there_is_a_page_too(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 404 and "<h1>" in page.text


def test_a_form_is_a_form_and_no_larger_than_it_must_be(browser: FlaskClient) -> None:
    assert browser.post("/sign-in", json={"email": "a@b.example"}, headers=OWN).status_code == 415
    too_large = browser.post("/sign-in", data={"email": "a" * 10_000}, headers=OWN)
    assert too_large.status_code == 413


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/v1/docs", "/v1/docs"),
        ("/", "/"),
        ("//evil.example", "/sign-in"),
        ("/\\evil.example", "/sign-in"),
        ("https://evil.example", "/sign-in"),
        ("/a\r\nSet-Cookie: x", "/sign-in"),
        ("/a b", "/sign-in"),
        ("", "/sign-in"),
        (None, "/sign-in"),
        ("/" + "a" * 600, "/sign-in"),
    ],
)
def test_onward_is_always_here(asked: str | None, led: str) -> None:
    assert local(asked) == led


def test_what_is_sealed_is_opened_here_for_its_purpose_only(tmp_path: Any) -> None:
    here, again, elsewhere = Sealing(tmp_path), Sealing(tmp_path), Sealing(tmp_path / "other")
    sealed = here.seal("one thing", "text")
    assert "text" not in sealed and again.open("one thing", sealed) == "text"
    for other, purpose, given in (
        (elsewhere, "one thing", sealed),
        (here, "another", sealed),
        (here, "one thing", sealed[:-4] + "AAAA"),
        (here, "one thing", "a.b.c.d.e"),
        (here, "one thing", ""),
    ):
        with pytest.raises(NotSealedHere):
            other.open(purpose, given)


def test_those_who_wait_for_others_do_not_hold_every_thread() -> None:
    fetching = Fetching(Outbound(), most=1)
    with fetching._turn(), pytest.raises(Unreachable, match="too many"):
        fetching.get("https://login.example/")
