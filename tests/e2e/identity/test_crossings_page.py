"""The page at /crossings: what does that organisation get to see, and why? For a member who is signed in."""

import html
import re

import httpx2

from tests.e2e.api.conftest import SCOPES, Person, Town, let_in, start_community
from tests.e2e.api.waiting import eventually
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Home
from tests.e2e.identity.test_sign_in import signed_in
from tests.e2e.signatories import System, agree, terms_between


def colleague(town: Town, home: Home, login: str) -> Person:
    """Somebody at home, with a token too."""
    member = home.member(login.title(), external_id=login)
    return Person(town.url, member, town.token(member), login)


def system_of(town: Town, organisation: str, contact: Person) -> System:
    client, secret = town.client(organisation, SCOPES)
    answer = contact.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(client, secret)
    )
    return System(town.url, organisation, answer.json()["access_token"], contact.id)


def read(page: httpx2.Response) -> str:
    """What a reader of the page reads."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.text.partition("<main>")[2])))


def ask(browser: Browser, town: Town, item: str, organisation: str) -> httpx2.Response:
    query = httpx2.QueryParams({"item": item, "organisation": organisation})
    return browser.get(f"{town.url}/crossings?{query}", "same-origin")


def test_a_member_sees_what_another_organisation_gets_to_see_and_why(town: Town, home: Home) -> None:
    dee = colleague(town, home, "dee")
    partner = town.organisation("Harbour <College>")
    eve = town.person(partner, "Eve")
    community = start_community(dee, "closed")
    let_in(dee, community, eve, "member")
    body = {"kind": "question", "title": "What helps?", "text": "Tell us."}
    thread = dee.made(f"/v1/communities/{community}/threads", body)
    post = dee.made(f"/v1/threads/{thread['thread']}/posts", {"text": "We ring them."})["post"]
    browser = signed_in(home, "dee")
    link = f"{town.url}/v1/threads/{thread['thread']}"

    asked = ask(browser, town, link, "harbour <college>")
    assert asked.status_code == 200 and "&lt;College&gt;" in asked.text and "<script" not in asked.text
    said = read(asked)
    assert "That the thread is there, and its title No. The two organisations have no agreement." in said
    assert "Of who wrote it Nothing." in said

    one, two = system_of(town, home.organisation, dee), system_of(town, partner, eve)
    terms = terms_between(one, two, community)
    agree(one, two, terms)
    eventually(lambda: "No. " not in read(ask(browser, town, thread["thread"], partner)))
    query = httpx2.QueryParams({"item": post, "organisation": partner})
    api = browser.get(f"{town.url}/v1/crossings?{query}", "same-origin")
    assert (api.status_code, api.json()["decisions"][0]["reason"]) == (200, "in force"), "by a sign-in too"
    inbox_leads_to = browser.get(f"{town.url}/v1/agreements/{terms['agreement']}", "same-origin")
    assert inbox_leads_to.status_code == 200, "the contact reads it"
    said = read(ask(browser, town, post, "Harbour <College>"))
    assert "What it says Yes. An agreement between the two organisations lets it cross." in said
    assert terms["agreement"] in said and "That the thread is there" not in said
    assert "Of who wrote it Their name, organisation." in said


def test_it_turns_away_what_nobody_may_ask(town: Town, home: Home) -> None:
    nobody = Browser().get(f"{town.url}/crossings?item=x&organisation=y")
    assert (nobody.status_code, nobody.headers["location"]) == (
        303,
        "/sign-in?next=%2Fcrossings%3Fitem%3Dx%26organisation%3Dy",
    )
    home.member("Fay", external_id="fay")
    browser = signed_in(home, "fay")
    first = browser.get(f"{town.url}/crossings")
    assert first.status_code == 200 and "aria-invalid" not in first.text
    assert "default-src 'none'" in first.headers["content-security-policy"]
    here = town.organisation("Hill Trust")
    gil = town.person(here, "Gil")
    community = start_community(gil, "closed")
    body = {"kind": "question", "title": "Secret?", "text": "Hidden."}
    thread = gil.made(f"/v1/communities/{community}/threads", body)["thread"]
    hidden, nowhere = ask(browser, town, thread, "Hill Trust"), ask(browser, town, "0" * 24, "Hill Trust")
    assert hidden.status_code == nowhere.status_code == 404
    assert hidden.text.replace(thread, "") == nowhere.text.replace("0" * 24, "")
    for item, organisation, words in (
        ("what", "Hill Trust", "Give the address of a thread or post"),
        (thread, "Nowhere", "There is no organisation of this name here."),
        (thread, "", "There is no organisation of this name here."),
        ('{"$gt": ""}', "Hill Trust", "Give the address"),
    ):
        refused = ask(browser, town, item, organisation)
        assert refused.status_code == 422 and words in read(refused) and 'aria-invalid="true"' in refused.text
    twins = [town.organisation("Twin Trust"), town.organisation("Twin trust")]
    ambiguous = ask(browser, town, thread, "twin trust")
    assert ambiguous.status_code == 422 and all(twin in read(ambiguous) for twin in twins)
    assert ask(browser, town, thread, twins[1]).status_code == 404
    twice = browser.get(f"{town.url}/crossings?item={thread}&item={thread}", "same-origin")
    assert twice.status_code == 400


def test_a_colleague_who_may_not_read_it_is_told_nothing(town: Town, home: Home) -> None:
    """Being of the author's organisation is not enough for a member, as it is for its system."""
    hal = colleague(town, home, "hal")
    community = start_community(hal, "closed")
    body = {"kind": "question", "title": "Ours?", "text": "Only here."}
    thread = hal.made(f"/v1/communities/{community}/threads", body)["thread"]
    other = town.organisation("Mill Trust")
    colleague(town, home, "ida")
    assert ask(signed_in(home, "hal"), town, thread, other).status_code == 200
    assert ask(signed_in(home, "ida"), town, thread, other).status_code == 404
