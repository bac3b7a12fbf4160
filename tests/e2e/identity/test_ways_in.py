"""A member sees how they can sign in, and gives up an account that is not wanted: never the last, never another's."""

import time
from secrets import token_hex

from services.membership.domain.credential import digest_of
from services.membership.domain.sign_in import identity_key
from shared.contracts.calls.call import Caller
from shared.contracts.calls.membership import InviteToSignIn, OpenedSignIn, OpenSignIn, SignInInvitation
from tests.e2e.api.conftest import OPERATOR, Person, access_token
from tests.e2e.authenticator import Authenticator
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Registering
from tests.e2e.identity.passkeys import (
    COOKIE,
    Somebody,
    Village,
    api,
    authenticator,
    database,
    module_environment_for_sign_in,
    problem,
    somebody,
    village,
)

__all__ = ["authenticator", "database", "module_environment_for_sign_in", "somebody", "village"]
WAYS = "/v1/me/ways-in"


def connected(somebody: Somebody, provider: str) -> tuple[Browser, str]:
    """Connect another account by an invitation; a browser that came by it, and its subject."""
    town, subject = somebody.village.town, token_hex(8)
    secret = town.operate(InviteToSignIn(caller=OPERATOR, member=somebody.id), SignInInvitation).secret
    call = OpenSignIn(
        caller=Caller(), provider=provider, subject=subject, external_id=subject, attempt=token_hex(32),
        invitation=digest_of(secret or ""),
    )  # fmt: skip
    browser = somebody.village.browser()
    browser.cookies[town.url] = {COOKIE: town.operate(call, OpenedSignIn).secret or ""}
    return browser, subject


def test_all_ways_are_listed(somebody: Somebody, authenticator: Authenticator) -> None:
    somebody.add(authenticator)
    told = api(somebody.browser, "GET", WAYS).json()
    (own,) = told["identities"]
    assert (own["subject"], own["provider_name"], own["how"]) == (
        somebody.known_as,
        "Example sign-in",
        "directory",
    )
    assert (told["email"], told["link"], told["passkeys"]) == (None, False, 1)


def test_one_of_two_is_given_up_and_signs_nobody_in_any_more(
    village: Village, somebody: Somebody, registering: Registering
) -> None:
    issuer = f"http://127.0.0.1:1/{token_hex(4)}"
    second = registering.at(village.organisation, issuer, "commonplace", None).provider.provider
    by_it, subject = connected(somebody, second)
    assert api(by_it, "GET", "/v1/me").json()["member"] == somebody.id
    assert len(api(somebody.browser, "GET", WAYS).json()["identities"]) == 2
    key = identity_key(issuer, subject)
    assert api(somebody.browser, "DELETE", f"{WAYS}/{key}").status_code == 200
    assert [one["subject"] for one in api(somebody.browser, "GET", WAYS).json()["identities"]] == [
        somebody.known_as
    ]
    until = time.monotonic() + 20
    while api(by_it, "GET", "/v1/me").status_code != 401:
        assert time.monotonic() < until, "who came by it is still signed in"
        time.sleep(0.5)
    assert api(somebody.browser, "GET", "/v1/me").status_code == 200
    assert problem(api(somebody.browser, "DELETE", f"{WAYS}/{key}")) == (404, "not-found")


def test_the_last_is_kept_and_a_passkey_is_no_other(somebody: Somebody, authenticator: Authenticator) -> None:
    somebody.add(authenticator)
    (own,) = api(somebody.browser, "GET", WAYS).json()["identities"]
    assert problem(api(somebody.browser, "DELETE", f"{WAYS}/{own['identity']}")) == (409, "last-way-in")
    assert len(api(somebody.browser, "GET", WAYS).json()["identities"]) == 1


def test_anothers_is_not_there(village: Village, somebody: Somebody) -> None:
    (own,) = api(somebody.browser, "GET", WAYS).json()["identities"]
    other = Somebody(village, "Other")
    hidden, absent = (api(other.browser, "DELETE", f"{WAYS}/{key}") for key in (own["identity"], "0" * 64))
    assert problem(hidden) == problem(absent) == (404, "not-found")
    assert somebody.known_as not in api(other.browser, "GET", WAYS).text


def test_only_who_has_just_signed_in_and_no_system(village: Village, somebody: Somebody) -> None:
    (own,) = api(somebody.browser, "GET", WAYS).json()["identities"]
    token = access_token(village.town, *village.town.client(village.organisation)).json()["access_token"]
    acting = Person(village.town.url, somebody.id, token, "")
    acting.http.headers["Commonplace-Member"] = somebody.id
    for person, expected in ((somebody.person, "sign-in-needed"), (acting, "persons-only")):
        assert problem(person.change("DELETE", f"{WAYS}/{own['identity']}")) == (403, expected)
    assert problem(acting.get(WAYS)) == (403, "persons-only")
    later = somebody.sign_in()
    village.later("sign_ins", "signed_in_at", member=somebody.id)
    assert problem(api(later, "DELETE", f"{WAYS}/{own['identity']}")) == (403, "sign-in-needed")
