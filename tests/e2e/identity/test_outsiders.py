"""Somebody of no organisation here: they see what was named, until a day, for as long as somebody answers for them."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient
from pymongo.database import Database

from shared.contracts.calls.membership import LeaveOrganisation, Member
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in, start_community
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Registering
from tests.e2e.identity.postbox import Postbox, opened, told_of
from tests.e2e.identity.test_sign_in_links import SIGNED_IN, ask, press

LINK = re.compile(r"http://\S+/sign-in/(?:outsider|sponsor|link)/\S+")


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def until(condition: Callable[[], bool], patience: float = 40.0) -> None:
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "never"
        time.sleep(0.2)


class Stage:
    """A facilitator with a closed community, and what an outsider needs."""

    def __init__(self, town: Town, postbox: Postbox, database: Database[dict[str, Any]]) -> None:
        self.town, self.postbox, self.database = town, postbox, database
        self.organisation = town.organisation("Village hall")
        self.email = f"sponsor.{token_hex(4)}@hall.example"
        self.sponsor = town.person(self.organisation, "Carys Evans", email=self.email)
        self.community = start_community(self.sponsor, "closed")

    def body(self, **more: Any) -> dict[str, Any]:
        given = {
            "email": f"gwen.{token_hex(4)}@elsewhere.example",
            "name": "Gwen Ellis",
            "profession": "Carer",
            "communities": [self.community],
        }
        return {**given, **more}

    def mailed(self, to: str, number: int = 1) -> str:
        """The newest link that came to an address, when so many mails have come."""
        until(lambda: len(self.postbox.mails.get(to, [])) >= number)
        found = LINK.search(self.postbox.mails[to][-1].get_content())
        assert found
        return found[0]

    def invited(self, **more: Any) -> tuple[str, str]:
        """Invite somebody; their address, and the link they are sent."""
        body = self.body(**more)
        self.sponsor.made("/v1/outsiders", body)
        return body["email"], self.mailed(body["email"])

    def come(self, **more: Any) -> tuple[Browser, str, str]:
        """Somebody who has come in: their browser, id and address."""
        email, address = self.invited(**more)
        browser = Browser()
        answer = use(browser, address)
        assert answer.status_code == 303, answer.text
        return browser, browser.get(f"{self.town.url}/v1/me", "same-origin").json()["member"], email

    def set_end(self, outsider: str, left: timedelta) -> datetime:
        """Let a stay end so long from now, as if time had passed; and be looked at."""
        ends_at = datetime.now(UTC) + left
        change = {"sponsorship.ends_at": ends_at, "sponsorship.next_at": min(ends_at, datetime.now(UTC))}
        self.database["members"].update_one({"_id": outsider}, {"$set": change, "$inc": {"moves": 1}})
        return ends_at


def use(browser: Browser, address: str) -> httpx2.Response:
    """Open a link, and press its button."""
    page = browser.get(address)
    assert page.status_code == 200
    secret = re.search(r'name="secret" value="([^"]+)"', page.text)
    action = re.search(r'action="([^"]+)"', page.text)
    assert secret and action
    return browser.post(action[1], {"secret": secret[1]})


def get(browser: Browser, town: Town, path: str) -> httpx2.Response:
    return browser.get(town.url + path, "same-origin")


def send(browser: Browser, town: Town, path: str, body: Any = None, method: str = "POST") -> httpx2.Response:
    headers = {
        "Cookie": f"{SIGNED_IN}={browser.cookie(SIGNED_IN)}",
        "Sec-Fetch-Site": "same-origin",
        "Idempotency-Key": token_hex(12),
    }
    return browser.http.request(method, town.url + path, json=body, headers=headers)


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    with opened() as box:
        yield box


@pytest.fixture(scope="module")
def module_environment_for_sign_in(module_environment: Mapping[str, str], postbox: Postbox) -> dict[str, str]:
    return {**module_environment, **told_of(postbox)}


@pytest.fixture(scope="module")
def database(module_environment: Mapping[str, str]) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](module_environment["COMMONPLACE_MONGO"]) as client:
        yield client[f"{module_environment['COMMONPLACE_DATABASE_PREFIX']}_membership"]


@pytest.fixture
def stage(town: Town, postbox: Postbox, database: Database[dict[str, Any]]) -> Stage:
    return Stage(town, postbox, database)


def test_an_outsider_comes_by_mail_and_is_shown_as_whose_guest_they_are(stage: Stage, town: Town) -> None:
    email, address = stage.invited()
    for _ in range(2):
        assert Browser().get(address).status_code == 200, "opening it uses nothing up"
    browser = Browser()
    assert use(browser, address).status_code == 303
    me = get(browser, town, "/v1/me").json()
    assert (me["organisation"], me["guest_of"], me["guest_of_name"], me["sponsored_by"]) == (
        None,
        stage.organisation,
        "Village hall",
        "Carys Evans",
    )
    thread = send(
        browser,
        town,
        f"/v1/communities/{stage.community}/threads",
        {"kind": "question", "title": "Who lifts at night?", "text": "I do, alone."},
    )
    assert thread.status_code == 201, thread.text
    author = stage.sponsor.get(f"/v1/threads/{thread.json()['thread']}").json()["author"]
    assert (author["name"], author["organisation_name"], author["guest_of_name"]) == (
        "Gwen Ellis",
        None,
        "Village hall",
    )
    places = stage.sponsor.get(f"/v1/communities/{stage.community}/memberships").json()["items"]
    assert [one["guest_of_name"] for one in places if one["member"] == me["member"]] == ["Village hall"]
    (listed,) = stage.sponsor.get("/v1/outsiders").json()["items"]
    assert (listed["member"], listed["sponsor"]) == (me["member"], stage.sponsor.id)
    assert use(Browser(), address).status_code == 403, "it counts once"
    assert ask(town, email).status_code == 200
    later = Browser()
    assert press(later, stage.mailed(email, 2)).status_code == 303, "and later by a link like anybody"
    assert get(later, town, "/v1/me").json()["member"] == me["member"]


def test_an_outsider_knows_of_no_community_but_the_named(stage: Stage, town: Town) -> None:
    browser, _, _ = stage.come()
    carys = stage.sponsor
    title = f"Falls {token_hex(4)}"
    others = {
        visibility: start_community(carys, visibility, f"{title} {visibility}")
        for visibility in ("open", "restricted")
    }
    thread = carys.made(
        f"/v1/communities/{others['open']}/threads",
        {"kind": "question", "title": "Open to all at home", "text": "A word: wheelbarrow."},
    )["thread"]
    until(lambda: bool(carys.get("/v1/search", words="wheelbarrow").json()["items"]))
    for community in others.values():
        for path in (f"/v1/communities/{community}", f"/v1/communities/{community}/threads"):
            assert get(browser, town, path).status_code == 404
        joined = send(browser, town, f"/v1/communities/{community}/join-requests", {})
        assert joined.status_code in (403, 404)
    assert get(browser, town, f"/v1/threads/{thread}").status_code == 404
    assert get(browser, town, "/v1/search?words=wheelbarrow").json()["items"] == []
    listed = get(browser, town, "/v1/communities?limit=100").json()["items"]
    assert [one["community"] for one in listed] == [stage.community]


def test_what_only_members_of_an_organisation_do_is_refused_to_an_outsider(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come()
    charter = {"domain": "Falls", "purpose": "Fewer falls", "audience": "All"}
    started = {"title": token_hex(8), "charter": charter, "visibility": "open", "similar_seen": True}
    answers = [
        send(browser, town, "/v1/communities", started),
        send(browser, town, "/v1/outsiders", stage.body()),
        send(browser, town, "/v1/me/move-codes"),
        send(browser, town, f"/v1/communities/{stage.community}/join-requests", {}),
        get(browser, town, "/v1/outsiders"),
    ]
    assert {problem(answer) for answer in answers} == {(403, "outsider")}
    elsewhere = town.organisation("Elsewhere")
    account = town.person(elsewhere, "Some Mover")
    code = town.move_code(account.id, elsewhere)
    assert problem(send(browser, town, "/v1/me/home", {"code": code}, "PUT")) == (403, "outsider")
    place = stage.sponsor.get(f"/v1/communities/{stage.community}/memberships").json()["items"]
    (revision,) = [one["revision"] for one in place if one["member"] == outsider]
    promoted = stage.sponsor.change(
        "PATCH",
        f"/v1/communities/{stage.community}/memberships/{outsider}",
        {"role": "facilitator"},
        revision,
    )
    assert problem(promoted) == (403, "outsider")


def test_only_who_facilitates_all_that_is_named_invites(stage: Stage, town: Town) -> None:
    colleague = town.person(stage.organisation, "Mere Member")
    let_in(stage.sponsor, stage.community, colleague)
    assert problem(colleague.post("/v1/outsiders", stage.body())) == (403, "facilitators-only")
    foreign = start_community(town.person(town.organisation("Away"), "Ivor Pugh"), "closed")
    hidden = stage.sponsor.post("/v1/outsiders", stage.body(communities=[stage.community, foreign]))
    assert problem(hidden) == (404, "not-found")
    bought = access_token(town, *town.client(stage.organisation, SCOPES))
    system = Person(town.url, "", bought.json()["access_token"], "")
    acting = {"Commonplace-Member": stage.sponsor.id, "Idempotency-Key": token_hex(12)}
    assert problem(system.http.post("/v1/outsiders", json=stage.body(), headers=acting)) == (
        403,
        "persons-only",
    )
    for wrong in ({"days": 366}, {"days": 0}, {"role": "facilitator"}, {"communities": []}, {"email": "x"}):
        assert stage.sponsor.post("/v1/outsiders", stage.body(**wrong)).status_code == 422, wrong


def test_who_signs_in_from_home_is_no_outsider(stage: Stage, registering: Registering, town: Town) -> None:
    home = registering.at(town.organisation("Has its own"), "http://127.0.0.1:9", "x", None)
    email = f"ann@{home.provider.domains[0]}"
    assert problem(stage.sponsor.post("/v1/outsiders", stage.body(email=email))) == (409, "has-a-home")


def test_nobody_is_told_at_the_door_whose_an_address_is(stage: Stage, town: Town) -> None:
    """Only whoever reads the mail of an address learns that a member has it, and stays that member alone."""
    known = f"known.{token_hex(4)}@hall.example"
    town.person(stage.organisation, "Known", email=known)
    made = [stage.sponsor.made("/v1/outsiders", stage.body(email=email)) for email in (known, f"x.{known}")]
    assert made[0].keys() == made[1].keys()
    answer = use(Browser(), stage.mailed(known))
    assert answer.status_code == 403 and "already" in answer.text


def test_nobody_fills_others_mail_by_inviting(stage: Stage) -> None:
    answers = [stage.sponsor.post("/v1/outsiders", stage.body()).status_code for _ in range(21)]
    assert answers == [201] * 20 + [409]


@pytest.mark.parametrize("page", ["outsider", "sponsor"])
def test_a_secret_that_is_none_and_another_site_do_nothing(stage: Stage, town: Town, page: str) -> None:
    browser = Browser()
    browser.at = town.url
    for secret in ("", "cop_guest_" + "a" * 43, "$ne"):
        assert browser.post(f"/sign-in/{page}", {"secret": secret}).status_code == 403
    _, address = stage.invited()
    secret = address.rpartition("/")[2]
    answer = browser.post(f"/sign-in/{page}", {"secret": secret}, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403 and browser.cookie(SIGNED_IN) is None
    other = {"outsider": "sponsor", "sponsor": "outsider"}[page]
    if other == "sponsor":
        assert browser.post("/sign-in/sponsor", {"secret": secret}).status_code == 403, "not for this"


def test_an_invitation_ends_with_the_sponsor(stage: Stage, town: Town) -> None:
    _, address = stage.invited()
    town.operate(LeaveOrganisation(caller=OPERATOR, member=stage.sponsor.id), Member)
    assert use(Browser(), address).status_code == 403


def test_a_stay_ends_everywhere_when_nobody_confirms_it(stage: Stage, town: Town) -> None:
    browser, outsider, email = stage.come()
    thread = send(
        browser,
        town,
        f"/v1/communities/{stage.community}/threads",
        {"kind": "question", "title": "Who lifts at night?", "text": "I do, alone."},
    ).json()["thread"]
    token = send(browser, town, "/v1/tokens", {"name": "t", "scopes": ["members:read"]}).json()["secret"]
    script = Person(town.url, outsider, token, "")
    assert script.get("/v1/me").status_code == 200
    began = time.monotonic()
    stage.set_end(outsider, timedelta(seconds=1))
    until(lambda: script.get("/v1/me").status_code == get(browser, town, "/v1/me").status_code == 401)
    places = f"/v1/communities/{stage.community}/memberships"
    until(lambda: outsider not in str(stage.sponsor.get(places).json()))
    assert time.monotonic() - began < 60
    author = stage.sponsor.get(f"/v1/threads/{thread}").json()["author"]
    assert (author["name"], author["guest_of_name"]) == ("Gwen Ellis", "Village hall"), "it stays theirs"
    sent = len(stage.postbox.mails[email])
    assert ask(town, email).status_code == 200
    time.sleep(2)
    assert len(stage.postbox.mails[email]) == sent, "no link for who has gone"
    assert stage.sponsor.get("/v1/outsiders").json()["items"] == []
    gone = stage.sponsor.change("PUT", f"/v1/outsiders/{outsider}/confirmation")
    assert problem(gone) == (404, "not-found")


def test_an_outsider_goes_when_they_like(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come()
    assert send(browser, town, f"/v1/members/{outsider}/organisation", method="DELETE").status_code == 200
    until(lambda: get(browser, town, "/v1/me").status_code == 401)
    assert stage.sponsor.get("/v1/outsiders").json()["items"] == []


def test_of_two_invitations_to_one_address_one_is_taken(stage: Stage, town: Town) -> None:
    body = stage.body()
    stage.sponsor.made("/v1/outsiders", body)
    first = stage.mailed(body["email"])
    stage.sponsor.made("/v1/outsiders", body)
    second = stage.mailed(body["email"], 2)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda address: use(Browser(), address).status_code, (first, second)))
    assert min(answers) == 303 and max(answers) in (403, 409), answers
    assert len(stage.sponsor.get("/v1/outsiders").json()["items"]) == 1


def test_a_sponsor_is_asked_and_confirms_by_one_click(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come(days=100)
    stage.set_end(outsider, timedelta(days=29))
    address = stage.mailed(stage.email)
    assert "Gwen Ellis" in stage.postbox.mails[stage.email][-1].get_content()
    time.sleep(11)
    assert len(stage.postbox.mails[stage.email]) == 1, "asked once for each time"
    scanner = Browser()
    assert scanner.get(address).status_code == scanner.http.head(address).status_code == 200

    def left() -> timedelta:
        (listed,) = stage.sponsor.get("/v1/outsiders").json()["items"]
        return datetime.fromisoformat(listed["ends_at"]) - datetime.now(UTC)

    assert left() < timedelta(days=30), "opening it changes nothing"
    answer = use(Browser(), address)
    assert answer.status_code == 200 and "Gwen Ellis" in answer.text
    assert timedelta(days=99) < left() <= timedelta(days=100)
    assert use(Browser(), address).status_code == 403, "it counts once"
    stage.set_end(outsider, timedelta(days=6))
    second = stage.mailed(stage.email, 2)
    assert stage.sponsor.change("PUT", f"/v1/outsiders/{outsider}/confirmation").status_code == 200
    assert use(Browser(), second).status_code == 403, "and not when it was done another way"
    assert get(browser, town, "/v1/me").status_code == 200


def test_only_who_answers_for_an_outsider_confirms_or_ends(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come()
    away = town.person(town.organisation("Away"), "Ivor Pugh")
    let_in(stage.sponsor, stage.community, away, "facilitator")
    colleague = town.person(stage.organisation, "Mere Member")
    let_in(stage.sponsor, stage.community, colleague)
    for method, path in (
        ("PUT", f"/v1/outsiders/{outsider}/confirmation"),
        ("DELETE", f"/v1/outsiders/{outsider}"),
    ):
        for person in (away, colleague):
            assert problem(person.change(method, path)) == (404, "not-found")
        assert problem(send(browser, town, path, method=method))[0] in (403, 404)
        nobody = stage.sponsor.change(method, path.replace(outsider, "5" * 24))
        assert problem(nobody) == (404, "not-found")
    systems = [
        Person(town.url, "", access_token(town, *town.client(of, SCOPES)).json()["access_token"], "")
        for of in (town.organisation("Other"), stage.organisation)
    ]
    assert [one.get("/v1/outsiders").json()["items"] != [] for one in systems] == [False, True]
    assert problem(systems[0].change("DELETE", f"/v1/outsiders/{outsider}")) == (404, "not-found")
    assert problem(systems[1].change("PUT", f"/v1/outsiders/{outsider}/confirmation")) == (
        403,
        "member-needed",
    )
    assert systems[1].change("DELETE", f"/v1/outsiders/{outsider}").status_code == 200
    until(lambda: get(browser, town, "/v1/me").status_code == 401)


def test_when_the_sponsor_goes_another_takes_over_or_it_ends(stage: Stage, town: Town) -> None:
    browser, outsider, _ = stage.come()
    other_email = f"other.{token_hex(4)}@hall.example"
    other = town.person(stage.organisation, "Huw Jones", email=other_email)
    invitation = stage.sponsor.made(
        f"/v1/communities/{stage.community}/invitations", {"email": other_email, "role": "facilitator"}
    )
    other.made("/v1/invitations/accept", {"token": invitation["token"]})
    town.operate(LeaveOrganisation(caller=OPERATOR, member=stage.sponsor.id), Member)
    address = stage.mailed(other_email)
    row = stage.database["members"].find_one({"_id": outsider})
    assert row is not None and row["sponsorship"]["sponsor"] is None
    ends_at = row["sponsorship"]["ends_at"].replace(tzinfo=UTC)
    assert timedelta(days=13) < ends_at - datetime.now(UTC) <= timedelta(days=14)
    assert get(browser, town, "/v1/me").json()["sponsored_by"] is None
    assert use(Browser(), address).status_code == 200
    assert get(browser, town, "/v1/me").json()["sponsored_by"] == "Huw Jones"
    assert [one["member"] for one in other.get("/v1/outsiders").json()["items"]] == [outsider]


def test_what_an_outsider_writes_crosses_to_no_system(stage: Stage, town: Town) -> None:
    browser, _, _ = stage.come()
    thread = send(
        browser,
        town,
        f"/v1/communities/{stage.community}/threads",
        {"kind": "question", "title": "Who lifts at night?", "text": "I do, alone."},
    ).json()["thread"]
    bought = access_token(town, *town.client(stage.organisation, SCOPES))
    system = Person(town.url, "", bought.json()["access_token"], "")
    acting = {"Commonplace-Member": stage.sponsor.id}
    assert system.http.get("/v1/me", headers=acting).status_code == 200
    assert system.http.get(f"/v1/threads/{thread}", headers=acting).status_code == 404


def test_the_audit_log_of_the_organisation_tells_of_it(stage: Stage, town: Town) -> None:
    _, outsider, _ = stage.come()
    stage.set_end(outsider, timedelta(0))
    bought = access_token(town, *town.client(stage.organisation, SCOPES))
    system = Person(town.url, "", bought.json()["access_token"], "")
    until(lambda: "outsider_ended" in str(system.get("/v1/audit").json()))
    acts = {act["act"] for act in system.get("/v1/audit").json()["items"]}
    assert {"sponsor_outsider", "come_as_outsider", "outsider_ended"} <= acts


def test_no_secret_of_a_letter_is_kept(stage: Stage) -> None:
    _, address = stage.invited()
    secret = address.rpartition("/")[2]
    for name in stage.database.list_collection_names():
        for row in stage.database[name].find():
            assert secret not in str(row), name
