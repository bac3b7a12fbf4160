"""Being forgotten, on a whole node: nothing that names the member is left in any database, and every service says so."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from bson import ObjectId, json_util

from deploy.commands.audit import verify
from services.membership.domain.erasure import ANSWERING
from shared.contracts import former
from tests.e2e.api.conftest import Town
from tests.e2e.identity.browser import Browser
from tests.e2e.identity.lives import (
    Databases,
    Household,
    Mailbox,
    Signed,
    a_life,
    databases,
    eventually,
    household,
    let_time_pass,
    mailbox,
    module_environment_for_sign_in,
    problem,
    receipts,
)

__all__ = ["databases", "household", "mailbox", "module_environment_for_sign_in"]


def test_nothing_of_whom_was_erased_is_left_anywhere(
    town: Town, mailbox: Mailbox, databases: Databases
) -> None:
    life = a_life(town)
    zebedee, bob = life.zebedee, life.bob
    services = {service for service, _, _ in databases.naming(zebedee.words)}
    assert services == {"membership", "discussion", "notifications"}, "the search finds what is there"

    signed = Signed(town, mailbox, zebedee.email)
    copy = signed.http.post("/v1/me/export", headers={"Idempotency-Key": "a copy first"})
    assert copy.status_code == 202
    eventually(lambda: signed.http.get("/v1/me/export").json()["state"] == "ready")
    asked = signed.ask(zebedee.handle, remove_texts=True)
    assert asked.status_code == 201, asked.text
    assert asked.json()["expected"] == list(ANSWERING)
    number = asked.json()["number"]
    assert zebedee.get("/v1/me").status_code == 200, "until it begins everything is as it was"
    let_time_pass(databases, asked.json()["erasure"])
    done = receipts(town, number)

    assert {receipt["service"] for receipt in done["receipts"]} == set(ANSWERING)
    erased = {receipt["service"]: receipt["erased"] for receipt in done["receipts"]}
    for name in ("answers", "gathering", "export_parts"):
        assert erased["discussion"].pop(name) > 0, "a copy that nobody has fetched goes too"
    assert erased["discussion"] == {
        "copies": 1, "posts": 3, "post_versions": 1, "threads": 2, "held_posts": 1, "held_texts": 1,
        "taken_out": 1, "reports": 1, "cases": 1,
    }  # fmt: skip
    assert erased["notifications"].keys() >= {"inbox", "ties", "members", "places", "deeds"}
    assert erased["membership"]["members"] == 1
    assert erased["membership"]["directory_entries"] == 2, "the user, and the group that named them"
    assert erased["membership"]["tokens"] >= 2
    left = databases.naming([*zebedee.words, number])
    assert left == set()

    post = bob.get(f"/v1/posts/{life.answer}").json()
    assert (post["author"]["name"], post["author"]["organisation_name"]) == (former.NAME, None)
    assert post["text"] == former.TEXT
    shown = bob.get(f"/v1/threads/{life.thread}").json()
    assert (shown["title"], shown["author"]["name"]) == (former.TITLE, former.NAME)
    assert [one["text"] for one in bob.get(f"/v1/posts/{life.answer}/versions").json()["items"]] == [
        former.TEXT
    ]
    assert bob.get(f"/v1/posts/{life.others}").json()["text"] == "Ring them on day three.", (
        "others' words stay"
    )
    told = bob.get("/v1/inbox").json()["items"]
    assert {item["by"] for item in told} <= {former.NAME, None}
    everybody = bob.get(f"/v1/communities/{life.community}/memberships").json()["items"]
    assert zebedee.id not in {one["member"] for one in everybody}
    eventually(lambda: zebedee.get("/v1/me").status_code == 401, 15)
    eventually(lambda: signed.http.get("/v1/me").status_code == 401, 15)
    assert Browser().post(f"{town.url}/sign-in", {"email": zebedee.email}).status_code == 200
    acts = databases.of("membership").audit.find({"member": zebedee.id})
    assert "ask_for_erasure" in {entry["act"] for entry in acts}, "the account of who did what stays, by ids"


def test_texts_stay_as_a_former_members_unless_they_go_too(
    town: Town, mailbox: Mailbox, databases: Databases
) -> None:
    life = a_life(town)
    zebedee, bob = life.zebedee, life.bob
    asked = Signed(town, mailbox, zebedee.email).ask(zebedee.handle).json()
    let_time_pass(databases, asked["erasure"])
    receipts(town, asked["number"])
    left = {(service, collection) for service, collection, _ in databases.naming(zebedee.words)}
    texts = {("discussion", name) for name in ("posts", "post_versions", "threads", "taken_out")}
    # Titles are shown in inboxes, and bob's own answers hold the title of the thread that he answered in.
    assert left <= texts | {("notifications", "deeds")}
    shown = bob.get(f"/v1/threads/{life.thread}").json()
    assert (shown["title"], shown["author"]["name"]) == (f"{zebedee.words[0]} asks", former.NAME)
    assert bob.get(f"/v1/posts/{life.answer}").json()["text"] == "Said otherwise."


def test_only_who_has_just_signed_in_is_forgotten(household: Household, databases: Databases) -> None:
    zebedee, signed = household.zebedee, household.signed
    body = {"handle": zebedee.handle}
    by_token = zebedee.post("/v1/me/erasure", body)
    assert problem(by_token) == (403, "sign-in-needed")
    assert "Sign in again at `/sign-in`" in by_token.json()["detail"]
    assert problem(household.system.post("/v1/me/erasure", body)) == (403, "sign-in-needed")
    wrong = signed.ask(household.other.handle)
    assert problem(wrong) == (422, "invalid")
    assert wrong.json()["errors"][0]["where"] == "handle"
    # Five minutes later, at another gateway, which has not heard of the sign-in yet.
    databases.of("membership").sign_ins.update_many(
        {"member": zebedee.id},
        {"$set": {"signed_in_at": datetime.now(UTC) - timedelta(minutes=5, seconds=1)}},
    )
    time.sleep(10.5)
    assert problem(signed.ask(zebedee.handle)) == (403, "sign-in-needed")
    assert zebedee.get("/v1/me").status_code == 200


def test_of_anothers_erasure_there_is_nothing_to_see(
    town: Town, household: Household, databases: Databases
) -> None:
    zebedee, other, signed = household.zebedee, household.other, household.signed
    assert problem(signed.http.get("/v1/me/erasure")) == (404, "not-found")
    asked = signed.ask(zebedee.handle).json()
    assert problem(signed.ask(zebedee.handle)) == (409, "erasure-waits")
    for answer in (other.get("/v1/me/erasure"), other.change("DELETE", "/v1/me/erasure")):
        assert problem(answer) == (404, "not-found")
    for number in (asked["erasure"], "cop_erasure_" + "x" * 43, "x"):
        assert httpx2.get(f"{town.url}/erasure-receipts/{number}").status_code == 404
    stored = databases.of("membership").erasures.find_one({"_id": asked["erasure"]})
    assert asked["number"] not in json_util.dumps(stored)
    assert "number" not in {name for name, value in signed.http.get("/v1/me/erasure").json().items() if value}
    assert zebedee.change("DELETE", "/v1/me/erasure").json()["state"] == "cancelled"
    assert zebedee.change("DELETE", "/v1/me/erasure").status_code == 404
    let_time_pass(databases, asked["erasure"])
    time.sleep(3)
    assert zebedee.get("/v1/me").json()["handle"] == zebedee.handle
    assert httpx2.get(f"{town.url}/erasure-receipts/{asked['number']}").json()["state"] == "cancelled"


def test_a_service_that_is_away_and_dies_in_the_middle_finishes_when_it_is_back_and_counts_once(
    town: Town, mailbox: Mailbox, databases: Databases
) -> None:
    life = a_life(town)
    posts = databases.of("discussion").posts
    pattern = posts.find_one({"_id": life.answer})
    assert pattern is not None
    posts.insert_many(
        [{**pattern, "_id": str(ObjectId()), "text": f"Number {number}"} for number in range(6_000)]
    )
    asked = Signed(town, mailbox, life.zebedee.email).ask(life.zebedee.handle, remove_texts=True).json()
    discussion = town.node["discussion"]
    discussion.stop()
    let_time_pass(databases, asked["erasure"])
    address = f"{town.url}/erasure-receipts/{asked['number']}"
    eventually(lambda: len(httpx2.get(address).json()["receipts"]) == 2)
    assert httpx2.get(address).json()["state"] == "begun"
    erasing = databases.of("discussion").erasing
    discussion.start()
    for pieces in (1, 4):
        eventually(lambda: (erasing.find_one({"_id": life.zebedee.id}) or {"pieces": 0})["pieces"] > pieces)  # noqa: B023 - asked at once
        discussion.kill()
        assert httpx2.get(address).json()["state"] == "begun"
        discussion.start()
        discussion.wait_ready()
    done = receipts(town, asked["number"])
    (receipt,) = [one for one in done["receipts"] if one["service"] == "discussion"]
    assert receipt["erased"]["posts"] == 6_003
    assert databases.naming(life.zebedee.words) == set()


def test_the_audit_log_still_verifies(
    town: Town, monkeypatch: pytest.MonkeyPatch, module_environment: Mapping[str, str]
) -> None:
    del town
    for name, value in module_environment.items():
        monkeypatch.setenv(name, value)
    verify(None)
