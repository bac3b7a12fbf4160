"""A passkey: added by a facilitator who has just signed in, a way in from then on, and gone with its member."""

import re
import time
from typing import Any

import httpx2
import pytest

from shared.contracts.calls.membership import LeaveOrganisation, Member
from tests.e2e.api.conftest import OPERATOR, access_token
from tests.e2e.authenticator import BACKED_UP, EDDSA, ES256, MAY_BE_BACKED_UP, RS256, SOUND, Authenticator
from tests.e2e.identity.passkeys import (
    COOKIE,
    ORIGIN,
    Somebody,
    Village,
    api,
    ask,
    authenticator,
    database,
    enter,
    module_environment_for_sign_in,
    problem,
    somebody,
    village,
)

__all__ = ["authenticator", "database", "module_environment_for_sign_in", "somebody", "village"]
MINE = "/sign-in/passkeys"


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_who_has_a_passkey_comes_in_by_it_and_nobody_is_asked_for_an_address(
    village: Village, somebody: Somebody, algorithm: int
) -> None:
    authenticator = Authenticator(ORIGIN, algorithm)
    added = somebody.add(authenticator, "  My telephone ")
    assert added.status_code == 201, added.text
    assert (added.json()["label"], added.json()["used_at"]) == ("My telephone", None)
    browser = village.browser()
    answer = enter(browser, authenticator)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), answer.text
    assert api(browser, "GET", "/v1/me").json()["member"] == somebody.id
    signed_in = api(browser, "GET", "/v1/sign-ins").json()["items"]
    assert signed_in[0]["way"] == "passkey"
    (passkey,) = somebody.has()
    assert passkey["used_at"] is not None and passkey["backed_up"] is False
    # It was fresh: what is asked of who has just proved who they are is granted there.
    assert somebody.begin(browser).status_code == 201


def test_the_sign_in_is_a_new_one_and_the_one_before_it_ends(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    other = Somebody(village, "Other")
    before = other.browser.cookies[village.town.url][COOKIE]
    answer = enter(other.browser, authenticator)
    assert answer.status_code == 303
    after = other.browser.cookies[village.town.url][COOKIE]
    assert after != before and api(other.browser, "GET", "/v1/me").json()["member"] == somebody.id
    again = village.browser()
    again.cookies[village.town.url] = {COOKIE: before}
    assert api(again, "GET", "/v1/me").status_code == 401


def test_the_answer_to_who_would_like_to_sign_in_is_the_same_for_everybody(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    told = [ask(browser) for browser in (village.browser(), somebody.browser)]
    assert {frozenset(one) for one in told} == {frozenset({"challenge", "expires_at", "relying_party"})}
    assert told[0]["challenge"] != told[1]["challenge"]
    assert {one["relying_party"] for one in told} == {"commons.localhost"}


def test_what_is_backed_up_is_said_and_kept_up_to_date(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator, flags=SOUND | MAY_BE_BACKED_UP)
    assert somebody.has()[0]["backed_up"] is False
    enter(village.browser(), authenticator, flags=SOUND | MAY_BE_BACKED_UP | BACKED_UP)
    assert somebody.has()[0]["backed_up"] is True


def test_an_authenticator_that_does_not_count_is_believed_every_time(
    village: Village, somebody: Somebody
) -> None:
    authenticator = Authenticator(ORIGIN, counts=False)
    somebody.add(authenticator)
    assert [enter(village.browser(), authenticator).status_code for _ in range(3)] == [303, 303, 303]


def test_options_name_what_there_is_already_and_ten_are_enough(somebody: Somebody) -> None:
    for number in range(10):
        assert somebody.add(Authenticator(ORIGIN), f"Key {number}").status_code == 201
        if number == 0:
            assert len(somebody.begin().json()["exclude"]) == 1
    assert problem(somebody.begin()) == (409, "too-many-passkeys")
    first = api(somebody.browser, "GET", "/v1/passkeys?limit=4").json()
    assert [one["label"] for one in first["items"]] == ["Key 9", "Key 8", "Key 7", "Key 6"]
    rest = api(somebody.browser, "GET", f"/v1/passkeys?limit=100&after={first['next']}").json()
    assert len(rest["items"]) == 6 and rest["next"] is None
    removed = api(somebody.browser, "DELETE", f"/v1/passkeys/{first['items'][0]['passkey']}")
    assert removed.status_code == 200
    assert somebody.begin().status_code == 201


def test_a_removed_passkey_signs_nobody_in(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    passkey = somebody.add(authenticator).json()["passkey"]
    assert api(somebody.browser, "DELETE", f"/v1/passkeys/{passkey}").status_code == 200
    assert somebody.has() == []
    browser = village.browser()
    assert enter(browser, authenticator).status_code == 403
    assert browser.cookie(COOKIE) is None
    assert problem(api(somebody.browser, "DELETE", f"/v1/passkeys/{passkey}")) == (404, "not-found")


def test_who_leaves_is_refused_like_a_stranger(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    stranger = Authenticator(ORIGIN)
    stranger.user = authenticator.user
    village.town.operate(LeaveOrganisation(caller=OPERATOR, member=somebody.id), Member)
    gone, unknown = (enter(village.browser(), one) for one in (authenticator, stranger))
    assert (gone.status_code, gone.text) == (unknown.status_code, unknown.text)
    assert gone.status_code == 403
    assert village.database["passkeys"].count_documents({"member": somebody.id}) == 0


def test_losing_the_role_takes_no_passkey_away(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    somebody.add(authenticator)
    village.database["memberships"].update_many({"member": somebody.id}, {"$set": {"role": "member"}})
    assert enter(village.browser(), authenticator).status_code == 303
    assert problem(somebody.begin()) == (403, "passkeys-for-facilitators")


def test_the_audit_log_tells_of_it(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    passkey = somebody.add(authenticator).json()["passkey"]
    enter(village.browser(), authenticator)
    enter(village.browser(), authenticator, challenge="A" * 43)
    enter(village.browser(), authenticator, counter=1)
    api(somebody.browser, "DELETE", f"/v1/passkeys/{passkey}")
    client = village.town.client(village.organisation, ("audit:read",))
    token = access_token(village.town, *client).json()["access_token"]

    def told() -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        items = somebody.browser.http.get(f"{village.town.url}/v1/audit", headers=headers).json()["items"]
        return {one["act"]: one for one in items if passkey in one["concerns"].values()} | {
            one["act"]: one for one in items if one["act"] == "open_sign_in_by_passkey"
        }

    expected = {
        "add_passkey",
        "open_sign_in_by_passkey",
        "passkey_refused",
        "passkey_counter_went_back",
        "remove_passkey",
    }
    until = time.monotonic() + 20
    while told().keys() != expected:
        assert time.monotonic() < until, told().keys()
        time.sleep(0.3)
    assert told()["passkey_refused"]["concerns"] == {"member": somebody.id, "passkey": passkey}


def test_sign_ins_are_counted(village: Village, somebody: Somebody, authenticator: Authenticator) -> None:
    somebody.add(authenticator)

    def now() -> dict[str, float]:
        told = httpx2.get(f"{village.town.node['membership'].admin_url}/metrics").text
        found = re.findall(r'commonplace_sign_ins_total{outcome="(\w+)",way="passkey"} (\S+)', told)
        return {outcome: float(count) for outcome, count in found}

    before = now()
    enter(village.browser(), authenticator)
    enter(village.browser(), Authenticator(ORIGIN), user_handle="AAAA")
    assert now() == {outcome: count + 1 for outcome, count in before.items()}


def test_the_page_lists_adds_and_removes(
    village: Village, somebody: Somebody, authenticator: Authenticator
) -> None:
    browser = somebody.browser
    assert village.browser().get(MINE).headers["location"] == "/sign-in?next=%2Fsign-in%2Fpasskeys"
    assert "You have none yet." in browser.get(MINE, "same-origin").text
    made = authenticator.make(somebody.begin().json())
    added = browser.post(MINE, {"label": "<b>Key</b>", **made})
    assert (added.status_code, added.headers["location"]) == (303, MINE), added.text
    page = browser.get(MINE, "same-origin").text
    assert "&lt;b&gt;Key&lt;/b&gt;" in page and "not used yet" in page
    (passkey,) = somebody.has()
    assert browser.post(f"{MINE}/remove", {"passkey": "$ne"}).status_code == 404
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert browser.post(f"{MINE}/remove", {"passkey": passkey["passkey"]}, **headers).status_code == 403
    assert browser.post(f"{MINE}/remove", {"passkey": passkey["passkey"]}).status_code == 303
    assert somebody.has() == []
