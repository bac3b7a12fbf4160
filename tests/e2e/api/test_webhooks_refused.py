"""What is turned away at the door of webhooks."""

from typing import Any

import pytest

from tests.e2e.api.conftest import Town, access_token, start_community
from tests.e2e.api.partners import Partner, Place
from tests.e2e.api.waiting import eventually
from tests.unit.outbound.test_target import FORBIDDEN

ANYWHERE = "http://127.0.0.1:9/hooks"


@pytest.fixture(scope="module")
def place(town: Town) -> Place:
    return Place(town)


@pytest.fixture(scope="module")
def webhook(place: Place) -> dict[str, Any]:
    return place.partner.registered(ANYWHERE)


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


@pytest.mark.parametrize("url", [url for url in FORBIDDEN if url and len(url) <= 2_048])
def test_an_address_that_is_not_the_publics_is_refused(
    place: Place, webhook: dict[str, Any], url: str
) -> None:
    refused = place.partner.post("/v1/webhooks", place.partner.new(url))
    assert problem(refused) == (422, "webhook-target-forbidden")
    assert url.strip() == "https://" or url not in refused.text
    assert problem(place.partner.changed(webhook, url=url)) == (422, "webhook-target-forbidden")


@pytest.mark.parametrize("url", ["https://localtest.invalid/", "https://localhost.localdomain/"])
def test_a_name_without_a_public_address_is_refused(place: Place, url: str) -> None:
    refused = place.partner.post("/v1/webhooks", place.partner.new(url))
    assert problem(refused) == (422, "webhook-target-forbidden")


@pytest.mark.parametrize(
    "change",
    [
        {"events": []}, {"events": ["thread.deleted"]}, {"contact": "x"}, {"url": "a" * 2_049}, {"url": ""}, {"name": ""},
        {"secret": "whsec_mine"}, {"text": "x"}, {"organisation": "a" * 24}, {"state": "paused"}, {"communities": ["x"]},
    ],
)  # fmt: skip
def test_a_body_that_breaks_a_rule_of_form_is_refused(place: Place, change: dict[str, Any]) -> None:
    assert place.partner.post("/v1/webhooks", place.partner.new(ANYWHERE) | change).status_code == 422


def test_a_contact_is_a_member_of_the_organisation(place: Place) -> None:
    answers = [
        place.partner.post("/v1/webhooks", place.partner.new(ANYWHERE, contact=contact))
        for contact in (place.ana.id, "f" * 24)
    ]
    assert [problem(answer) for answer in answers] == [(422, "invalid")] * 2
    assert answers[0].json()["errors"] == answers[1].json()["errors"]


def test_communities_are_those_that_somebody_of_the_organisation_is_in(place: Place) -> None:
    hidden, seen = start_community(place.ana, "closed"), start_community(place.ana, "open")
    for community, expected in (
        (hidden, (404, "not-found")),
        ("f" * 24, (404, "not-found")),
        (seen, (403, "not-allowed")),
    ):
        refused = place.partner.post("/v1/webhooks", place.partner.new(ANYWHERE, communities=[community]))
        assert problem(refused) == expected


def test_only_a_system_that_acts_for_its_organisation_may(place: Place, town: Town) -> None:
    body = place.partner.new(ANYWHERE)
    assert problem(place.ben.post("/v1/webhooks", body)) == (403, "not-allowed")
    acting = {"Commonplace-Member": place.ben.id, "Idempotency-Key": "one"}
    assert problem(place.partner.http.post("/v1/webhooks", json=body, headers=acting)) == (403, "not-allowed")
    reader = Partner(town, place.theirs, place.ben, ("webhooks:read",))
    assert problem(reader.post("/v1/webhooks", body)) == (403, "insufficient-scope")
    writer = Partner(town, place.theirs, place.ben, ("webhooks:write",))
    assert problem(writer.get("/v1/webhooks")) == (403, "insufficient-scope")


def test_another_organisations_webhook_is_not_there(
    place: Place, town: Town, webhook: dict[str, Any]
) -> None:
    stranger = Partner(town, place.ours, place.ana)
    path, delivery = f"/v1/webhooks/{webhook['webhook']}", f"msg_{'a' * 24}_post_{'b' * 24}"
    answers = [
        stranger.get(path), stranger.get(f"{path}/deliveries"), stranger.rotate(webhook),
        stranger.change("PATCH", path, {"state": "paused"}, 1), stranger.change("DELETE", path),
        stranger.change("PUT", f"{path}/deliveries/{delivery}/replay"),
    ]  # fmt: skip
    assert [problem(answer) for answer in answers] == [(404, "not-found")] * 6
    assert stranger.get("/v1/webhooks").json()["items"] == []
    missing = stranger.get(f"/v1/webhooks/{'f' * 24}")
    assert missing.json()["detail"] == answers[0].json()["detail"]
    own = place.partner.change("PUT", f"{path}/deliveries/{delivery}/replay")
    assert problem(own) == (404, "not-found")


def test_changes_say_of_which_revision(place: Place) -> None:
    webhook = place.partner.registered(ANYWHERE)
    path = f"/v1/webhooks/{webhook['webhook']}"
    assert problem(place.partner.change("PATCH", path, {"state": "paused"})) == (428, "if-match-missing")
    assert problem(place.partner.change("PATCH", path, {"state": "paused"}, 7))[0] == 412
    read = place.partner.get(path)
    assert place.partner.change("PATCH", path, {"name": "Other"}, 1).json()["name"] == "Other"
    again = place.partner.http.get(path, headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 200
    held = {"If-None-Match": again.headers["etag"]}
    assert place.partner.http.get(path, headers=held).status_code == 304


def test_the_secret_is_shown_once(place: Place) -> None:
    body = place.partner.new(ANYWHERE)
    first = place.partner.post("/v1/webhooks", body, key="the-same")
    second = place.partner.post("/v1/webhooks", body, key="the-same")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["secret"].startswith("whsec_") and second.json()["secret"] is None
    assert second.json()["webhook"] == first.json()["webhook"]
    assert first.headers["location"] == f"/v1/webhooks/{first.json()['webhook']}"
    assert place.partner.read(first.json())["secret"] is None
    assert problem(place.partner.http.post("/v1/webhooks", json=body)) == (400, "idempotency-key-missing")
    listed = place.partner.get("/v1/webhooks", limit=100).json()["items"]
    assert all(item["secret"] is None for item in listed)


def test_what_is_deleted_is_not_there(place: Place) -> None:
    webhook = place.partner.registered(ANYWHERE)
    path = f"/v1/webhooks/{webhook['webhook']}"
    assert place.partner.change("DELETE", path).status_code == 200
    assert problem(place.partner.get(path)) == (404, "not-found")


def test_an_organisation_has_so_many(town: Town) -> None:
    place = Place(town)
    for _ in range(50):
        place.partner.registered(ANYWHERE)
    refused = place.partner.post("/v1/webhooks", place.partner.new(ANYWHERE))
    assert problem(refused) == (409, "conflict")


def test_access_tokens_carry_the_scope(town: Town, place: Place) -> None:
    client, secret = town.client(place.theirs, ("webhooks:read",))
    assert access_token(town, client, secret, "webhooks:write").status_code == 400


def test_what_is_done_to_webhooks_stands_in_the_audit_log(town: Town) -> None:
    place = Place(town)
    reader = Partner(town, place.theirs, place.ben, ("audit:read",))
    webhook = place.partner.registered(ANYWHERE)
    place.partner.rotate(webhook)
    place.partner.change("DELETE", f"/v1/webhooks/{webhook['webhook']}")

    def acts() -> list[str]:
        items = reader.get("/v1/audit", limit=100).json()["items"]
        return [item["act"] for item in items if item["concerns"].get("webhook") == webhook["webhook"]]

    eventually(lambda: acts() == ["delete_webhook", "rotate_webhook_secret", "register_webhook"])
