"""For how long an outsider stays: until a day, for as long as somebody answers for them."""

import time
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from shared.contracts.calls.membership import LeaveOrganisation, Member
from tests.e2e.api.conftest import OPERATOR, SCOPES, Person, Town, access_token, let_in
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.sponsoring import (
    Stage,
    database,
    get,
    module_environment_for_sign_in,
    postbox,
    problem,
    send,
    stage,
    until,
    use,
)
from tests.e2e.identity.test_sign_in_links import ask

__all__ = ["database", "module_environment_for_sign_in", "postbox", "stage"]


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


def test_the_audit_log_of_the_organisation_tells_of_it(stage: Stage, town: Town) -> None:
    _, outsider, _ = stage.come()
    stage.set_end(outsider, timedelta(0))
    bought = access_token(town, *town.client(stage.organisation, SCOPES))
    system = Person(town.url, "", bought.json()["access_token"], "")
    until(lambda: "outsider_ended" in str(system.get("/v1/audit").json()))
    acts = {act["act"] for act in system.get("/v1/audit").json()["items"]}
    assert {"sponsor_outsider", "come_as_outsider", "outsider_ended"} <= acts


def test_who_was_asked_as_a_facilitator_and_is_none_any_more_takes_nobody_over(
    stage: Stage, town: Town
) -> None:
    browser, _, _ = stage.come()
    emails = [f"{who}.{token_hex(4)}@hall.example" for who in ("other", "third")]
    other, third = (town.person(stage.organisation, "Huw Jones", email=email) for email in emails)
    for person, email in ((other, emails[0]), (third, emails[1])):
        body = {"email": email, "role": "facilitator"}
        invitation = stage.sponsor.made(f"/v1/communities/{stage.community}/invitations", body)
        person.made("/v1/invitations/accept", {"token": invitation["token"]})
    town.operate(LeaveOrganisation(caller=OPERATOR, member=stage.sponsor.id), Member)
    address = stage.mailed(emails[0])
    places = third.get(f"/v1/communities/{stage.community}/memberships").json()["items"]
    (revision,) = [one["revision"] for one in places if one["member"] == other.id]
    path = f"/v1/communities/{stage.community}/memberships/{other.id}"
    assert third.change("PATCH", path, {"role": "member"}, revision).status_code == 200
    assert use(Browser(), address).status_code == 403
    assert get(browser, town, "/v1/me").json()["sponsored_by"] is None
    assert use(Browser(), stage.mailed(emails[1])).status_code == 200, "who still is one does"
