"""Signing in from home, at a provider that nobody here wrote, and what a browser may do then."""

import time
from http.cookies import SimpleCookie
from secrets import token_hex

import httpx2

from shared.contracts.calls.call import Done
from shared.contracts.calls.membership import (
    InviteToSignIn,
    LeaveOrganisation,
    Member,
    RemoveIdentityProvider,
    SignInInvitation,
)
from tests.e2e.api.conftest import OPERATOR, Town
from tests.e2e.identity.browser import Browser, link, prove
from tests.e2e.identity.conftest import OBJECT_ID, Home

SIGNED_IN = "__Host-commonplace"
ATTEMPT = "__Host-commonplace-attempt"


def signed_in(home: Home, login: str, browser: Browser | None = None) -> Browser:
    """A browser that has just signed in."""
    browser = browser or Browser()
    answer = browser.get(home.proved(browser, login), "cross-site")
    assert answer.status_code == 303, answer.text
    return browser


def me(browser: Browser, town: Town) -> httpx2.Response:
    return browser.get(f"{town.url}/v1/me", "same-origin")


def test_a_member_whom_the_directory_names_signs_in(town: Town, home: Home) -> None:
    ann = home.member("Ann", external_id="ann")
    browser = Browser()
    back = home.proved(browser, "ann", next="/v1/me")
    answer = browser.get(back, "cross-site")
    assert (answer.status_code, answer.headers["location"]) == (303, "/v1/me")
    (line,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{SIGNED_IN}=")]
    morsel = SimpleCookie(line)[SIGNED_IN]
    assert (morsel["secure"], morsel["httponly"], morsel["samesite"]) == (True, True, "Lax")
    assert (morsel["path"], morsel["domain"]) == ("/", "")
    assert browser.cookie(ATTEMPT) is None
    assert me(browser, town).json()["member"] == ann
    page = browser.get(f"{town.url}/sign-in")
    assert "Ann" in page.text and "script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    again = signed_in(home, "ann")
    assert me(again, town).json()["member"] == ann, "known from now on"


def test_a_sign_in_has_a_new_secret_and_ends_the_one_before_it(town: Town, home: Home) -> None:
    home.member("Bea", external_id="bea")
    browser = signed_in(home, "bea")
    first = browser.cookie(SIGNED_IN)
    assert me(browser, town).status_code == 200
    signed_in(home, "bea", browser)
    assert browser.cookie(SIGNED_IN) != first
    assert me(browser, town).status_code == 200
    fixed = Browser()
    fixed.cookies[town.url] = {SIGNED_IN: first or ""}
    assert me(fixed, town).status_code == 401


def test_a_secret_that_an_attacker_chose_is_never_taken(town: Town, home: Home) -> None:
    home.member("Cat", external_id="cat")
    chosen = "cop_signin_" + "a" * 43
    browser = Browser()
    browser.cookies[town.url] = {SIGNED_IN: chosen}
    signed_in(home, "cat", browser)
    assert browser.cookie(SIGNED_IN) not in (None, chosen)


def test_signing_out_ends_it_here_and_leads_to_the_providers_own(town: Town, home: Home) -> None:
    home.member("Dan", external_id="dan")
    browser = signed_in(home, "dan")
    secret = browser.cookie(SIGNED_IN) or ""
    assert me(browser, town).status_code == 200
    page = browser.post(f"{town.url}/sign-out", {})
    assert page.status_code == 200 and browser.cookie(SIGNED_IN) is None
    onward = link(page)
    assert onward.startswith(home.provider.issuer)
    back = prove(browser, browser.get(onward, "cross-site"), "")
    assert back == f"{town.url}/sign-in/signed-out"
    thief = Browser()
    thief.cookies[town.url] = {SIGNED_IN: secret}
    assert me(thief, town).status_code == 401


def test_ones_sign_ins_are_listed_and_ended_and_nobody_elses(town: Town, home: Home) -> None:
    for name in ("fay", "gil"):
        home.member(name.title(), external_id=name)
    here, there, other = signed_in(home, "fay"), signed_in(home, "fay"), signed_in(home, "gil")
    listed = here.get(f"{town.url}/v1/sign-ins", "same-origin").json()["items"]
    assert len(listed) == 2
    assert {one["way"] for one in listed} == {"identity provider"}
    newest = listed[0]["sign_in"]
    own = {"Sec-Fetch-Site": "same-origin"}
    assert there.cookie(SIGNED_IN)
    foreign = other._ask("DELETE", f"{town.url}/v1/sign-ins/{newest}", own)
    unknown = other._ask("DELETE", f"{town.url}/v1/sign-ins/{'0' * 24}", own)
    assert {**foreign.json(), "trace_id": ""} == {**unknown.json(), "trace_id": ""}
    assert foreign.status_code == 404
    assert here._ask("DELETE", f"{town.url}/v1/sign-ins/{newest}", own).status_code == 200
    until = time.monotonic() + 12
    while me(there, town).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.5)
    assert me(here, town).status_code == 200


def test_who_is_not_known_is_told_whom_to_ask_and_an_address_links_nothing(town: Town, home: Home) -> None:
    home.member("Victim", email="victim@example.org", external_id="somebody else")
    browser = Browser()
    answer = browser.get(home.proved(browser, "eve"), "cross-site")
    assert answer.status_code == 403
    assert "the help desk, 1234" in answer.text
    assert browser.cookie(SIGNED_IN) is None
    assert me(browser, town).status_code == 401


def test_an_invitation_connects_an_account_once(town: Town, home: Home) -> None:
    hal = home.member("Hal")
    call = InviteToSignIn(caller=OPERATOR, member=hal)
    secret = town.operate(call, SignInInvitation).secret

    def invited(login: str) -> tuple[Browser, httpx2.Response]:
        browser = Browser()
        page = browser.get(f"{town.url}/sign-in/invitation/{secret}")
        assert "Example sign-in" in page.text
        to_provider = browser.get(link(page), "same-origin").headers["location"]
        back = prove(browser, browser.get(to_provider, "cross-site"), login)
        return browser, browser.get(back, "cross-site")

    browser, answer = invited("hal-at-home")
    assert answer.status_code == 303
    assert me(browser, town).json()["member"] == hal
    _, second = invited("ida")
    assert second.status_code == 403
    assert me(signed_in(home, "hal-at-home"), town).json()["member"] == hal


def test_only_the_organisations_own_system_invites(town: Town, home: Home) -> None:
    jon = home.member("Jon")
    system, secret = town.client(home.organisation)
    stranger = town.client(town.organisation("Elsewhere"))
    for (client, its_secret), expected in (((system, secret), 201), (stranger, 404)):
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": its_secret}
        token = httpx2.post(f"{town.url}/oauth/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": token_hex(8)}
        address = f"{town.url}/v1/members/{jon}/sign-in-invitations"
        answer = httpx2.post(address, json={}, headers=headers)
        assert answer.status_code == expected, answer.text
    kim = home.member("Kim", external_id="kim")
    colleague = signed_in(home, "kim")
    assert kim
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": token_hex(8),
        "Content-Type": "application/json",
    }
    cookie = f"{SIGNED_IN}={colleague.cookie(SIGNED_IN)}"
    address = f"{town.url}/v1/members/{jon}/sign-in-invitations"
    assert httpx2.post(address, json={}, headers=headers | {"Cookie": cookie}).status_code == 403


def test_a_change_by_cookie_comes_from_here_or_not_at_all(town: Town, home: Home) -> None:
    home.member("Lea", external_id="lea")
    browser = signed_in(home, "lea")
    cookie = {"Cookie": f"{SIGNED_IN}={browser.cookie(SIGNED_IN)}"}
    etag = me(browser, town).headers["etag"]
    for wrong in (
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site", "Origin": town.url},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": town.url},
        {},
    ):
        answer = httpx2.patch(
            f"{town.url}/v1/me", json={"profession": "Thief"}, headers=cookie | {"If-Match": etag} | wrong
        )
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/cross-site"), wrong
        assert httpx2.post(f"{town.url}/sign-out", headers=cookie | wrong).status_code == 403
    for number, right in enumerate(({"Sec-Fetch-Site": "same-origin"}, {"Origin": town.url})):
        etag = me(browser, town).headers["etag"]
        answer = httpx2.patch(
            f"{town.url}/v1/me",
            json={"profession": f"Carer {number}"},
            headers=cookie | {"If-Match": etag} | right,
        )
        assert answer.status_code == 200, answer.text


def test_nobody_is_led_elsewhere(town: Town, home: Home) -> None:
    home.member("Max", external_id="max")
    for evil in (
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/a\\b",
        "javascript:alert(1)",
        "/\n/evil",
    ):
        browser = Browser()
        back = home.proved(browser, "max", next=evil)
        assert browser.get(back, "cross-site").headers["location"] == "/sign-in", evil


def test_who_leaves_is_out_within_a_minute(town: Town, home: Home) -> None:
    ned = home.member("Ned", external_id="ned")
    browser = signed_in(home, "ned")
    assert me(browser, town).status_code == 200
    town.operate(LeaveOrganisation(caller=OPERATOR, member=ned), Member)
    until = time.monotonic() + 60
    while me(browser, town).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.5)
    again = Browser()
    assert again.get(home.proved(again, "ned"), "cross-site").status_code == 403


def test_in_entra_one_is_known_by_tenant_and_object_id(town: Town, entra: Home) -> None:
    ann = entra.member("Ann", external_id=OBJECT_ID)
    assert me(signed_in(entra, "ann"), town).json()["member"] == ann
    for login in ("stranger", "nameless"):
        browser = Browser()
        answer = browser.get(entra.proved(browser, login), "cross-site")
        assert answer.status_code == 400, "the same object id in another tenant is somebody else"
        assert browser.cookie(SIGNED_IN) is None


def test_an_address_of_a_domain_that_is_nobodys_leads_nowhere(town: Town, home: Home) -> None:
    browser = Browser()
    for email, status in (("a@nobody.example", 404), ("no address", 422), ("", 422), ("a@$ne", 422)):
        answer = browser.post(f"{town.url}/sign-in", {"email": email})
        assert answer.status_code == status, email
    twice = httpx2.post(
        f"{town.url}/sign-in",
        data={"email": ["a@b.example", "c@d.example"]},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert twice.status_code == 400


def test_a_provider_that_is_removed_signs_nobody_in_and_everybody_out(
    town: Town, home: Home, entra: Home
) -> None:
    """Last in this file, for it ends the tenant's registration."""
    bob = entra.member("Bob")
    call = InviteToSignIn(caller=OPERATOR, member=bob)
    secret = town.operate(call, SignInInvitation).secret
    browser = signed_in(entra, "ann")
    back = entra.proved(Browser(), "ann")
    town.operate(RemoveIdentityProvider(caller=OPERATOR, provider=entra.provider.provider), Done)
    assert Browser().get(back, "cross-site").status_code == 404
    assert Browser().get(f"{town.url}/sign-in/invitation/{secret}").status_code == 404
    until = time.monotonic() + 60
    while me(browser, town).status_code != 401:
        assert time.monotonic() < until
        time.sleep(0.5)
