"""Somebody of no organisation here comes in: by a letter, once, and by whom they may be invited."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest

from shared.contracts.calls.membership import LeaveOrganisation, Member
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in, start_community
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.conftest import Registering
from tests.e2e.identity.sponsoring import (
    Stage,
    database,
    get,
    module_environment_for_sign_in,
    postbox,
    problem,
    send,
    stage,
    use,
)
from tests.e2e.identity.test_sign_in_links import SIGNED_IN, ask, press

__all__ = ["database", "module_environment_for_sign_in", "postbox", "stage"]


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


def test_no_secret_of_a_letter_is_kept(stage: Stage) -> None:
    _, address = stage.invited()
    secret = address.rpartition("/")[2]
    for name in stage.database.list_collection_names():
        for row in stage.database[name].find():
            assert secret not in str(row), name
