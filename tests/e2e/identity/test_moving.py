"""Who moves signs in at their new organisation from then on; by no way of the old one does anybody come in as them."""

import time
from secrets import token_hex

from shared.contracts.calls.membership import InviteToSignIn, SignInInvitation
from tests.e2e.api.conftest import OPERATOR, Town
from tests.e2e.identity.browser import Browser, prove
from tests.e2e.identity.conftest import OBJECT_ID, Home
from tests.e2e.identity.test_sign_in import SIGNED_IN, me, signed_in


def create(browser: Browser, town: Town, path: str) -> dict[str, str]:
    """Create as the node's own pages do."""
    headers = {
        "Cookie": f"{SIGNED_IN}={browser.cookie(SIGNED_IN)}",
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": token_hex(12),
    }
    answer = browser.http.post(town.url + path, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def move(browser: Browser, town: Town, code: str, site: str = "same-origin") -> int:
    headers = {"Cookie": f"{SIGNED_IN}={browser.cookie(SIGNED_IN)}", "Sec-Fetch-Site": site}
    return browser.http.put(f"{town.url}/v1/me/home", json={"code": code}, headers=headers).status_code


def test_a_mover_signs_in_at_the_new_home_and_nobody_as_them_at_the_old_one(
    town: Town, home: Home, entra: Home
) -> None:
    mover = entra.member("Ann", external_id=OBJECT_ID, email=f"ann.{token_hex(4)}@old.example")
    account = home.member("Ann", external_id="ann-at-home")
    old, new = signed_in(entra, "ann"), signed_in(home, "ann-at-home")
    assert (me(old, town).json()["member"], me(new, town).json()["member"]) == (mover, account)
    invitation = town.operate(InviteToSignIn(caller=OPERATOR, member=mover), SignInInvitation).secret
    code = create(old, town, "/v1/me/move-codes")["secret"]
    assert move(new, town, code, "cross-site") == 403, "no other site moves whoever visits it"
    assert move(new, town, code) == 200

    until = time.monotonic() + 20
    while {me(old, town).status_code, me(new, town).status_code} != {401}:
        assert time.monotonic() < until, "a sign-in from before the move goes on"
        time.sleep(0.5)
    again = signed_in(home, "ann-at-home")
    assert me(again, town).json()["member"] == mover
    assert me(again, town).json()["organisation"] == home.organisation

    browser = Browser()
    refused = browser.get(entra.proved(browser, "ann"), "cross-site")
    assert refused.status_code == 403 and "not known here yet" in refused.text
    assert browser.cookie(SIGNED_IN) is None

    # An invitation that the old organisation had made for them would let in whoever has an account at the new one.
    browser = Browser()
    page = browser.get(f"{town.url}/sign-in/with/{home.provider.provider}?invitation={invitation}")
    refused = browser.get(prove(browser, browser.follow(page), "mallory"), "cross-site")
    assert refused.status_code == 403 and browser.cookie(SIGNED_IN) is None
    assert Browser().get(f"{town.url}/sign-in/invitation/{invitation}").status_code == 404
